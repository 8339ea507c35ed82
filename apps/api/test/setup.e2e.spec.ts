import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { LoginResult, Me } from '@maas/contracts/auth';
import type { ErrorBody } from '@maas/contracts/errors';
import { createTestDatabase, type TestDatabase } from '@maas/database/test-database';
import { type App, listen } from '../src/app.js';
import { UsersService } from '../src/auth/users.service.js';
import { type Config, readConfig } from '../src/config.js';
import { DatabaseService } from '../src/database/database.service.js';
import { install } from '../src/installation/install.js';
import { ModelsService } from '../src/models/models.service.js';
import { createAppPatiently, PASSWORD } from './harness.js';
import { TurnedClock } from './turned-clock.js';

const HOUR = 3_600_000;
const USED = {
  message: 'This set-up link is used, too old or not valid; start the server again to get a new one',
  type: 'permission_error',
  code: 'access_denied',
};

let app: App;
let config: Config;
let clock: TurnedClock;
let database: TestDatabase;
let dataDir: string;
/** What the start of the process printed. */
let secret: string;

/** Another one in each test, since attempts are counted by account. */
let username: string;
let tests = 0;

beforeEach(() => {
  username = `root-${(tests += 1)}`;
});

/** An installation with a database of its own, without accounts, as one that `DATABASE_URL` gives. */
async function start(): Promise<void> {
  database = await createTestDatabase(process.env['MAAS_TEST_POSTGRES'] ?? '');
  dataDir = mkdtempSync(join(tmpdir(), 'maas-setup-'));
  config = readConfig({
    PORT: '0',
    HOST: '127.0.0.1',
    LOG_LEVEL: 'silent',
    MAAS_DATA_DIR: dataDir,
    SIMULATOR_URL: 'http://127.0.0.1:9/v1',
    LOGIN_ATTEMPTS_PER_MINUTE: '8',
  });
  clock = new TurnedClock();
  const nest = await createAppPatiently(config, database.url, clock);
  const installed = await install(nest, config, false);
  secret = installed.setupSecret ?? '';
  app = await listen(nest, config);
}

async function stop(): Promise<void> {
  await app.close();
  await database.drop();
  await rm(dataDir, { recursive: true });
}

const client = () => app.nest.get(DatabaseService).client;
const startAgain = async () => (await install(app.nest, config, false)).setupSecret;

async function call<Body>(path: string, init: RequestInit = {}): Promise<{ status: number; body: Body }> {
  const response = await fetch(`${app.url}${path}`, init);
  return { status: response.status, body: (await response.json()) as Body };
}

const setup = (fields: object = {}) =>
  call<LoginResult & ErrorBody>('/maas-api/v1/setup', {
    method: 'POST',
    body: JSON.stringify({ secret, username, password: PASSWORD, ...fields }),
  });

const me = (token: string) => call<Me>('/maas-api/v1/me', { headers: { authorization: `Bearer ${token}` } });

