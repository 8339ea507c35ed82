import { readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { CreatedToken } from '@maas/contracts/tokens';
import pg from 'pg';
import { PASSWORD } from './harness.js';
import {
  administer,
  becomes,
  infer,
  kill,
  mint,
  OutageInstallation,
  readiness,
  setUp,
  unlimited,
} from './outage-installation.js';
import { call, type MaasProcess } from './process-maas.js';
import { eventually } from './streams.js';

const CREDENTIAL = 'sk-canary-credential-91c2';

let installation: OutageInstallation;
let dataDir: string;
let maas: MaasProcess;
let identity: string;
let access: string;
let revoked: string;

beforeAll(async () => {
  installation = await OutageInstallation.create();
  dataDir = installation.folder();
  await installation.postgres.stop();
});
afterAll(() => installation.remove());

/** The id of the newest change that is in the snapshot. */
const kept = () => {
  const [header = '{}'] = readFileSync(join(dataDir, 'snapshot'), 'utf8').split('\n');
  return (JSON.parse(header) as { applied?: string }).applied;
};

async function query<Row extends object>(sql: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: installation.databaseUrl });
  await client.connect();
  const { rows } = await client.query<Row>(sql);
  await client.end();
  return rows;
}

const expectUnavailable = (answer: { status: number; headers: Headers; text: string }) => {
  expect([answer.status, answer.text]).toEqual([503, expect.stringContaining('service_unavailable')]);
  for (const name of ['retry-after', 'retry-after-ms']) expect(Number(answer.headers.get(name))).toBeGreaterThan(0);
};

