import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { eventually } from './streams.js';

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));
/** Ends one that hangs. Of several workers one starts before the others, and a machine may have other suites to run. */
const START_MILLISECONDS = 180_000;
/** The whole greeting, with or without demo accounts; log lines may follow it in the same breath. */
const WELCOME = /^MaaS is ready on (\S+)$(?:[^{]*\n\n(?:\{|(?![^]))|[^]*"stream":true\}'\n\n)/m;
/** What it says where it takes its database to be away. */
const WAITING = /^MaaS listens on (\S+)$[^{]*\n\n(?:\{|(?![^]))/m;

/** How a process ended. */
export interface Ending {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The platform as an operator runs it: the built program, in a process of its own. */
export interface MaasProcess {
  readonly url: string;
  readonly pid: number;
  /** The secret of the set-up link that it printed. */
  readonly setupSecret: string | undefined;
  /** Everything that it wrote until now. */
  output(): string;
  /**
   * What it wrote, as soon as that matches: lines of the log are written beside the answers, on another thread, and so may
   * come after them.
   */
  wrote(pattern: RegExp): Promise<readonly string[]>;
  signal(name: NodeJS.Signals): void;
  readonly ended: Promise<Ending>;
}

/** Runs the program until it ends. */
export function runMaas(environment: Record<string, string>): Promise<Ending> {
  return launch(environment).ended;
}

/**
 * Starts the program on a free port and waits until it says that it is ready: then it knows all that its database has. On a
 * machine that is busy it may listen before that, for a while, as one whose database is away.
 */
export function startMaas(environment: Record<string, string>): Promise<MaasProcess> {
  return startUntil(WELCOME, environment);
}

/** Starts the program where its database is away, and waits until it says that it waits for it. */
export function startMaasWithoutDatabase(environment: Record<string, string>): Promise<MaasProcess> {
  return startUntil(WAITING, environment);
}

async function startUntil(greeting: RegExp, environment: Record<string, string>): Promise<MaasProcess> {
  const { child, stdout, stderr, ended } = launch({ PORT: '0', HOST: '127.0.0.1', ...environment });
  const ready = new Promise<string>((resolve) => {
    child.stdout?.on('data', () => {
      const [, url] = greeting.exec(stdout()) ?? [];
      if (url !== undefined) resolve(url);
    });
  });
  const late = setTimeout(() => child.kill('SIGKILL'), START_MILLISECONDS);
  const url = await Promise.race([ready, ended.then(() => undefined)]);
  clearTimeout(late);
  if (url === undefined)
    throw new Error(`the process ended, or was given up, before it was ready:\n${stdout()}${stderr()}`);
  const output = () => stdout() + stderr();
  return {
    url,
    pid: child.pid ?? 0,
    setupSecret: /\/setup#(\S+)/.exec(stdout())?.[1],
    output,
    wrote: async (pattern) => {
      const found = () => output().match(pattern);
      await eventually(() => found() !== null, `the process writes ${pattern}`);
      return found() ?? [];
    },
    signal: (name) => child.kill(name),
    ended,
  };
}

interface Launched {
  readonly child: ChildProcess;
  stdout(): string;
  stderr(): string;
  readonly ended: Promise<Ending>;
}

const running = new Set<ChildProcess>();

function launch(environment: Record<string, string>): Launched {
  if (!existsSync(main)) throw new Error('apps/api/dist is not built; `npm test` does it');
  // Nothing of this process' own environment but the path: a test must not depend on the machine.
  // Nor on how much else it has to do: a late event loop is the concern of the suite of overload alone.
  const env = { PATH: process.env['PATH'] ?? '', MAX_EVENT_LOOP_DELAY: '1h', ...environment };
  const child = spawn(process.execPath, [main], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  const written = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => (written[name] += text));
  }
  const ended = new Promise<Ending>((resolve) => {
    child.once('close', (code) => {
      running.delete(child);
      resolve({ code, ...written });
    });
  });
  return { child, stdout: () => written.stdout, stderr: () => written.stderr, ended };
}

/** Ends whatever a failed test left running. */
export function killAll(): void {
  for (const child of running) child.kill('SIGKILL');
}

/** A database without any table, as an operator's is before the first start. To be dropped by `dropTestDatabase`. */
export async function createEmptyDatabase(adminUrl: string): Promise<string> {
  const name = `maas_${randomBytes(6).toString('hex')}_test`;
  const admin = new pg.Client({ connectionString: adminUrl });
  await admin.connect();
  try {
    await admin.query(`CREATE DATABASE ${name}`);
  } finally {
    await admin.end();
  }
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  return url.href;
}

/** What a process answered, read as JSON where it is JSON. */
export interface Answer<Body> {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: Body;
}

export async function call<Body = unknown>(
  { url }: Pick<MaasProcess, 'url'>,
  path: string,
  { token, method, body }: { token?: string; method?: string; body?: object } = {},
): Promise<Answer<Body>> {
  const response = await fetch(`${url}${path}`, {
    method: method ?? (body ? 'POST' : 'GET'),
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body ? { 'content-type': 'application/json' } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  const text = await response.text();
  const json =
    text !== '' && response.headers.get('content-type')?.includes('json') ? (JSON.parse(text) as Body) : undefined;
  return { status: response.status, headers: response.headers, text, body: json as Body };
}

/**
 * Resolves when each of some processes lets somebody in without limits: what is changed at one of them acts in the others
 * within a second, and later where the machine is busy.
 */
export async function eventuallyUnlimited(processes: readonly MaasProcess[], token: string): Promise<void> {
  for (const where of processes) {
    const isUnlimited = async () => {
      const { status, headers } = await call(where, '/v1/chat/completions', { token, method: 'HEAD' });
      return status === 200 && ['requests', 'tokens'].every((of) => !headers.has(`x-ratelimit-limit-${of}`));
    };
    await eventually(isUnlimited, `${where.url} knows somebody who has no limits`);
  }
}

/** A chat completion's body. */
export const chat = (fields: object = {}) => ({
  model: 'simulator',
  messages: [{ role: 'user', content: 'Hello' }],
  ...fields,
});
