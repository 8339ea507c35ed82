import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ClusterApi, clusterApi } from '../src/kubernetes/cluster-api.js';
import { KubernetesFailure } from '../src/kubernetes/kubernetes-failure.js';
import { readEvents } from '../src/kubernetes/watch-event.js';
import { type WatchableCluster, refusing, startWatchableCluster } from './fake-kubernetes-watch.js';
import { inferenceService, llmInferenceService } from './kserve-objects.js';
import { knownPart, type Manifest } from './manifest-files.js';

const CONFIG_MAPS = '/api/v1/namespaces/maas/configmaps';
const SERVICES = '/apis/serving.kserve.io/v1beta1/inferenceservices';

let cluster: WatchableCluster;
let api: ClusterApi;
let answers: string[];

/** What the server sends, as it sends it. */
async function read(path: string): Promise<string> {
  const done = new AbortController();
  const chunks: Uint8Array[] = [];
  const { body } = await api.get(path, done.signal);
  for await (const chunk of body) chunks.push(chunk);
  done.abort();
  return Buffer.concat(chunks).toString();
}

beforeAll(async () => {
  cluster = await startWatchableCluster();
  api = await clusterApi(cluster.kubeconfig, 'KUBERNETES_CLUSTER');
  const metadata = { namespace: 'maas', name: 'tiers', annotations: { a: 'b' } };
  cluster.history.apply({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { tiers: '[]' } });
  cluster.history.apply({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { ...metadata, name: 'z' }, data: {} });
  answers = [await read(CONFIG_MAPS), await read(`${CONFIG_MAPS}?limit=1`)];
});
afterAll(() => cluster.close());

/** By the types that are made from the OpenAPI document of Kubernetes: what is not in there is left out. */
function expectKnown(object: unknown): void {
  // The types write an instant with its milliseconds.
  const text = JSON.stringify(object).replace(/(T\d\d:\d\d:\d\d)Z/g, '$1.000Z');
  expect(knownPart(object as Manifest)).toEqual(JSON.parse(text));
}

describe('the API server of these tests', () => {
  it('sends lists and their pages as Kubernetes describes them', () => {
    for (const answer of answers) expectKnown(JSON.parse(answer));
  });

  it('sends events whose objects are as Kubernetes describes them, bookmarks too', async () => {
    const text = await read(`${CONFIG_MAPS}?watch=true&resourceVersion=1000&timeoutSeconds=1`);
    const lines = text.trim().split('\n');
    const events = lines.map((line) => JSON.parse(line) as { type: string; object: object });
    expect(events.map(({ type }) => type)).toEqual(['ADDED', 'ADDED']);
    for (const { object } of events) expectKnown(object);
    const bookmark = cluster.history.bookmarkOf(CONFIG_MAPS) as { metadata: object };
    // The type of an object's metadata has no null for the time of creation, and the real server sends one.
    expectKnown({ ...bookmark, metadata: { ...bookmark.metadata, creationTimestamp: undefined } });
  });

  it('refuses as Kubernetes describes a Status, which is read', async () => {
    cluster.history.compact();
    const gone = await read(`${CONFIG_MAPS}?watch=true&resourceVersion=1`);
    expectKnown((JSON.parse(gone) as { object: object }).object);
    for await (const { type } of readEvents(bytesOf(gone))) expect(type).toBe('ERROR');
    expect(gone.split('\n')).toHaveLength(2);
    cluster.intercept(refusing(403, 'Forbidden', 'no'));
    await expect(read(CONFIG_MAPS)).rejects.toThrow(KubernetesFailure);
    cluster.intercept(undefined);
  });

  it('gives objects of KServe the metadata that Kubernetes describes', async () => {
    cluster.history.apply(inferenceService({ name: 'a', url: 'http://a', tiers: '[]' }));
    const { items, ...list } = JSON.parse(await read(SERVICES)) as { items: Manifest[] };
    expect(list).toMatchObject({ kind: 'InferenceServiceList', apiVersion: 'serving.kserve.io/v1beta1' });
    const other = llmInferenceService({ name: 'b', tiers: '["free"]' });
    for (const { metadata } of [...items, other]) expectKnown({ apiVersion: 'v1', kind: 'ConfigMap', metadata });
  });
});

async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}
