import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { AuditEntry } from '@maas/contracts/auth';
import type { SystemHealth } from '@maas/contracts/health';
import type { Model, ModelList } from '@maas/contracts/models';
import { type FakeModel, startFakeModel } from './fake-model.js';
import { isWatch, refusing, startWatchableCluster, type WatchableCluster } from './fake-kubernetes-watch.js';
import { chat, errorOf, type Harness, startHarness } from './harness.js';
import { inferenceService, llmInferenceService } from './kserve-objects.js';
import { eventually } from './streams.js';

let cluster: WatchableCluster;
let backend: FakeModel;
let maas: Harness;
let token: string;
let origin: string;

const models = async () => (await maas.call<ModelList>('/v1/models', { token })).body.data;
const listed = async (id: string) => (await models()).find((model) => model.id === id);
const read = (id: string) => maas.admin<Model>(`/models/${id}`);
const part = async () => (await maas.admin<SystemHealth>('/health')).body.parts.cluster;
const source = async () => (await part()).sources.find((each) => each.source === 'models');
const problems = async () => (await source())?.problems ?? [];
const soon = eventually;
const appears = (id: string) => soon(async () => (await read(id)).status === 200, `${id} appears`);
const vanishes = (id: string) => soon(async () => (await read(id)).status === 404, `${id} vanishes`);
const isReady = (id: string, ready = true) =>
  soon(async () => (await listed(id))?.ready === ready, `${id} is ${ready ? '' : 'not '}ready`);
const isWatched = () => eventually(() => cluster.watches === 2, 'both kinds are watched');

beforeAll(async () => {
  [cluster, backend] = await Promise.all([startWatchableCluster(), startFakeModel()]);
  origin = backend.url.replace(/\/v1$/, '');
  maas = await startHarness({ KSERVE_DISCOVERY: 'true', KUBERNETES_CLUSTER: cluster.kubeconfig });
  token = await maas.accessToken('premium');
  await isWatched();
});
afterEach(() => cluster.intercept(undefined));
afterAll(async () => {
  await maas.stop();
  await Promise.all([cluster.close(), backend.close()]);
});

