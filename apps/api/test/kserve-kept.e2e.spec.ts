import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { AuditEntry } from '@maas/contracts/auth';
import type { SystemHealth } from '@maas/contracts/health';
import type { Model } from '@maas/contracts/models';
import pg from 'pg';
import { ChangeFeedService } from '../src/database/change-feed.service.js';
import { DatabaseService } from '../src/database/database.service.js';
import { MetricsServer } from '../src/metrics/metrics-server.service.js';
import { DiscoveredModels } from '../src/models/discovered-models.service.js';
import { parseExposition } from './exposition.js';
import { refusing, startWatchableCluster, type WatchableCluster } from './fake-kubernetes-watch.js';
import { type FakeModel, startFakeModel } from './fake-model.js';
import { chat, type Harness, startHarness } from './harness.js';
import { llmInferenceService } from './kserve-objects.js';
import { eventually } from './streams.js';

/** Milliseconds; on a quiet machine it is a fraction of a second. */
const SOON = 20_000;

let cluster: WatchableCluster;
let backend: FakeModel;
let maas: Harness;
let token: string;
let origin: string;

jest.setTimeout(120_000);

const settings = () => ({ KSERVE_DISCOVERY: 'true', KUBERNETES_CLUSTER: cluster.kubeconfig, METRICS_PORT: '0' });
const apply = (name: string, fields: object = {}) =>
  cluster.history.apply({ ...llmInferenceService({ name, url: origin, tiers: '["premium"]' }), ...fields });
const read = (id: string) => maas.admin<Model>(`/models/${id}`);
const soon = (holds: () => Promise<boolean>, what: string) => eventually(holds, what, SOON);
const vanishes = (id: string) => soon(async () => (await read(id)).status === 404, `${id} vanishes`);
const isReady = (id: string, ready = true) =>
  soon(async () => (await read(id)).body?.ready === ready, `${id} is ${ready ? '' : 'not '}ready`);
const noteOf = async (id: string) => (await read(id)).body.discovery?.note ?? '';
const isNoted = (id: string, what: RegExp) => soon(async () => what.test(await noteOf(id)), `${id}: ${what}`);
const ask = async (model: string) =>
  (await maas.call('/v1/chat/completions', { token, body: chat('Hello', { model }) })).status;
const problems = async () =>
  (await maas.admin<SystemHealth>('/health')).body.parts.cluster.sources.flatMap((source) => source.problems);
const metric = async (name: string, labels: Record<string, string> = {}) => {
  const { text } = await fetch(`${maas.nest.get(MetricsServer).url}/metrics`).then(async (all) => ({ text: await all.text() })); // prettier-ignore
  return parseExposition(text).sum(name, labels);
};

beforeAll(async () => {
  [cluster, backend] = await Promise.all([startWatchableCluster(), startFakeModel()]);
  origin = backend.url.replace(/\/v1$/, '');
  maas = await startHarness(settings());
  await maas.admin('/tiers/premium', { method: 'PATCH', body: { requestsPerMinute: null, tokensPerMinute: null } });
  token = await maas.accessToken('premium');
});
afterEach(() => {
  cluster.intercept(undefined);
  jest.restoreAllMocks();
});
afterAll(async () => {
  await maas.stop();
  await Promise.all([cluster.close(), backend.close()]);
});

