import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSimulator } from '@maas/simulator/server';
import type { CreatedToken } from '@maas/contracts/tokens';
import type { LoginResult } from '@maas/contracts/auth';
import type { ErrorBody } from '@maas/contracts/errors';
import { createTestDatabase } from '@maas/database/test-database';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createApp, listen } from '../src/app.js';
import { type Config, readConfig } from '../src/config.js';
import { isDatabaseUnavailable } from '../src/database/database-error.js';
import { install } from '../src/installation/install.js';
import { UsageRecorder } from '../src/usage/usage-recorder.service.js';
import { TurnedClock } from './turned-clock.js';

export const PASSWORD = 'a-password-for-tests';

/** An answer of the API, read as JSON where it is JSON. */
export interface Answer<Body = unknown> {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: Body;
}

export interface CallOptions {
  method?: string;
  token?: string;
  /** An object is sent as JSON, a string or bytes as they are. */
  body?: object | string | Uint8Array<ArrayBuffer>;
  headers?: Record<string, string>;
}

/**
 * The real application on a database of its own, with the simulator behind it and a clock that the test turns.
 * One at a time in a process: passport's strategies are global.
 */
export interface Harness {
  readonly url: string;
  readonly databaseUrl: string;
  readonly clock: TurnedClock;
  readonly nest: NestFastifyApplication;
  call<Body = unknown>(path: string, options?: CallOptions): Promise<Answer<Body>>;
  /** The identity token of a demo account, or of another local account. */
  login(username: string, password?: string): Promise<string>;
  /** An access token of a demo account. */
  accessToken(username: string): Promise<string>;
  /** Calls the administration as the demo administrator. */
  admin<Body = unknown>(path: string, options?: CallOptions): Promise<Answer<Body>>;
  /** Registers a model that the given backend serves, open to all tiers unless said otherwise. */
  addModel(id: string, backendUrl: string, fields?: object): Promise<void>;
  /** Resolves when all usage that was recorded is in the database. */
  flushUsage(): Promise<void>;
  stop(): Promise<void>;
}

export async function startHarness(environment: Record<string, string> = {}): Promise<Harness> {
  const adminUrl = process.env['MAAS_TEST_POSTGRES'];
  if (adminUrl === undefined) throw new Error('The suites run by `npm test`, which starts their PostgreSQL');
  const dataDir = mkdtempSync(join(tmpdir(), 'maas-test-'));
  const database = await createTestDatabase(adminUrl);
  const simulator = createSimulator();
  await simulator.listen(0, '127.0.0.1');
  const config = readConfig({
    PORT: '0',
    HOST: '127.0.0.1',
    LOG_LEVEL: 'silent',
    MAAS_DATA_DIR: dataDir,
    MAAS_DEMO_PASSWORD: PASSWORD,
    SIMULATOR_URL: simulator.url,
    LOGIN_ATTEMPTS_PER_MINUTE: '1000',
    CONTROL_REQUESTS_PER_MINUTE: '100000',
    DRAIN_TIMEOUT: '5s',
    ...environment,
  });
  const clock = new TurnedClock();
  const { nest, app } = await startApp(config, database.url, clock).catch(async (error: unknown) => {
    // What is left open would keep the suite from ending.
    await simulator.close();
    throw error;
  });
  const call = <Body>(path: string, options?: CallOptions) => send<Body>(`${app.url}${path}`, options);
  const client = clientOf(call, () => clock.now());
  return {
    url: app.url,
    databaseUrl: database.url,
    clock,
    nest,
    call,
    ...client,
    flushUsage: () => nest.get(UsageRecorder).flush(),
    stop: async () => {
      await app.close();
      await simulator.close();
      await database.drop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** `createApp` on a machine that is very busy, where a database can seem to be away: who starts the platform tries again then. */
export function createAppPatiently(
  config: Config,
  databaseUrl: string,
  clock: TurnedClock,
): ReturnType<typeof createApp> {
  return createApp(config, databaseUrl, clock).catch((error: unknown) => {
    if (isDatabaseUnavailable(error)) return createApp(config, databaseUrl, clock);
    throw error;
  });
}

async function startApp(config: Config, databaseUrl: string, clock: TurnedClock) {
  const nest = await createAppPatiently(config, databaseUrl, clock);
  await install(nest, config, true);
  return { nest, app: await listen(nest, config) };
}

type Call = Harness['call'];

function clientOf(call: Call, now: () => number): Pick<Harness, 'login' | 'accessToken' | 'admin' | 'addModel'> {
  let adminToken: { readonly token: Promise<string>; readonly at: number } | undefined;
  const login = async (username: string, password = PASSWORD) => {
    const answer = await call<LoginResult>('/maas-api/v1/login', { method: 'POST', body: { username, password } });
    if (answer.status !== 200) throw new Error(`${username} cannot sign in: ${answer.text}`);
    return answer.body.token;
  };
  const admin = async <Body>(path: string, options: CallOptions = {}) => {
    // A sign-in ends after hours of the turned clock.
    if (!adminToken || now() - adminToken.at > 3_600_000) adminToken = { token: login('admin'), at: now() };
    return call<Body>(`/maas-api/v1/admin${path}`, { token: await adminToken.token, ...options });
  };
  return {
    login,
    admin,
    accessToken: async (username) => {
      const token = await login(username);
      const answer = await call<CreatedToken>('/maas-api/v1/tokens', { method: 'POST', token });
      return answer.body.token;
    },
    addModel: async (id, backendUrl, fields = {}) => {
      const tiers = ['free', 'premium', 'enterprise'];
      const body = { id, name: id, tiers, backends: [{ url: backendUrl }], ...fields };
      const answer = await admin('/models', { method: 'POST', body });
      if (answer.status !== 201) throw new Error(`the model ${id} was not registered: ${answer.text}`);
    },
  };
}

async function send<Body>(url: string, { method, token, body, headers = {} }: CallOptions = {}): Promise<Answer<Body>> {
  const isJson = typeof body === 'object' && !(body instanceof Uint8Array);
  const response = await fetch(url, {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(isJson ? { 'content-type': 'application/json' } : {}),
      ...headers,
    },
    ...(body === undefined ? {} : { body: isJson ? JSON.stringify(body) : body }),
    redirect: 'manual',
  });
  const text = await response.text();
  const json = response.headers.get('content-type')?.includes('json') && text !== '';
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: (json ? JSON.parse(text) : undefined) as Body,
  };
}

/** The error of an answer, or a failure that shows what came instead. */
export function errorOf(answer: Answer): ErrorBody['error'] {
  const { error } = (answer.body ?? {}) as Partial<ErrorBody>;
  if (!error) throw new Error(`an error was expected, got ${answer.status} ${answer.text.slice(0, 200)}`);
  return error;
}

/** A chat completion's body, answered at once by the simulator. */
export function chat(content: string, fields: object = {}): object {
  return { model: 'simulator', messages: [{ role: 'user', content }], ...fields };
}