describe('a model of the cluster', () => {
  it('appears, becomes ready, changes its tiers and vanishes, as its object does', async () => {
    const apply = (fields: object) =>
      cluster.history.apply(llmInferenceService({ name: 'life', url: origin, ...fields }));
    apply({ ready: false, tiers: '["premium"]' });
    await appears('life');
    expect((await read('life')).body).toMatchObject({
      tiers: ['premium'],
      ownedBy: 'llm',
      ready: false,
      discovery: {
        kind: 'LLMInferenceService',
        namespace: 'llm',
        name: 'life',
        ready: false,
        note: expect.stringContaining('not ready'),
      },
    });
    await isReady('life', false);
    apply({ tiers: '["premium"]' });
    await isReady('life');
    apply({ tiers: '["enterprise"]' });
    await soon(async () => (await listed('life')) === undefined, 'premium may no longer use it');
    cluster.history.remove('LLMInferenceService', 'llm', 'life');
    await vanishes('life');
  });

  it('is answered by the backend that its object names, without the credential of the caller', async () => {
    cluster.history.apply(llmInferenceService({ name: 'served', url: `${origin}/llm/served`, tiers: '[]' }));
    await isReady('served');
    backend.seen.splice(0);
    const answer = await maas.call('/v1/chat/completions', { token, body: chat('Hello', { model: 'served' }) });
    expect([answer.status, backend.seen.map(({ url }) => url)]).toEqual([200, ['/llm/served/v1/chat/completions']]);
    expect(backend.seen[0]?.headers.authorization).toBeUndefined();
    expect(JSON.parse(backend.seen[0]?.body ?? '')).toMatchObject({ model: 'served' });
  });

  it('does not stand in the way of others, whatever is written in it', async () => {
    const annotations = { 'openshift.io/display-name': `a\0${'b'.repeat(198)}🙂`, 'openshift.io/description': '\0' };
    cluster.history.apply(llmInferenceService({ name: 'odd', url: origin, tiers: '["no\\u0000ne"]', annotations }));
    cluster.history.apply(llmInferenceService({ name: 'next', url: origin }));
    await Promise.all([appears('odd'), appears('next')]);
    expect((await read('odd')).body.name).toBe(`a${'b'.repeat(198)}\uFFFD`);
    const odd = async () => (await problems()).find(({ object }) => object.endsWith('/odd'))?.problem;
    await soon(async () => (await odd())?.includes('must be a JSON list') === true, 'its tiers are refused');
  });

  it('may be an InferenceService, whose server calls it otherwise', async () => {
    const args = ['--model_name=llama3'];
    cluster.history.apply(inferenceService({ name: 'isvc', url: origin, tiers: '[]', format: 'huggingface', args }));
    await isReady('isvc');
    backend.seen.splice(0);
    await maas.call('/v1/chat/completions', { token, body: chat('Hello', { model: 'isvc' }) });
    expect(backend.seen.map(({ url, body }) => [url, (JSON.parse(body) as { model: string }).model])).toEqual([
      ['/openai/v1/chat/completions', 'llama3'],
    ]);
  });

  it('that is not ready gets no requests', async () => {
    cluster.history.apply(llmInferenceService({ name: 'sleepy', url: origin, tiers: '[]', ready: false }));
    await isReady('sleepy', false);
    backend.seen.splice(0);
    const answer = await maas.call('/v1/chat/completions', { token, body: chat('Hello', { model: 'sleepy' }) });
    expect([answer.status, backend.seen]).toEqual([503, []]);
  });

  it('stays ready while KServe has yet to look at a change, and a new one does not begin so', async () => {
    const scaled = (name: string, replicas: number, fields: object = {}) =>
      cluster.history.apply(llmInferenceService({ name, url: origin, tiers: '[]', replicas, ...fields }));
    scaled('scaled', 1);
    await isReady('scaled');
    scaled('scaled', 2);
    scaled('unseen', 1, { observedGeneration: 0 });
    await appears('unseen');
    const [old, fresh] = [(await read('scaled')).body, (await read('unseen')).body];
    expect([old.ready, old.discovery?.note]).toEqual([true, expect.stringContaining('newest specification')]);
    expect([fresh.ready, fresh.discovery?.ready]).toEqual([false, false]);
  });

  it('is open to all tiers by an empty list, also to those that come later', async () => {
    cluster.history.apply(llmInferenceService({ name: 'open', url: origin, tiers: '[]' }));
    cluster.history.apply(llmInferenceService({ name: 'wishful', url: origin, tiers: '["later"]' }));
    await appears('wishful');
    await soon(async () => JSON.stringify(await problems()).includes('there is no tier named later'), 'it is reported');
    await maas.admin('/tiers', { method: 'POST', body: { name: 'later', displayName: 'Later' } });
    await soon(async () => (await read('open')).body.tiers.includes('later'), 'it is open to the new tier');
    await soon(async () => String((await read('wishful')).body.tiers) === 'later', 'the tier that was missed is taken');
  });

  it('with an address that no backend may have is not connected to', async () => {
    cluster.history.apply(llmInferenceService({ name: 'metadata', url: 'http://169.254.169.254', tiers: '[]' }));
    await appears('metadata');
    const { ready, backends, discovery } = (await read('metadata')).body;
    expect([ready, backends]).toEqual([false, []]);
    expect(discovery?.note).toMatch(/metadata service.*UPSTREAM_ALLOWED_NETWORKS/);
  });

  it('is written into the audit log, by nobody in person', async () => {
    const { body } = await maas.admin<{ data: AuditEntry[] }>('/audit?targetId=life&limit=10');
    const deeds = body.data.map(({ action, actorName, actorId }) => [action, actorName, actorId]);
    expect(deeds.at(-1)).toEqual(['model.create', 'cluster', null]);
    expect(deeds[0]).toEqual(['model.delete', 'cluster', null]);
  });
});

describe('whose id is taken', () => {
  it('leaves it to the model that was registered by hand, and takes it when that is gone', async () => {
    await maas.addModel('handmade', backend.url);
    cluster.history.apply(llmInferenceService({ name: 'handmade', url: origin, tiers: '[]' }));
    await soon(async () => JSON.stringify(await problems()).includes('llm/handmade'), 'it is reported');
    expect((await read('handmade')).body).toMatchObject({ discovery: null, ownedBy: 'maas' });
    await maas.admin('/models/handmade', { method: 'DELETE' });
    await soon(async () => (await read('handmade')).body.discovery?.namespace === 'llm', 'it takes the id');
  });

  it('leaves it to the older object, and takes it when that is gone', async () => {
    const older = { creationTimestamp: '2026-01-01T00:00:00Z' };
    cluster.history.apply(llmInferenceService({ name: 'twin', namespace: 'one', url: origin, metadata: older }));
    cluster.history.apply(llmInferenceService({ name: 'twin', namespace: 'two', url: origin }));
    await soon(async () => JSON.stringify(await problems()).includes('two/twin'), 'the younger is reported');
    expect((await read('twin')).body.discovery?.namespace).toBe('one');
    cluster.history.remove('LLMInferenceService', 'one', 'twin');
    await soon(async () => (await read('twin')).body.discovery?.namespace === 'two', 'the younger takes the id');
  });
});