describe('an object that cannot be read any more', () => {
  it.each([
    ['of a form that is not known', { spec: { model: ['other'] } }, /spec\.model: /],
    ['whose status is of another version', { status: { conditions: { Ready: 'True' } } }, /status\.conditions: /],
    ['that wants an id that no model may have', { spec: { model: { name: '../x' } } }, /cannot be the id of a model/],
  ])('because it is one %s leaves its model in service, and the reason is shown', async (_, parts, reason) => {
    const warn = jest.spyOn(Logger.prototype, 'warn');
    apply('kept');
    await isReady('kept');
    apply('kept', parts);
    await isNoted('kept', reason);
    expect([(await read('kept')).body.ready, await ask('kept')]).toEqual([true, 200]);
    expect(await noteOf('kept')).toContain('until it can be read, what could be read last stays in service');
    await soon(async () => (await problems()).some(({ problem }) => reason.test(problem)), 'the health page says so');
    expect(await metric('maas_cluster_objects', { source: 'models', state: 'refused' })).toBe(1);
    expect(warn.mock.calls.map(String).filter((line) => reason.test(line))).toHaveLength(1);
    cluster.history.remove('LLMInferenceService', 'llm', 'kept');
    await vanishes('kept');
    await soon(async () => (await metric('maas_cluster_objects', { state: 'refused' })) === 0, 'nothing is refused');
  });

  it('is followed again when it can be read', async () => {
    apply('mended');
    await isReady('mended');
    apply('mended', { spec: { model: 7 } });
    await isNoted('mended', /spec\.model/);
    cluster.history.apply(llmInferenceService({ name: 'mended', url: origin, ready: false, observedGeneration: 9 }));
    await isReady('mended', false);
    expect(await noteOf('mended')).toMatch(/KServe says that it is not ready/);
  });

  it('keeps its tiers where those alone cannot be read, and a new one has none', async () => {
    apply('misspelt');
    await isReady('misspelt');
    cluster.history.apply(llmInferenceService({ name: 'misspelt', url: origin, tiers: 'enterprise' }));
    cluster.history.apply(llmInferenceService({ name: 'fresh', url: origin, tiers: 'enterprise' }));
    await isNoted('misspelt', /must be a JSON list of tiers/);
    await isNoted('fresh', /must be a JSON list of tiers/);
    expect([(await read('misspelt')).body.tiers, await ask('misspelt')]).toEqual([['premium'], 200]);
    expect((await read('fresh')).body.tiers).toEqual([]);
  });

  it('keeps its id from others, and is not another one of the same name', async () => {
    apply('holder');
    await isReady('holder');
    apply('holder', { spec: { model: 7 } });
    await isNoted('holder', /spec\.model/);
    const claim = llmInferenceService({ name: 'holder', namespace: 'other', url: origin });
    cluster.history.apply(claim);
    await soon(async () => (await problems()).some(({ object }) => object.endsWith('other/holder')), 'it is reported');
    expect((await read('holder')).body.discovery?.namespace).toBe('llm');
    cluster.history.remove('LLMInferenceService', 'llm', 'holder');
    apply('holder', { spec: { model: 7 } });
    await soon(async () => (await read('holder')).body.discovery?.namespace === 'other', 'the other takes the id');
  });

  it('and is being deleted gets no more requests', async () => {
    apply('leaving');
    await isReady('leaving');
    const { metadata } = llmInferenceService({ name: 'leaving' });
    const deletionTimestamp = '2026-11-20T09:00:00Z';
    apply('leaving', { metadata: { ...metadata, deletionTimestamp }, spec: 'unreadable' });
    await isReady('leaving', false);
    expect(await noteOf('leaving')).toBe('It is being deleted');
  });
});

describe('an id that is in service', () => {
  const older = { creationTimestamp: '2026-01-01T00:00:00Z' };
  const isRefused = (object: string, why: RegExp) =>
    soon(
      async () => (await problems()).some((each) => each.object === object && why.test(each.problem)),
      `${object} is refused`,
    );

  it('is not taken over by an object that is older, whoever made it', async () => {
    apply('serving');
    await isReady('serving');
    cluster.history.apply(
      llmInferenceService({ name: 'late', namespace: 'other', model: 'serving', url: origin, metadata: older }),
    );
    await isRefused('LLMInferenceService other/late', /that of LLMInferenceService llm\/serving, which is in service/);
    expect((await read('serving')).body.discovery?.namespace).toBe('llm');
    cluster.history.remove('LLMInferenceService', 'llm', 'serving');
    await soon(async () => (await read('serving')).body.discovery?.namespace === 'other', 'the other takes the id');
  });
});

