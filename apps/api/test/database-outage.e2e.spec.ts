import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { CreatedToken } from '@maas/contracts/tokens';
import pg from 'pg';
import { type DatabaseGate, startDatabaseGate } from './journal-gate.js';
import { Traffic } from './journal-traffic.js';
import {
  administer,
  becomes,
  infer,
  kill,
  mint,
  OutageInstallation,
  RECOVERY,
  setUp,
  unlimited,
} from './outage-installation.js';
import { call, type MaasProcess } from './process-maas.js';
import { eventually, openAnswer } from './streams.js';

/** An answer that says at once that something cannot be done, on a machine that is busy. */
const AT_ONCE = 3000;
/** In which a server that stands still is found out, on a machine that is busy. */
const FOUND_OUT = 30_000;

let installation: OutageInstallation;
let gate: DatabaseGate;
let folder: string;
let otherFolder: string;
let one: MaasProcess;
/** Its database is behind the gate. */
let other: MaasProcess;
let identity: string;
let access: string;
let traffic: Traffic[] = [];

const settingsOfOther = () => ({
  DATABASE_URL: gate.url,
  SIGNING_KEYS_FILE: join(folder, 'signing-keys.json'),
  ENCRYPTION_KEY_FILE: join(folder, 'encryption-key'),
});
const startOther = (fields: Record<string, string> = {}) =>
  installation.start(otherFolder, { ...settingsOfOther(), ...fields });
/** While the database is away. */
const startOtherFromSnapshot = () => installation.startWithoutDatabase(otherFolder, settingsOfOther());

beforeAll(async () => {
  installation = await OutageInstallation.create();
  gate = await startDatabaseGate(installation.databaseUrl);
  [folder, otherFolder] = [installation.folder(), installation.folder()];
  one = await installation.start(folder);
  identity = await setUp(one);
  await administer(one, identity, '/tiers/free', 'PATCH', unlimited);
  access = await mint(one, identity);
  other = await startOther();
  // It is killed later, and has to have written it by then.
  await eventually(() => existsSync(join(otherFolder, 'snapshot')), 'the other one has a snapshot');
});
afterEach(async () => {
  gate.open();
  installation.postgres.thaw();
  await installation.postgres.start();
  await Promise.all(traffic.map((each) => each.stop()));
  traffic = [];
});
afterAll(async () => {
  await gate.close();
  await installation.remove();
});

async function query<Row extends object>(sql: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: installation.databaseUrl });
  await client.connect();
  const { rows } = await client.query<Row>(sql);
  await client.end();
  return rows;
}

/** Each answer that a client has got has one row, and rows and sums are what the simulator has answered. */
async function expectExactUsage(received: readonly { id: string }[]): Promise<void> {
  await eventually(
    async () => {
      const { requests, tokens } = installation.simulator.stats();
      const [sum] = await query<Record<'rows' | 'requests' | 'tokens' | 'produced', number>>(
        `SELECT (SELECT count(*) FROM usage_event)::int AS rows,
           (SELECT sum(completion_tokens) FROM usage_event)::int AS produced,
           sum(requests)::int AS requests, sum(completion_tokens)::int AS tokens FROM usage_hourly`,
      );
      return sum?.rows === requests && sum.requests === requests && sum.tokens === tokens && sum.produced === tokens;
    },
    'the rows are what the simulator answered',
    10_000,
  );
  const rows = await query<{ id: string }>('SELECT id FROM usage_event');
  const written = new Set(rows.map(({ id }) => id));
  expect(written.size).toBe(rows.length);
  expect(received.filter(({ id }) => !written.has(id))).toEqual([]);
}

/** Asks for what needs the database. */
const tryToMint = async (maas: MaasProcess) => {
  const began = performance.now();
  const answer = await call<{ error?: { code: string } }>(maas, '/maas-api/v1/tokens', {
    method: 'POST',
    token: identity,
  });
  return { ...answer, milliseconds: performance.now() - began };
};

/** From now on each attempt is answered with 503 at once. */
async function expectRefusedAtOnce(maas: MaasProcess): Promise<void> {
  const attempts = await Promise.all(Array.from({ length: 30 }, () => tryToMint(maas)));
  for (const { status, body, headers, milliseconds } of attempts) {
    expect([status, body.error?.code]).toEqual([503, 'service_unavailable']);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    expect(milliseconds).toBeLessThan(AT_ONCE);
  }
}