describe('a process that starts while its database is away, without a snapshot', () => {
  it('lives, says that it is not ready, and answers 503 with retry-after to whatever needs to know somebody', async () => {
    maas = await installation.startWithoutDatabase(dataDir);
    expect((await call(maas, '/healthz')).status).toBe(200);
    expect((await call(maas, '/.well-known/jwks.json')).status).toBe(200);
    expect(await readiness(maas)).toBe('503 not ready');
    expectUnavailable(await infer(maas, 'eyJ.eyJ.sig'));
    expectUnavailable(await call(maas, '/v1/models', { token: 'eyJ.eyJ.sig' }));
    expectUnavailable(await call(maas, '/maas-api/v1/me', { token: 'eyJ.eyJ.sig' }));
    expectUnavailable(await call(maas, '/maas-api/v1/login', { body: { username: 'root', password: PASSWORD } }));
    await maas.wrote(/it does not exist/);
  });

  it('says once that the database is away, and of the rest what becomes of it', async () => {
    for (const context of ['Database', 'Limits', 'Snapshot']) await maas.wrote(new RegExp(`"context":"${context}"`));
    const lines = maas.output().match(/^\{"level":[456]0,.+$/gm) ?? [];
    const contexts = lines.map((line) => (JSON.parse(line) as { context: string }).context);
    // Without the pages, which are not built for this, and the requests before.
    const said = contexts.filter((context) => context !== 'Dashboard' && context !== 'Errors');
    expect(said.sort()).toEqual(['Database', 'Limits', 'Snapshot']);
  });

  it('migrates, installs and is ready within five seconds of its return', async () => {
    await installation.postgres.start();
    await becomes(maas, '200 ready');
    await maas.wrote(/\/setup#/);
    identity = await setUp(maas);
    const tiers = await administer(maas, identity, '/tiers', 'GET');
    expect(tiers.text).toContain('enterprise');
    access = await mint(maas, identity);
    expect((await infer(maas, access)).status).toBe(200);
  });
});

describe('the snapshot', () => {
  it('follows a change within seconds, for its owner alone, without a password or a credential in clear', async () => {
    const model = {
      id: 'sealed',
      name: 'Sealed',
      tiers: ['free'],
      backends: [{ url: installation.simulator.url, credential: CREDENTIAL }],
    };
    expect((await administer(maas, identity, '/models', 'POST', model)).status).toBe(201);
    const ended = await call<CreatedToken>(maas, '/maas-api/v1/tokens', { method: 'POST', token: identity });
    await call(maas, `/maas-api/v1/tokens/${ended.body.jti}`, { method: 'DELETE', token: identity });
    revoked = ended.body.token;
    const [last] = await query<{ seq: string }>('SELECT max(seq) AS seq FROM config_change');
    await eventually(() => kept() === last?.seq, 'the snapshot has the last change');
    const path = join(dataDir, 'snapshot');
    expect((statSync(path).mode & 0o777).toString(8)).toBe('600');
    const text = readFileSync(path, 'utf8');
    expect(text).toContain('"sealedCredential":"v1.');
    for (const secret of [CREDENTIAL, '$argon2', 'eyJ', PASSWORD, new URL(installation.databaseUrl).password]) {
      expect([secret, text.includes(secret)]).toEqual([secret, false]);
      const encoded = Buffer.from(secret).toString('base64').slice(0, -3);
      expect([secret, encoded.length > 8 && text.includes(encoded)]).toEqual([secret, false]);
    }
  });
});

describe('a process that starts while its database is away, with a snapshot', () => {
  it('serves inference from it within the limits, and refuses what was revoked', async () => {
    // Of which each of the four processes that there may be grants a part.
    const slow = { ...unlimited, requestsPerMinute: 12 };
    expect((await administer(maas, identity, '/tiers/free', 'PATCH', slow)).status).toBe(200);
    maas.signal('SIGTERM');
    expect((await maas.ended).code).toBe(0);
    await installation.postgres.kill();
    maas = await installation.startWithoutDatabase(dataDir);
    expect(await readiness(maas)).toBe('200 degraded');
    expect((await infer(maas, revoked)).status).toBe(401);
    const answers = [];
    for (let count = 0; count < 4; count += 1) answers.push((await infer(maas, access)).status);
    expect(answers).toEqual([200, 200, 200, 429]);
    const sealed = { model: 'sealed', messages: [{ role: 'user', content: 'Hello' }] };
    expect((await call(maas, '/v1/models', { token: access })).text).toContain('"sealed"');
    expect((await call(maas, '/v1/chat/completions', { token: access, body: sealed })).status).toBe(429);
  });

  it('answers 503 at once where the database is needed, and 200 where it is not', async () => {
    const began = performance.now();
    expectUnavailable(await call(maas, '/maas-api/v1/tokens', { method: 'POST', token: identity }));
    expectUnavailable(await administer(maas, identity, '/users', 'GET'));
    expectUnavailable(await call(maas, '/maas-api/v1/login', { body: { username: 'root', password: PASSWORD } }));
    // Waiting for a connection would take 5 s each.
    expect(performance.now() - began).toBeLessThan(12_000);
    const health = await administer(maas, identity, '/health', 'GET');
    expect(health.body).toMatchObject({ parts: { database: { status: 'down' } } });
  });

  it('is normal within five seconds of its return, and its usage is written, each answer once', async () => {
    await installation.postgres.start();
    await becomes(maas, '200 ready');
    await eventually(async () => {
      const [sum] = await query<{ rows: number; requests: number; tokens: number }>(
        `SELECT (SELECT count(*) FROM usage_event)::int AS rows, sum(requests)::int AS requests,
           sum(completion_tokens)::int AS tokens FROM usage_hourly`,
      );
      const { requests, tokens } = installation.simulator.stats();
      return sum?.rows === requests && sum.requests === requests && sum.tokens === tokens;
    }, 'the rows are what the simulator answered');
    expect((await administer(maas, identity, '/tiers/free', 'PATCH', unlimited)).status).toBe(200);
    expect((await infer(maas, access)).status).toBe(200);
  });
});

describe('a snapshot is not used, and the log says why,', () => {
  let untouched: string;
  let folders: string;

  beforeAll(async () => {
    maas.signal('SIGTERM');
    await maas.ended;
    await installation.postgres.stop();
    untouched = readFileSync(join(dataDir, 'snapshot'), 'utf8');
    folders = installation.folder();
  });

  const other = new URL('postgres://maas:x@127.0.0.1:1/other');
  it.each([
    ['when it was altered', 'altered', (text: string) => text.replace('"suspended":false', '"suspended":true '), {}],
    ['when it was cut off', 'not a whole one', (text: string) => text.slice(0, -9), {}],
    ['when it is too old', 'SNAPSHOT_MAX_AGE', (text: string) => text, { SNAPSHOT_MAX_AGE: '1ms' }],
    ['when it is of another database', 'DATABASE_URL names', (text: string) => text, { DATABASE_URL: other.href }],
    [
      'when it is of another installation',
      'another ENCRYPTION_KEY',
      (text: string) => text,
      { ENCRYPTION_KEY: `local:${randomBytes(32).toString('base64')}` },
    ],
  ])('%s', async (name, why, change, fields: Record<string, string>) => {
    const folder = join(folders, name.replaceAll(' ', '-'));
    await cp(dataDir, folder, { recursive: true });
    writeFileSync(join(folder, 'snapshot'), change(untouched));
    const refused = await installation.startWithoutDatabase(folder, fields);
    expect(await readiness(refused)).toBe('503 not ready');
    expectUnavailable(await infer(refused, access));
    await refused.wrote(new RegExp(why));
    expect(refused.output()).not.toContain('v1.local');
    await kill(refused);
  });

  it('but is when nothing of that holds', async () => {
    utimesSync(join(dataDir, 'snapshot'), 0, 0);
    const restored = await installation.startWithoutDatabase(dataDir);
    expect(await readiness(restored)).toBe('200 degraded');
    expect((await infer(restored, access)).status).toBe(200);
    await kill(restored);
  });
});