describe('the set-up link', () => {
  beforeAll(start);
  beforeEach(async () => {
    await client().$executeRaw`DELETE FROM app_user`;
    await client().$executeRaw`DELETE FROM setup_link`;
    secret = (await startAgain()) ?? '';
  });
  afterAll(stop);

  it('makes the first administrator, signed in', async () => {
    expect(secret).toMatch(/^[\w-]{32}$/);
    const { status, body } = await setup();
    expect(status).toBe(201);
    const { body: person } = await me(body.token);
    expect(person).toMatchObject({ username, role: 'admin', provider: 'local', tier: { name: 'free' } });
    const users = await call('/maas-api/v1/admin/users', { headers: { authorization: `Bearer ${body.token}` } });
    expect(users.status).toBe(200);
    const entry = await client().auditEntry.findFirst({ where: { targetId: person.id } });
    expect(entry).toMatchObject({ actorName: 'set-up link', targetId: person.id, address: '127.0.0.1' });
    expect(entry?.requestId).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('has a secret of 192 random bits, of which the database keeps the SHA-256 alone', async () => {
    expect(Buffer.from(secret, 'base64url')).toHaveLength(24);
    const links = JSON.stringify(await client().setupLink.findMany());
    expect(links).not.toContain(secret);
    expect(links).toMatch(/[0-9a-f]{64}/);
  });

  it('works once', async () => {
    expect((await setup()).status).toBe(201);
    const { status, body } = await setup({ username: 'second' });
    expect([status, body.error]).toEqual([403, USED]);
    expect(await client().user.count()).toBe(1);
  });

  it('works for an hour, to the millisecond', async () => {
    clock.turn(HOUR);
    expect((await setup()).status).toBe(403);
    expect(await client().user.count()).toBe(0);
    clock.turn(-1);
    expect((await setup()).status).toBe(201);
  });

  it('works with its own secret only, and answers alike for a wrong, a used and an old one', async () => {
    for (const wrong of ['x', `${secret}x`, secret.slice(0, -1), secret.toUpperCase(), `${secret} `]) {
      // Another account each time: it is not the throttle that refuses.
      const { status, body } = await setup({ secret: wrong, username: `root${wrong.length}` });
      expect([status, body.error]).toEqual([403, USED]);
    }
    expect((await setup()).status).toBe(201);
  });

  it('makes one administrator of those who use it at once', async () => {
    const answers = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((name) => setup({ username: name })));
    expect(answers.map(({ status }) => status).sort((a, b) => a - b)).toEqual([201, 403, 403, 403, 403]);
    expect(await client().user.count()).toBe(1);
  });

  it('makes one administrator when several links are used at once', async () => {
    const secrets = [secret, await startAgain(), await startAgain()];
    const answers = await Promise.all(secrets.map((one, index) => setup({ secret: one, username: `root${index}` })));
    expect(answers.map(({ status }) => status).sort((a, b) => a - b)).toEqual([201, 403, 403]);
    expect(await client().user.count({ where: { role: 'admin' } })).toBe(1);
  });

  it('is not used up by what cannot be meant', async () => {
    for (const [fields, param] of [
      [{ secret: undefined, username: 'a' }, 'secret'],
      [{ secret: '', username: 'b' }, 'secret'],
      [{ username: 'a b' }, 'username'],
      [{ username: '' }, 'username'],
      [{ username: 'c', password: 'too short' }, 'password'],
      [{ username: 'd', password: 'p'.repeat(257) }, 'password'],
    ] as const) {
      const { status, body } = await setup(fields);
      expect([status, body.error.param]).toEqual([400, param]);
    }
    expect((await setup()).status).toBe(201);
  });

  it('is not used up by a username that is taken', async () => {
    const person = { username: 'taken', password: PASSWORD, role: 'user' as const, groups: [] };
    await app.nest.get(UsersService).create({ username: 'test' }, person);
    const { status, body } = await setup({ username: 'taken' });
    expect([status, body.error.code]).toEqual([409, 'conflict']);
    expect((await setup()).status).toBe(201);
  });

  it('cannot be guessed at any speed', async () => {
    for (let guess = 0; guess < 8; guess += 1) expect((await setup({ secret: `guess ${guess}` })).status).toBe(403);
    const { status, body } = await setup({ secret: 'one more' });
    expect([status, body.error.code]).toEqual([429, 'rate_limit_exceeded']);
  });
});

describe('a start', () => {
  beforeEach(start);
  afterEach(stop);

  it('offers a new link as long as there is no administrator, and none from then on', async () => {
    const again = await startAgain();
    expect(again).toMatch(/^[\w-]{32}$/);
    expect(again).not.toBe(secret);
    await setup({ secret: again });
    expect(await startAgain()).toBeUndefined();
    // The links before it are worth nothing any more.
    expect((await setup({ username: 'late' })).status).toBe(403);
  });

  it('offers a link while every administrator is suspended', async () => {
    await setup();
    await client().user.updateMany({ data: { suspendedAt: new Date(clock.now()) } });
    expect(await startAgain()).toBeDefined();
  });

  it('offers a link to an installation whose users are no administrators', async () => {
    const person = { username: 'user', password: PASSWORD, role: 'user' as const, groups: [] };
    await app.nest.get(UsersService).create({ username: 'test' }, person);
    expect(await startAgain()).toBeDefined();
  });

  it('finishes what an earlier one began and was cut off from', async () => {
    const whole = ['free', 'premium', 'enterprise'];
    // As it would be, had the process ended after the second tier or the first model.
    await client().tier.delete({ where: { name: 'enterprise' } });
    await client().model.delete({ where: { id: 'qwen3' } });
    await startAgain();
    const tiers = await client().tier.findMany({ orderBy: { level: 'asc' } });
    expect(tiers.map(({ name }) => name)).toEqual(whole);
    const models = await client().model.findMany({ orderBy: { id: 'asc' } });
    expect(models.map(({ id }) => id)).toEqual(['qwen3', 'simulator']);
  });

  it('finishes the demo accounts that an earlier one began, with one password for all of them', async () => {
    const person = { username: 'premium', password: 'a-password-that-nobody-saw', role: 'user' as const, groups: [] };
    await app.nest.get(UsersService).create({ username: 'installation' }, person);
    const { demoPassword } = await install(app.nest, config, true);
    for (const account of ['free', 'premium', 'enterprise', 'admin']) {
      const body = JSON.stringify({ username: account, password: demoPassword });
      expect((await call('/maas-api/v1/login', { method: 'POST', body })).status).toBe(200);
    }
    // Nothing is left to do, and nobody can be told the password again.
    expect(await install(app.nest, config, true)).toEqual({ demoPassword: undefined, setupSecret: undefined });
  });

  it('follows the simulator with what is as it came, says so in the audit log, and leaves alone what is not', async () => {
    const models = app.nest.get(ModelsService);
    const [, moved] = await client().backend.findMany({ orderBy: { id: 'asc' } });
    const url = 'https://models.example.com/v1';
    const root = { username: 'root' };
    await models.updateBackend(root, moved?.modelId ?? '', moved?.id ?? '', { url, credential: 'sk-real' });
    await install(app.nest, { ...config, SIMULATOR_URL: 'http://127.0.0.1:10/v1' }, false);
    const urls = (await client().backend.findMany({ orderBy: { id: 'asc' } })).map((backend) => backend.url);
    expect(urls).toEqual(['http://127.0.0.1:10/v1', url]);
    const [last] = await client().auditEntry.findMany({ where: { action: 'backend.update' }, orderBy: { id: 'desc' } });
    expect(last).toMatchObject({ actorName: 'installation', after: { url: 'http://127.0.0.1:10/v1' } });
  });

  it('does not bring back what an administrator deleted', async () => {
    const { body } = await setup();
    const headers = { authorization: `Bearer ${body.token}` };
    for (const path of ['tiers/premium', 'models/qwen3']) {
      const answer = await fetch(`${app.url}/maas-api/v1/admin/${path}`, { method: 'DELETE', headers });
      expect(answer.status).toBe(204);
    }
    await startAgain();
    expect(await client().tier.count()).toBe(2);
    expect(await client().model.count()).toBe(1);
  });
});
