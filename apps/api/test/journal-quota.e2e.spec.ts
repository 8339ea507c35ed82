import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { SystemHealth } from '@maas/contracts/health';
import type { LoginResult } from '@maas/contracts/auth';
import pg from 'pg';
import { atATime } from './cluster.js';
import { type Exposition, parseExposition } from './exposition.js';
import { freePorts } from './free-ports.js';
import { PASSWORD } from './harness.js';
import { administer, becomes, infer, mint, OutageInstallation, setUp, unlimited } from './outage-installation.js';
import { call, type MaasProcess } from './process-maas.js';
import { eventually } from './streams.js';

const MIB = 1024 * 1024;
jest.setTimeout(120_000);

let installation: OutageInstallation;
let maas: MaasProcess;
let metricsPort: number;
/** Where the first process has its keys. */
let keys: string;
let identity: string;
/** Of a tier as the installation is set, and of one whose usage must not get lost. */
let lenient: string;
let strict: string;
let answered = 0;

const journal = async () =>
  (await call<{ usage: { journal: string } }>(maas, '/readyz')).body.usage.journal; // prettier-ignore
const scrape = async (): Promise<Exposition> =>
  parseExposition(await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text());
const share = (said: Exposition) =>
  (said.value('maas_usage_journal_bytes') ?? 0) / (said.value('maas_usage_journal_quota_bytes') ?? 0);

async function launch(folder: string, quota: number, fields: Record<string, string> = {}): Promise<void> {
  maas = await installation.start(folder, {
    USAGE_JOURNAL_QUOTA: String(quota),
    METRICS_PORT: String(metricsPort),
    LIMITS: 'process',
    ...fields,
  });
}

async function serve(token: string, count: number): Promise<void> {
  const answers = await atATime(count, 16, () => infer(maas, token));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  answered += count;
}

async function numberFrom(query: string): Promise<number> {
  const client = new pg.Client({ connectionString: installation.databaseUrl });
  await client.connect();
  const found = await client.query<{ number: number }>(query);
  await client.end();
  return found.rows[0]?.number ?? 0;
}

/** Adds what fits between two states of the journal, and waits until the process has looked at it, which it does now and then. */
async function grow(): Promise<void> {
  await serve(lenient, 100);
  const folder = join(keys, 'usage');
  const size = () => readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
  await eventually(
    async () => (await scrape()).value('maas_usage_journal_bytes') === size(),
    'the journal has been looked at',
    20_000,
  );
}

const rows = () => numberFrom('SELECT count(*)::int AS number FROM usage_event');
const refusals = () => numberFrom('SELECT sum(refused)::int AS number FROM usage_hourly');

/** Somebody of the strict tier is refused, and no backend has heard of it; everybody else is served. */
async function expectPolicies(): Promise<void> {
  const { requests } = installation.simulator.stats();
  const refused = await infer(maas, strict);
  expect([refused.status, refused.body.error?.code]).toEqual([503, 'service_unavailable']);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(installation.simulator.stats().requests).toBe(requests);
  await serve(lenient, 20);
}

beforeAll(async () => {
  installation = await OutageInstallation.create();
  [metricsPort = 0] = await freePorts(1);
  const folder = (keys = installation.folder());
  // What is kept for the operator counts too, and a test need not serve so many.
  mkdirSync(join(folder, 'usage'));
  writeFileSync(join(folder, 'usage', 'old.bad'), Buffer.alloc(0.7 * MIB));
  await launch(folder, MIB);
  identity = await setUp(maas);
  await administer(maas, identity, '/tiers/free', 'PATCH', unlimited);
  const tier = { name: 'strict', displayName: 'Strict', level: 5, groups: ['careful'], usageWhenUnwritable: 'refuse' };
  await administer(maas, identity, '/tiers', 'POST', tier);
  await administer(maas, identity, '/models/simulator', 'PATCH', { tiers: ['free', 'strict'] });
  await administer(maas, identity, '/users', 'POST', { username: 'careful', password: PASSWORD, groups: ['careful'] });
  lenient = await mint(maas, identity);
  const body = { username: 'careful', password: PASSWORD };
  strict = await mint(maas, (await call<LoginResult>(maas, '/maas-api/v1/login', { body })).body.token);
  await serve(strict, 1);
});
afterAll(() => installation.remove());

