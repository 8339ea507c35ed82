import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { AuditEntry, Me } from '@maas/contracts/auth';
import type { SystemHealth } from '@maas/contracts/health';
import type { Tier } from '@maas/contracts/tiers';
import { refusing, startWatchableCluster, type WatchableCluster } from './fake-kubernetes-watch.js';
import { chat, errorOf, type Harness, startHarness } from './harness.js';
import { eventually } from './streams.js';

const NAME = 'tier-to-group-mapping';
const REF = `maas/${NAME}`;

let cluster: WatchableCluster;
let maas: Harness;

const FREE = '- {name: free, displayName: Free Tier, level: 0, groups: ["system:authenticated"]}\n';
const PREMIUM = '- {name: premium, displayName: Premium Tier, level: 10, groups: [premium-users]}\n';
const GOLD = '- {name: gold, level: 15, description: For the few, groups: [gold-users]}\n';

const apply = (tiers: string, key = 'tiers') =>
  cluster.history.apply({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { namespace: 'maas', name: NAME },
    data: { [key]: tiers },
  });
const read = async (name: string) => (await maas.admin<Tier>(`/tiers/${name}`)).body;
const health = async () => (await maas.admin<SystemHealth>('/health')).body.parts.cluster;
const soon = eventually;
const tierOf = async (username: string) =>
  (await maas.call<Me>('/maas-api/v1/me', { token: await maas.login(username) })).body.tier?.name;
const isGood = () => soon(async () => (await health()).status === 'ok', 'it is well');

beforeAll(async () => {
  cluster = await startWatchableCluster();
  apply(FREE + PREMIUM);
  maas = await startHarness({ TIERS_CONFIG_MAP: REF, KUBERNETES_CLUSTER: cluster.kubeconfig });
  await soon(async () => (await read('premium')).configMap === REF, 'the tiers are followed');
});
afterEach(() => cluster.intercept(undefined));
afterAll(async () => {
  await maas.stop();
  await cluster.close();
});

describe('the tiers of a ConfigMap', () => {
  it('are as the document says; their limits, and tiers that it does not name, are kept here', async () => {
    expect(await read('premium')).toMatchObject({ displayName: 'Premium Tier', level: 10, requestsPerMinute: 20 });
    expect(await read('enterprise')).toMatchObject({ displayName: 'Enterprise', configMap: null });
  });

  it('come with the limits of the next one below, and act at once', async () => {
    const body = { username: 'goldie', password: 'a-password-for-tests', groups: ['gold-users'] };
    await maas.admin('/users', { method: 'POST', body });
    apply(FREE + PREMIUM + GOLD);
    await soon(async () => (await tierOf('goldie')) === 'gold', 'goldie has the new tier');
    expect(await read('gold')).toMatchObject({
      displayName: 'gold',
      description: 'For the few',
      requestsPerMinute: 20,
      tokensPerMinute: 50_000,
      configMap: REF,
    });
  });

  it('are changed in the ConfigMap alone, but for their limits', async () => {
    for (const body of [{ groups: [] }, { level: 99 }, { displayName: 'Mine' }, { description: 'Mine' }]) {
      const answer = await maas.admin('/tiers/premium', { method: 'PATCH', body });
      expect(answer.status).toBe(409);
      expect(errorOf(answer).message).toBe(
        `The tier premium is kept in the ConfigMap ${REF} (${Object.keys(body).join()}); change it there. Its limits are kept here`,
      );
    }
    expect((await maas.admin('/tiers/premium', { method: 'DELETE' })).status).toBe(409);
    const kept = await maas.admin<Tier>('/tiers/premium', {
      method: 'PATCH',
      body: { requestsPerMinute: 33, displayName: 'Premium Tier' },
    });
    expect([kept.status, kept.body.requestsPerMinute, kept.body.configMap]).toEqual([200, 33, REF]);
    const again = await maas.admin('/tiers', { method: 'POST', body: { name: 'gold', displayName: 'x' } });
    expect(again.status).toBe(409);
  });

  it('keep their order, which is the document’s', async () => {
    const tiers = (await maas.admin<{ data: Tier[] }>('/tiers')).body.data.toSorted((a, b) => a.level - b.level);
    const order = tiers.map(({ name, version }) => ({ name, version }));
    const answer = await maas.admin('/tiers/order', { method: 'PUT', body: { tiers: order } });
    expect([answer.status, errorOf(answer).message]).toEqual([
      409,
      expect.stringContaining(`in the ConfigMap ${REF} (level)`),
    ]);
  });

  it('that leave the document are nobody’s by a group any more, and wait here for what becomes of them', async () => {
    await maas.addModel('gilded', 'http://127.0.0.1:9/v1', { tiers: ['gold'] });
    apply(FREE + PREMIUM);
    await soon(async () => (await tierOf('goldie')) === 'free', 'goldie has the tier of everybody');
    expect(await read('gold')).toMatchObject({ groups: [], configMap: null, requestsPerMinute: 20 });
    await soon(async () => (await health()).status === 'degraded', 'it is reported');
    expect((await health()).message).toBe(
      `ConfigMap ${REF}: it no longer names the tier gold, which nobody has by a group any more; nobody has it by an override. ` +
        'Delete or change it here, or name it again.',
    );
    apply(FREE + PREMIUM + GOLD);
    await soon(async () => (await tierOf('goldie')) === 'gold', 'named again, it is as it was');
    expect((await maas.admin<{ tiers: string[] }>('/models/gilded')).body.tiers).toEqual(['gold']);
    await isGood();
    apply(FREE + PREMIUM);
    await soon(async () => (await read('gold')).configMap === null, 'it leaves again');
    expect((await maas.admin('/tiers/gold', { method: 'DELETE' })).status).toBe(204);
    await isGood();
  });

  it('are written into the audit log, by nobody in person', async () => {
    const { body } = await maas.admin<{ data: AuditEntry[] }>('/audit?targetType=tier&targetId=gold&limit=50');
    const deeds = body.data.map(({ action, actorName }) => `${actorName} ${action}`);
    expect(deeds.toReversed()).toEqual([
      'cluster tier.create',
      ...Array(3).fill('cluster tier.update'),
      'admin tier.delete',
    ]);
  });
});