/** Whatever is asked for: it is answered, or the answer says that the database is away. */
async function expectNoSurprise(maas: MaasProcess): Promise<void> {
  const { paths } = (await call<{ paths: Record<string, object> }>(maas, '/docs/openapi.json')).body;
  const asked = Object.keys(paths).filter((path) => 'get' in (paths[path] ?? {}) && path.startsWith('/maas-api'));
  expect(asked.length).toBeGreaterThan(20);
  const surprises: string[] = [];
  for (const path of asked) {
    const began = performance.now();
    const filled = path.replaceAll(/\{\w+\}/g, '01a1ffbf-d87b-7105-a522-000000000001');
    const { status, text, headers } = await call(maas, filled, { token: identity });
    const isSaid = status === 503 && text.includes('service_unavailable') && headers.has('retry-after');
    if (!(status < 500 || isSaid) || performance.now() - began > AT_ONCE) surprises.push(`${path} ${status} ${text}`);
  }
  expect(surprises).toEqual([]);
}

const clients = (maas: () => MaasProcess) => {
  const started = new Traffic(maas, access, 6);
  traffic.push(started);
  return started;
};

describe('while PostgreSQL is killed under load', () => {
  it('inference goes on, whatever needs it says so at once, and not a row is lost or written twice', async () => {
    const busy = clients(() => one);
    // Streams that begin before the loss and end after it.
    const streams = await Promise.all(
      Array.from({ length: 10 }, () =>
        openAnswer(`${one.url}/v1/chat/completions`, access, {
          model: 'simulator',
          messages: [{ role: 'user', content: 'Hello' }],
          stream: true,
          simulator: { tokens: 100, token_ms: 40 },
        }),
      ),
    );
    await eventually(() => busy.received.length > 100, 'there is load');
    await installation.postgres.kill();
    const before = busy.received.length;
    await becomes(one, '200 degraded');
    await expectRefusedAtOnce(one);
    await expectNoSurprise(one);
    await becomes(other, '200 degraded');
    // A process that is killed and started again meanwhile serves from the snapshot.
    await kill(other);
    other = await startOtherFromSnapshot();
    await becomes(other, '200 degraded');
    const restarted = clients(() => other);
    await eventually(() => restarted.received.length > 100, 'the process that was started again has answered');
    await eventually(() => busy.received.length > before + 300, 'the other one has gone on');
    const texts = await Promise.all(streams.map(({ rest }) => rest()));
    await installation.postgres.start();
    await Promise.all([becomes(one, '200 ready'), becomes(other, '200 ready')]);
    await eventually(async () => (await tryToMint(one)).status === 201, 'tokens are issued again');
    await eventually(async () => (await tryToMint(other)).status === 201, 'tokens are issued again');
    await Promise.all([busy.stop(), restarted.stop()]);
    const received = [...busy.received, ...restarted.received];
    expect(received.filter(({ status }) => status !== 200)).toEqual([]);
    expect([busy.broken, restarted.broken]).toEqual([0, 0]);
    for (const text of texts) expect(text.endsWith('data: [DONE]\n\n')).toBe(true);
    const ids = streams.map(({ message }) => ({ id: String(message.headers['x-request-id']) }));
    await expectExactUsage([...received, ...ids]);
  });
});

describe('while PostgreSQL stands still and does not say so', () => {
  it('inference goes on, whatever needs it is refused within seconds and then at once', async () => {
    const busy = clients(() => one);
    await eventually(() => busy.received.length > 50, 'there is load');
    installation.postgres.freeze();
    const first = await tryToMint(one);
    expect([first.status, first.body.error?.code]).toEqual([503, 'service_unavailable']);
    expect(first.milliseconds).toBeLessThan(FOUND_OUT);
    await becomes(one, '200 degraded', FOUND_OUT);
    await expectRefusedAtOnce(one);
    const before = busy.received.length;
    await eventually(() => busy.received.length > before + 200, 'inference goes on');
    installation.postgres.thaw();
    await becomes(one, '200 ready');
    await eventually(async () => (await tryToMint(one)).status === 201, 'tokens are issued again');
    await busy.stop();
    expect(busy.received.every(({ status }) => status === 200)).toBe(true);
    await becomes(other, '200 ready');
    await expectExactUsage(busy.received);
  });

  it('so that a process that starts meanwhile serves from the snapshot', async () => {
    installation.postgres.freeze();
    await kill(other);
    other = await startOtherFromSnapshot();
    await becomes(other, '200 degraded');
    expect((await infer(other, access)).status).toBe(200);
    installation.postgres.thaw();
    await Promise.all([becomes(one, '200 ready'), becomes(other, '200 ready')]);
  });
});

