import { randomBytes } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { LoginResult } from '@maas/contracts/auth';
import type { SystemHealth } from '@maas/contracts/health';
import type { Model } from '@maas/contracts/models';
import type { CreatedToken } from '@maas/contracts/tokens';
import { dropTestDatabase } from '@maas/database/test-database';
import { generateSigningKey } from '../src/auth/signing-keys.js';
import { isWatch, refusing, startWatchableCluster, type WatchableCluster } from './fake-kubernetes-watch.js';
import { type FakeModel, startFakeModel } from './fake-model.js';
import { chat, PASSWORD } from './harness.js';
import { inferenceService, llmInferenceService } from './kserve-objects.js';
import { call, createEmptyDatabase, killAll, type MaasProcess, runMaas, startMaas } from './process-maas.js';
import { eventually } from './streams.js';

let cluster: WatchableCluster;
let backend: FakeModel;
let databaseUrl: string;
let folder: string;
let settings: (role: string, name: string) => Record<string, string>;
let processes: MaasProcess[];
let admin: string;
let token: string;

const origin = () => backend.url.replace(/\/v1$/, '');
const apply = (name: string) => cluster.history.apply(llmInferenceService({ name, url: origin(), tiers: '[]' }));
const read = (where: MaasProcess, id: string) =>
  call<Model>(where, `/maas-api/v1/admin/models/${id}`, { token: admin });
const source = async (where: MaasProcess) =>
  (await call<SystemHealth>(where, '/maas-api/v1/admin/health', { token: admin })).body.parts.cluster.sources[0];
const asks = (where: MaasProcess, model: string) =>
  call(where, '/v1/chat/completions', { token, body: chat('Hello', { model }) });
const serves = (where: MaasProcess, model: string) =>
  eventually(async () => (await asks(where, model)).status === 200, `${model} is served`);

beforeAll(async () => {
  [cluster, backend] = await Promise.all([startWatchableCluster(), startFakeModel()]);
  databaseUrl = await createEmptyDatabase(process.env['MAAS_TEST_POSTGRES'] ?? '');
  folder = mkdtempSync(join(tmpdir(), 'maas-cluster-watch-'));
  const keys = join(folder, 'signing-keys.json');
  writeFileSync(keys, JSON.stringify({ keys: [await generateSigningKey()] }));
  const key = `first:${randomBytes(32).toString('base64')}`;
  settings = (role, name) => ({
    MAAS_ROLE: role,
    DATABASE_URL: databaseUrl,
    MAAS_DATA_DIR: join(folder, name),
    SIGNING_KEYS_FILE: keys,
    ENCRYPTION_KEY: key,
    KSERVE_DISCOVERY: 'true',
    // A gateway has no right in the cluster, nor needs one.
    KUBERNETES_CLUSTER: role === 'gateway' ? join(folder, 'nothing') : cluster.kubeconfig,
  });
  const first = await startMaas(settings('api', 'one'));
  const body = { secret: first.setupSecret, username: 'root', password: PASSWORD };
  admin = (await call<LoginResult>(first, '/maas-api/v1/setup', { body })).body.token;
  const unlimited = { requestsPerMinute: null, tokensPerMinute: null };
  await call(first, '/maas-api/v1/admin/tiers/free', { method: 'PATCH', token: admin, body: unlimited });
  const minted = await call<CreatedToken>(first, '/maas-api/v1/tokens', { method: 'POST', token: admin });
  token = minted.body.token;
  processes = [first, await startMaas(settings('api', 'two')), await startMaas(settings('gateway', 'three'))];
});
afterAll(async () => {
  for (const each of processes ?? []) each.signal('SIGTERM');
  await Promise.all((processes ?? []).map(({ ended }) => ended));
  killAll();
  await Promise.all([cluster.close(), backend.close()]);
  await dropTestDatabase(databaseUrl);
  await rm(folder, { recursive: true, force: true });
});

it('one process watches, another takes over when it is killed, and a gateway serves what they find', async () => {
  const [first, second, gateway] = processes as [MaasProcess, MaasProcess, MaasProcess];
  apply('before');
  await serves(gateway, 'before');
  await eventually(() => cluster.watches === 2, 'one process watches both kinds');
  const watcher = async () => (await source(second))?.process?.split(':').at(-1);
  // It says so after what it found is in service.
  await eventually(async () => (await watcher()) === String(first.pid), 'it is the first one');
  first.signal('SIGKILL');
  await first.ended;
  apply('after');
  await serves(gateway, 'after');
  await eventually(async () => (await watcher()) === String(second.pid), 'the other one watches');
  await eventually(() => cluster.watches === 2, 'alone');
});

it('a restart without the API server leaves what was known in service, and follows on when it is back', async () => {
  const [, second, gateway] = processes as [MaasProcess, MaasProcess, MaasProcess];
  second.signal('SIGTERM');
  await second.ended;
  await cluster.stop();
  cluster.history.remove('LLMInferenceService', 'llm', 'after');
  const again = await startMaas(settings('api', 'one'));
  processes.push(again);
  // Where the start took its time, it is told before that nobody watches.
  const told = async () => (await source(again))?.message ?? '';
  const cannot = /cannot be watched.*What is known stays in service/;
  await eventually(async () => cannot.test(await told()), 'it says that it cannot watch');
  expect((await source(again))?.status).toBe('degraded');
  expect((await asks(gateway, 'before')).status).toBe(200);
  expect((await read(again, 'after')).body.ready).toBe(true);
  await cluster.start();
  await eventually(async () => (await read(again, 'after')).status === 404, 'what is gone vanishes');
  expect((await asks(gateway, 'before')).status).toBe(200);
  expect(cluster.seen.filter(isWatch).length).toBeGreaterThan(0);
});

it('an id stays with what a process that has just started cannot see, though another kind wants it', async () => {
  const [, , gateway, last] = processes as [MaasProcess, MaasProcess, MaasProcess, MaasProcess];
  last.signal('SIGTERM');
  await last.ended;
  const refuse = refusing(403, 'Forbidden', 'no');
  cluster.intercept((request, response) => request.path.includes('/llminference') && refuse(request, response));
  const metadata = { creationTimestamp: '2026-01-01T00:00:00Z' };
  cluster.history.apply(inferenceService({ name: 'before', url: origin(), tiers: '[]', metadata }));
  const again = await startMaas(settings('api', 'one'));
  processes.push(again);
  const refused = async () => (await source(again))?.problems.map(({ problem }) => problem).join() ?? '';
  await eventually(async () => /llm\/before, which cannot be seen/.test(await refused()), 'it is refused');
  expect((await read(again, 'before')).body.discovery?.kind).toBe('LLMInferenceService');
  expect((await asks(gateway, 'before')).status).toBe(200);
  cluster.intercept(undefined);
  await eventually(async () => /llm\/before, which is in service/.test(await refused()), 'its own is seen again');
});

it('a kubeconfig that is no use is told at the start, by the name of its setting', async () => {
  const { code, stdout, stderr } = await runMaas({
    ...settings('api', 'four'),
    PORT: '0',
    KUBERNETES_CLUSTER: join(folder, 'nothing'),
  });
  expect(code).toBe(1);
  expect(stdout + stderr).toContain('KUBERNETES_CLUSTER names a kubeconfig that cannot be used: ENOENT');
});