describe('a document that is not good', () => {
  it.each([
    ['no YAML', '- name: free\n name: x', /tiers is not valid YAML: .* at line 2/],
    ['without a level that is a number', '- {name: free, level: high}', /tier 1, level: must be a number/],
    ['of no tiers', '[]', /it names no tier/],
  ])('because it is %s is refused with the reason, and the last good one stays', async (_, text, expected) => {
    apply(text);
    await soon(async () => expected.test((await health()).message), 'the reason is told');
    expect((await health()).message).toMatch(/it is refused, and what was good last stays in service/);
    expect(await read('premium')).toMatchObject({ groups: ['premium-users'], configMap: REF });
    apply(FREE + PREMIUM);
    await isGood();
  });

  it('or is not there at all changes nothing', async () => {
    cluster.history.remove('ConfigMap', 'maas', NAME);
    await soon(async () => (await health()).message.includes('it does not exist'), 'it is told');
    expect(await tierOf('premium')).toBe('premium');
    apply(FREE + PREMIUM, 'tier');
    await soon(async () => (await health()).message.includes('it has no key tiers'), 'it is told');
    expect(await tierOf('premium')).toBe('premium');
    apply(FREE + PREMIUM);
    await isGood();
  });
});

describe('the API server', () => {
  it('is asked for this one ConfigMap, as the right is given for it alone', () => {
    const paths = cluster.seen.map(({ path, query }) => [path, query.get('fieldSelector')]);
    expect(new Set(paths.map(String))).toEqual(new Set([`/api/v1/namespaces/maas/configmaps,metadata.name=${NAME}`]));
  });

  it('that refuses is reported with the right that is missing, and the tiers stay', async () => {
    cluster.intercept(refusing(403, 'Forbidden', 'cannot watch resource "configmaps"'));
    cluster.cut();
    await soon(async () => (await health()).message.includes('give the ServiceAccount'), 'it is told');
    expect((await health()).message).toContain(`list and watch on the ConfigMap ${NAME} in the namespace maas`);
    const token = await maas.accessToken('premium');
    expect((await maas.call('/v1/chat/completions', { token, body: chat('Hello') })).status).toBe(200);
    cluster.intercept(undefined);
    await isGood();
  });
});