describe('a process that is given MAX_STALENESS', () => {
  it('refuses inference with 503 once it was cut off for longer, and serves again within seconds of its return', async () => {
    // Longer than a busy machine is late.
    const cautious = await startOther({ MAX_STALENESS: '6s' });
    await becomes(cautious, '200 ready');
    expect((await infer(cautious, access)).status).toBe(200);
    gate.cut();
    await becomes(cautious, '200 degraded');
    expect((await infer(cautious, access)).status).toBe(200);
    await becomes(cautious, '503 not ready');
    const refused = await infer(cautious, access);
    expect([refused.status, refused.body.error?.code]).toEqual([503, 'service_unavailable']);
    expect(refused.headers.get('retry-after')).toBe('2');
    expect(refused.headers.get('retry-after-ms')).toBe('2000');
    gate.open();
    await becomes(cautious, '200 ready');
    expect((await infer(cautious, access)).status).toBe(200);
    await kill(cautious);
  });
});

describe.each(['cut', 'freeze'] as const)('a process that was cut off from its database (%s)', (how) => {
  it('knows of a revocation, a tier and a model elsewhere soon after its return', async () => {
    const ended = (await call<CreatedToken>(one, '/maas-api/v1/tokens', { method: 'POST', token: identity })).body;
    await eventually(async () => (await infer(other, ended.token)).status === 200, 'the token is good');
    gate[how]();
    await becomes(other, '200 degraded', FOUND_OUT);
    await call(one, `/maas-api/v1/tokens/${ended.jti}`, { method: 'DELETE', token: identity });
    const requestsPerMinute = how === 'cut' ? 100_001 : 100_002;
    await administer(one, identity, '/tiers/free', 'PATCH', { requestsPerMinute });
    const model = { id: how, name: 'New', tiers: ['free'], backends: [{ url: installation.simulator.url }] };
    expect((await administer(one, identity, '/models', 'POST', model)).status).toBe(201);
    expect((await infer(one, ended.token)).status).toBe(401);
    // What it cannot know yet.
    expect((await infer(other, ended.token)).status).toBe(200);
    gate.open();
    const knows = async () => {
      const { headers } = await call(other, '/v1/chat/completions', { method: 'HEAD', token: access });
      return (
        (await infer(other, ended.token)).status === 401 &&
        headers.get('x-ratelimit-limit-requests') === String(requestsPerMinute) &&
        (await call(other, '/v1/models', { token: access })).text.includes(`"${how}"`)
      );
    };
    await eventually(knows, 'it knows all three', RECOVERY);
    await becomes(other, '200 ready');
  });
});

describe('when a failover leaves what is open to the database dead without a word', () => {
  it('a process knows of a revocation, saves and writes usage again within seconds, and inference goes on', async () => {
    await becomes(other, '200 ready');
    const ended = (await call<CreatedToken>(one, '/maas-api/v1/tokens', { method: 'POST', token: identity })).body;
    await eventually(async () => (await infer(other, ended.token)).status === 200, 'the token is good');
    const isRecorded = async (answer: { headers: Headers }) => {
      const id = answer.headers.get('x-request-id');
      return (await query(`SELECT FROM usage_event WHERE id = '${id}'`)).length === 1;
    };
    const before = await infer(other, access);
    await eventually(() => isRecorded(before), 'usage is written');
    // So that all connections that there may be are open: one that is made by chance would be answered.
    await Promise.all(Array.from({ length: 20 }, () => tryToMint(other)));
    gate.strand();
    await call(one, `/maas-api/v1/tokens/${ended.jti}`, { method: 'DELETE', token: identity });
    const during = await infer(other, access);
    expect(during.status).toBe(200);
    await eventually(async () => (await infer(other, ended.token)).status === 401, 'it knows of it', RECOVERY);
    await eventually(async () => (await tryToMint(other)).status === 201, 'tokens are issued again', RECOVERY);
    await eventually(() => isRecorded(during), 'usage is written again', RECOVERY);
    await other.wrote(/as after a failover/);
    await becomes(other, '200 ready');
  });
});
