import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { LoginResult } from '@maas/contracts/auth';
import type { SystemHealth } from '@maas/contracts/health';
import type { Model } from '@maas/contracts/models';
import { createTestDatabase, type TestDatabase } from '@maas/database/test-database';
import { generateSigningKey, parseKeySet, rotate } from '../src/auth/signing-keys.js';
import { PASSWORD } from './harness.js';
import { call, killAll, type MaasProcess, startMaas } from './process-maas.js';
import { eventually } from './streams.js';

const LOOKS_MILLISECONDS = 60_000;

let database: TestDatabase;
let first: MaasProcess;
let admin: string;
const folders: string[] = [];

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'maas-keys-'));
  folders.push(path);
  return path;
}

const start = (dataDir: string, fields: Record<string, string> = {}) =>
  startMaas({ DATABASE_URL: database.url, MAAS_DATA_DIR: dataDir, METRICS_PORT: '0', ...fields });

async function problems(where: MaasProcess): Promise<number> {
  const [, url = ''] = await where.wrote(/Metrics are at (\S+)\/metrics/);
  const { text } = await call({ url }, '/metrics');
  return Number(/^maas_key_problems (\d+)$/m.exec(text)?.[1]);
}

async function keysOf(where: MaasProcess): Promise<SystemHealth['parts']['keys']> {
  return (await call<SystemHealth>(where, '/maas-api/v1/admin/health', { token: admin })).body.parts.keys;
}

beforeAll(async () => {
  database = await createTestDatabase(process.env['MAAS_TEST_POSTGRES'] ?? '');
  first = await start(folder());
  const body = { secret: first.setupSecret, username: 'root', password: PASSWORD };
  admin = (await call<LoginResult>(first, '/maas-api/v1/setup', { body })).body.token;
});
afterAll(async () => {
  killAll();
  await database.drop();
  for (const path of folders) await rm(path, { recursive: true });
});

describe('processes on one database', () => {
  let backendId: string | undefined;

  it('find nothing wrong with keys that they share', async () => {
    const model = {
      id: 'sealed',
      name: 'Sealed',
      tiers: ['free'],
      backends: [{ url: 'http://127.0.0.1:9/v1', credential: 'sk-canary-31d7' }],
    };
    const created = await call<Model>(first, '/maas-api/v1/admin/models', { token: admin, body: model });
    backendId = created.body.backends[0]?.id;
    const second = await start(folders[0] ?? '');
    expect(await keysOf(second)).toMatchObject({ status: 'ok', problems: 0 });
    expect(await problems(second)).toBe(0);
    second.signal('SIGKILL');
    await second.ended;
  });

  it('say at the start which keys of others they do not have, and which credential cannot be opened for it', async () => {
    const stranger = await start(folder());
    await stranger.wrote(/Another process \(from .+\) on this database signs tokens with a key .+ SIGNING_KEYS_FILE/);
    await stranger.wrote(/Another process \(from .+\) on this database seals credentials with a key .+ ENCRYPTION_KEY/);
    await stranger.wrote(
      new RegExp(`Backend ${backendId} of sealed is left out: a credential cannot be opened with the key local`),
    );
    expect(stranger.output()).not.toContain('canary');
    expect(await problems(stranger)).toBe(3);
    await eventually(async () => (await keysOf(first)).problems === 2, 'the other says so', LOOKS_MILLISECONDS);
    expect(await keysOf(first)).toMatchObject({
      status: 'degraded',
      message: expect.stringContaining('Give both the same SIGNING_KEYS_FILE'),
    });
    stranger.signal('SIGKILL');
    await stranger.ended;
    await eventually(async () => (await keysOf(first)).status === 'ok', 'that is over', LOOKS_MILLISECONDS);
  });

  it('may know more keys than those that are used, as while keys are changed', async () => {
    const [shared = ''] = folders;
    const ahead = folder();
    const signing = parseKeySet(readFileSync(join(shared, 'signing-keys.json'), 'utf8'), 'keys');
    const rotated = rotate(signing, await generateSigningKey(), Math.floor(Date.now() / 1000), 86_400);
    writeFileSync(join(ahead, 'signing-keys.json'), JSON.stringify({ keys: rotated }));
    const sealing = readFileSync(join(shared, 'encryption-key'), 'utf8').trim();
    const rotating = await start(ahead, { ENCRYPTION_KEY: `new:${randomBytes(32).toString('base64')},${sealing}` });
    expect(await problems(rotating)).toBe(0);
    expect(rotating.output()).not.toContain('Another process');
    rotating.signal('SIGKILL');
    await rotating.ended;
  });
});