describe('what was changed here while nothing was looked for', () => {
  it('is as the cluster says again, in the audit log too: one backend, its weight, no credential', async () => {
    apply('restored');
    await isReady('restored');
    const warn = jest.spyOn(Logger.prototype, 'warn');
    const { client } = maas.nest.get(DatabaseService);
    const at = { createdAt: new Date(), updatedAt: new Date() };
    const added = ['0199aaaa-0000-7000-8000-000000000001', '01980000-0000-7000-8000-000000000002'];
    // As another process does that was started without the discovery.
    await maas.nest.get(ChangeFeedService).change({ topic: 'models', key: 'restored' }, async (transaction) => {
      const data = { modelId: 'restored', url: 'http://10.0.0.9/v1', sealedCredential: null, ...at };
      for (const id of added) await transaction.backend.create({ data: { ...data, id } });
    });
    await soon(async () => (await read('restored')).body.backends.length === 1, 'one backend is left');
    const { body } = await read('restored');
    expect(body).toMatchObject({ name: 'restored', enabled: true, ready: true });
    expect(body.backends).toMatchObject([{ url: `${origin}/v1`, weight: 1, enabled: true, hasCredential: false }]);
    expect(await client.backend.count({ where: { modelId: 'restored' } })).toBe(1);
    expect(warn.mock.calls.join()).toMatch(/restored follows .* again: 2 of its backends, which were added here/);
    const { data } = (await maas.admin<{ data: AuditEntry[] }>('/audit?targetId=restored&limit=5')).body;
    expect(data[0]).toMatchObject({ action: 'model.update', actorName: 'cluster' });
    const counts = [data[0]?.before, data[0]?.after].map((model) => (model as Model).backends.length);
    expect(counts).toEqual([3, 1]);
    await maas.nest
      .get(ChangeFeedService)
      .change({ topic: 'models', key: 'restored' }, (transaction) =>
        transaction.backend.updateMany({ where: { modelId: 'restored' }, data: { weight: 7 } }),
      );
    await soon(async () => (await read('restored')).body.backends[0]?.weight === 1, 'its weight is as before');
  });
});

describe('a process that has lost its lead', () => {
  it('writes nothing of what it still wanted to', async () => {
    apply('fenced');
    await isReady('fenced');
    const { client } = maas.nest.get(DatabaseService);
    const models = maas.nest.get(DiscoveredModels);
    const known = (await models.known()).get('fenced');
    const [leader] = await client.$queryRaw<{ pid: number; lock: bigint }[]>`
      SELECT pid, classid::bigint << 32 | objid::bigint AS lock FROM pg_locks JOIN pg_stat_activity USING (pid)
      WHERE locktype = 'advisory' AND application_name = 'maas-leader' AND datname = current_database()`;
    // Another one waits for its lock, and has it as soon as its connection breaks, which it knows when it uses that again.
    const other = new pg.Client({ connectionString: maas.databaseUrl });
    await other.connect();
    const isTaken = other.query('SELECT pg_advisory_lock($1)', [leader?.lock]);
    await client.$queryRaw`SELECT pg_terminate_backend(${leader?.pid}::int)`;
    await isTaken;
    await expect(models.forget('fenced')).rejects.toThrow('another process watches the cluster now');
    if (!known?.discovery) throw new Error('it is known');
    const { kind, namespace, name: objectName, uid } = known.discovery;
    const stale = { id: 'fenced', kind: kind as 'LLMInferenceService', namespace, objectName, uid, tiers: [] };
    const wanted = {
      ...stale,
      name: 'Stale',
      description: null,
      url: null,
      upstreamModel: null,
      note: null,
      ready: false,
    };
    await expect(models.keep(wanted, known)).rejects.toThrow('another process watches the cluster now');
    expect(await client.model.findUnique({ where: { id: 'fenced' } })).toMatchObject({ name: 'fenced' });
    await other.end();
    apply('led-again');
    await isReady('led-again');
  });
});

describe('what an operator sees of the watching', () => {
  it('is who watches, when something was heard, what is followed and how it fails', async () => {
    await maas.stop();
    maas = await startHarness(settings());
    await soon(async () => (await metric('maas_cluster_leader')) === 1, 'it leads');
    await soon(async () => (await metric('maas_cluster_objects', { state: 'followed' })) > 0, 'objects are followed');
    cluster.intercept(refusing(403, 'Forbidden', 'no'));
    cluster.cut();
    const failed = (kind: string) => metric('maas_cluster_watch_errors_total', { source: 'models', kind });
    await soon(async () => (await failed('forbidden')) > 0, 'it is refused');
    const before = await metric('maas_cluster_watch_age_seconds');
    maas.clock.turn(200_000);
    expect((await metric('maas_cluster_watch_age_seconds')) - before).toBeGreaterThanOrEqual(200);
    cluster.intercept(undefined);
    await soon(async () => (await metric('maas_cluster_watch_age_seconds')) < 200, 'it is heard of again');
  });
});