describe('what follows the cluster', () => {
  it('is not changed here, and the answer says where it is', async () => {
    cluster.history.apply(llmInferenceService({ name: 'fixed', url: origin, tiers: '[]' }));
    await appears('fixed');
    const backendId = (await read('fixed')).body.backends[0]?.id;
    const attempts: [string, string, object?][] = [
      ['PATCH', '/models/fixed', { name: 'Mine' }],
      ['DELETE', '/models/fixed'],
      ['POST', '/models/fixed/backends', { url: backend.url }],
      ['PATCH', `/models/fixed/backends/${backendId}`, { enabled: false }],
      ['DELETE', `/models/fixed/backends/${backendId}`],
    ];
    for (const [method, path, body] of attempts) {
      const answer = await maas.admin(path, { method, ...(body ? { body } : {}) });
      expect([path, answer.status]).toEqual([path, 409]);
      expect(errorOf(answer).message).toBe(
        'The model fixed follows the LLMInferenceService llm/fixed of the cluster; change it there',
      );
    }
    const again = await maas.admin('/models', { method: 'POST', body: { id: 'fixed', name: 'Mine' } });
    expect([again.status, errorOf(again).message]).toEqual([
      409,
      'There is a model with the id fixed already, found in the cluster (LLMInferenceService llm/fixed)',
    ]);
    expect((await read('fixed')).body).toMatchObject({ name: 'fixed', ready: true });
  });
});

describe('an API server', () => {
  it('that is away leaves everything in service, and what changed meanwhile comes when it is back', async () => {
    cluster.history.apply(llmInferenceService({ name: 'steady', url: origin, tiers: '[]' }));
    cluster.history.apply(llmInferenceService({ name: 'doomed', url: origin, tiers: '[]' }));
    await Promise.all([isReady('steady'), isReady('doomed')]);
    await cluster.stop();
    await soon(async () => (await part()).status === 'degraded', 'the health says so');
    expect((await part()).message).toMatch(/cannot be watched: .*What is known stays in service\./);
    const answer = await maas.call('/v1/chat/completions', { token, body: chat('Hello', { model: 'steady' }) });
    expect(answer.status).toBe(200);
    cluster.history.remove('LLMInferenceService', 'llm', 'doomed');
    // So long that its position is gone: all is listed again, and what is still there must not vanish meanwhile.
    cluster.history.compact();
    const before = (await read('steady')).body.version;
    await cluster.start();
    await vanishes('doomed');
    await isWatched();
    expect((await read('steady')).body).toMatchObject({ ready: true, version: before });
    await soon(async () => (await part()).status === 'ok', 'the health is well again');
  });

  it('that refuses is reported with the right that is missing', async () => {
    const { length } = cluster.seen;
    cluster.intercept(refusing(403, 'Forbidden', 'User "system:serviceaccount:maas:maas-api" cannot list resource'));
    cluster.cut();
    await eventually(() => cluster.seen.length > length, 'it is asked again');
    await soon(async () => (await part()).message.includes('refuses'), 'it is reported');
    const kinds = (await source())?.watched ?? [];
    expect(kinds.map(({ state }) => state)).toContain('forbidden');
    expect((await part()).message).toMatch(
      /give the ServiceAccount the verbs list and watch on (?:llm)?inferenceservices\.serving\.kserve\.io in all namespaces/,
    );
    cluster.intercept(undefined);
    await isWatched();
    await soon(async () => (await part()).status === 'ok', 'the health is well again');
  });

  it('is asked for both kinds, from where it was, with bookmarks', () => {
    const watches = cluster.seen.filter(isWatch);
    expect(new Set(watches.map(({ path }) => path))).toEqual(
      new Set([
        '/apis/serving.kserve.io/v1alpha1/llminferenceservices',
        '/apis/serving.kserve.io/v1beta1/inferenceservices',
      ]),
    );
    expect(watches.every(({ query }) => query.get('allowWatchBookmarks') === 'true')).toBe(true);
  });
});