describe('a journal that grows while the database is away', () => {
  it('warns before its quota is reached: in the log, at the probe, on the health page, as a metric', async () => {
    expect(await journal()).toBe('ample');
    await installation.postgres.stop();
    await becomes(maas, '200 degraded');
    while ((await journal()) === 'ample') await grow();
    expect(await journal()).toBe('scarce');
    await maas.wrote(/The usage journal in .* holds .* of USAGE_JOURNAL_QUOTA/);
    const said = await scrape();
    expect(share(said)).toBeGreaterThanOrEqual(0.8);
    expect(said.value('maas_usage_journal_writable')).toBe(1);
    const { body } = await call<SystemHealth>(maas, '/maas-api/v1/admin/health', { token: identity });
    expect(body.parts.usage).toMatchObject({ status: 'degraded', journalQuotaBytes: MIB, journalWritable: true });
    await serve(strict, 1);
  });

  it('takes no more at its quota: who may lose nothing is refused, the others’ usage is in memory', async () => {
    while ((await journal()) === 'scarce') await grow();
    expect(await journal()).toBe('unwritable');
    const size = (await scrape()).value('maas_usage_journal_bytes');
    await expectPolicies();
    const said = await scrape();
    expect(said.value('maas_usage_journal_bytes')).toBe(size);
    expect(said.value('maas_usage_rows_at_risk')).toBeGreaterThanOrEqual(20);
    expect([said.value('maas_usage_journal_writable'), said.value('maas_usage_lost_rows_total')]).toEqual([0, 0]);
    const { body } = await call<SystemHealth>(maas, '/maas-api/v1/admin/health', { token: identity });
    expect(body.parts.usage).toMatchObject({ status: 'degraded', accepting: true });
    expect(body.parts.usage.message).toMatch(/USAGE_JOURNAL_QUOTA .* refused to strict/);
  });

  it('is delivered when the database is back, and everybody is served again', async () => {
    await installation.postgres.start();
    await becomes(maas, '200 ready');
    await eventually(async () => (await journal()) === 'ample', 'the journal has room', 20_000);
    await serve(strict, 1);
    await eventually(async () => (await rows()) === answered, 'every answer has its row', 20_000);
    await eventually(async () => (await refusals()) === 1, 'who was refused is in the reports', 20_000);
  });
});

/** Only root can have a disk of a size, and not in every container. */
function mountSmallDisk(path: string): boolean {
  mkdirSync(path, { recursive: true });
  return spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=128k', 'tmpfs', path]).status === 0;
}

const unmount = (path: string) => spawnSync('umount', ['-l', path]);

function canMount(): boolean {
  const path = mkdtempSync(join(tmpdir(), 'maas-disk-'));
  const mounted = mountSmallDisk(path);
  if (mounted) unmount(path);
  rmSync(path, { recursive: true });
  return mounted;
}

(canMount() ? describe : describe.skip)('a journal whose disk is full before its quota', () => {
  it('says so, and does the same', async () => {
    maas.signal('SIGTERM');
    await maas.ended;
    const data = join(installation.folder(), 'data');
    const disk = join(data, 'usage');
    expect(mountSmallDisk(disk)).toBe(true);
    try {
      await launch(data, 4096 * MIB, {
        SIGNING_KEYS_FILE: join(keys, 'signing-keys.json'),
        ENCRYPTION_KEY_FILE: join(keys, 'encryption-key'),
      });
      await installation.postgres.stop();
      await becomes(maas, '200 degraded');
      while ((await journal()) !== 'unwritable') await serve(lenient, 100);
      await maas.wrote(/ENOSPC/);
      await expectPolicies();
      await installation.postgres.start();
      await becomes(maas, '200 ready');
      await eventually(async () => (await journal()) === 'ample', 'the journal has room', 20_000);
      await serve(strict, 1);
      await eventually(async () => (await rows()) === answered, 'every answer has its row', 20_000);
    } finally {
      maas.signal('SIGKILL');
      await maas.ended;
      unmount(disk);
    }
  });
});
