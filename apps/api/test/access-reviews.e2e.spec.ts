import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { ModelList } from '@maas/contracts/models';
import type { Me } from '@maas/contracts/auth';
import type { CreatedToken } from '@maas/contracts/tokens';
import { startBrowser } from './browser.js';
import { type AccessSpec, type FakeKubernetes, reviewing, startFakeKubernetes } from './fake-kubernetes.js';
import { type Answer, chat, errorOf, type Harness, startHarness } from './harness.js';
import { unknownFields } from './kubernetes-shapes.js';

const REVIEWS = '/apis/authorization.k8s.io/v1/subjectaccessreviews';
let maas: Harness;
let kubernetes: FakeKubernetes;

/** The token of somebody, which is their name. */
const knowing = (groups: Readonly<Record<string, string[]>> = {}) =>
  kubernetes.answer(
    reviewing((token) => ({ authenticated: true, user: { username: token, groups: groups[token] ?? [] } })),
  );
const me = (token: string) => maas.call<Me>('/maas-api/v1/me', { token });
const users = (token: string) => maas.call('/maas-api/v1/admin/users', { token });
const reviews = () =>
  kubernetes.asked.filter(({ path }) => path === REVIEWS).map(({ body }) => body.spec as AccessSpec);
/** Whatever is remembered is forgotten by then. */
const later = () => maas.clock.turn(10_000);

const faults: [string, number | 'nothing', Record<string, string>][] = [
  ['403', 403, {}],
  ['429', 429, { 'retry-after': '17' }],
  ['500', 500, {}],
  ['nothing', 'nothing', {}],
];

function fail(how: number | 'nothing', headers: Record<string, string>): void {
  kubernetes.intercept = ({ path }, response) => {
    if (path !== REVIEWS) return false;
    if (how === 'nothing') response.destroy();
    else response.writeHead(how, { 'content-type': 'application/json', ...headers }).end('{"kind":"Status"}');
    return true;
  };
}

function expectUnavailable(answer: Answer, why: RegExp): void {
  expect(answer.status).toBe(503);
  expect(errorOf(answer).code).toBe('service_unavailable');
  expect(errorOf(answer).message).toMatch(why);
  expect(answer.text).not.toMatch(/127\.0\.0\.1|ECONN/);
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
}

async function start(settings: Record<string, string>): Promise<void> {
  kubernetes = await startFakeKubernetes();
  maas = await startHarness({ KUBERNETES_AUTH: kubernetes.kubeconfig, ...settings });
  knowing();
}

async function stop(): Promise<void> {
  await maas.stop();
  await kubernetes.close();
}

afterEach(() => {
  kubernetes.intercept = undefined;
  kubernetes.asked.splice(0);
  later();
});

describe('where the cluster says who is an administrator', () => {
  beforeAll(() =>
    start({
      ADMIN_GROUPS: 'maas-admins',
      ADMIN_ACCESS_REVIEW: 'verb=update,group=maas.opendatahub.io,resource=tiers,namespace=maas',
    }),
  );
  afterAll(stop);

  it('whoever may do what is asked for is one, as long as they may', async () => {
    knowing({ ana: ['platform'] });
    kubernetes.allow(({ user }) => user === 'ana');
    expect((await me('ana')).body.role).toBe('admin');
    expect(reviews()).toEqual([
      {
        user: 'ana',
        groups: ['platform', 'system:authenticated'],
        resourceAttributes: { verb: 'update', group: 'maas.opendatahub.io', resource: 'tiers', namespace: 'maas' },
      },
    ]);
    expect([(await users('ana')).status, (await users('bo')).status]).toEqual([200, 403]);
    kubernetes.allow(() => false);
    later();
    expect([(await me('ana')).body.role, (await users('ana')).status]).toEqual(['user', 403]);
  });

  it('one question is asked in ten seconds, however many requests come', async () => {
    kubernetes.allow(() => true);
    await Promise.all(Array.from({ length: 20 }, () => users('cy')));
    maas.clock.turn(9999);
    await users('cy');
    expect(reviews()).toHaveLength(1);
  });

  it('nobody is asked about who is one by a group, or has a local account', async () => {
    knowing({ dee: ['maas-admins'] });
    kubernetes.allow(() => false);
    expect([(await users('dee')).status, (await maas.admin('/users')).status]).toEqual([200, 200]);
    expect(reviews()).toEqual([]);
  });

  it('a browser that is signed in stops being an administrator’s with the right, not with the session', async () => {
    kubernetes.allow(() => true);
    const browser = startBrowser(maas.url);
    await browser.fetch('/maas-api/v1/session/kubernetes', { body: { token: 'eve' } });
    expect((await browser.fetch('/maas-api/v1/admin/users')).status).toBe(200);
    kubernetes.allow(() => false);
    later();
    expect((await browser.fetch('/maas-api/v1/admin/users')).status).toBe(403);
    fail(500, {});
    later();
    expectUnavailable(await browser.fetch('/maas-api/v1/admin/users'), /answered 500/);
  });

  it.each(faults)('and answers %s, nobody gets in, and the next question is asked anew', async (_, how, headers) => {
    kubernetes.allow(() => true);
    fail(how, headers);
    expectUnavailable(await users('fay'), /the Kubernetes API server (answered|has|does not)/);
    if (how === 429) expect((await me('fay')).headers.get('retry-after')).toBe('17');
    kubernetes.intercept = undefined;
    expect((await users('fay')).status).toBe(200);
  });
});

describe('where the cluster says who may use a model', () => {
  const attributes = 'verb=get,group=serving.kserve.io,resource=llminferenceservices,namespace=models';
  let access: Record<string, string>;
  const ids = async (token: string) => {
    const answer = await maas.call<ModelList>('/v1/models', { token });
    return [answer.status, answer.body.data.map(({ id }) => id)];
  };
  const use = (token: string, model: string) =>
    maas.call('/v1/chat/completions', { token, body: { ...chat('Hello'), model } });
  const mint = async (token: string) =>
    (await maas.call<CreatedToken>('/maas-api/v1/tokens', { token, body: { expiration: '30d' } })).body.token;
  const only = (...models: string[]) =>
    kubernetes.allow(({ resourceAttributes }) => models.includes(resourceAttributes?.['name'] ?? ''));

  beforeAll(async () => {
    await start({ MODEL_ACCESS_REVIEW: attributes });
    knowing({ ana: ['enterprise-users'], bo: ['enterprise-users'] });
    access = { ana: await mint('ana'), bo: await mint('bo') };
    for (const id of ['a/slash', 'many-1', 'many-2', 'many-3']) await maas.addModel(id, `${maas.url}/nothing`);
  });
  afterAll(stop);

  it('each model of the tier is asked about, and the list is what may be called', async () => {
    only('simulator', 'a/slash');
    const [status, listed] = await ids(access['ana'] ?? '');
    expect([status, listed]).toEqual([200, expect.arrayContaining(['simulator', 'a/slash'])]);
    expect(listed).toHaveLength(2);
    expect(reviews()).toHaveLength(6);
    expect(reviews()).toContainEqual({
      user: 'ana',
      groups: ['enterprise-users', 'system:authenticated'],
      resourceAttributes: {
        verb: 'get',
        group: 'serving.kserve.io',
        resource: 'llminferenceservices',
        namespace: 'models',
        name: 'a/slash',
      },
    });
    expect((await use(access['ana'] ?? '', 'simulator')).status).toBe(200);
    const refused = await use(access['ana'] ?? '', 'qwen3');
    expect([refused.status, errorOf(refused)]).toMatchObject([403, { code: 'access_denied', param: 'model' }]);
    expect(errorOf(refused).message).toMatch(/^Insufficient permissions for this model: the cluster does not let you/);
    for (const [model, one] of [
      ['simulator', 200],
      ['qwen3', 403],
    ] as const) {
      // prettier-ignore
      expect((await maas.call(`/v1/models/${model}`, { token: access['ana'] ?? '' })).status).toBe(one);
      const head = await maas.call(`/${model}/v1/chat/completions`, { method: 'HEAD', token: access['ana'] ?? '' });
      expect(head.status).toBe(one);
    }
  });

  it('what one may is nothing to another, and tiers say no besides', async () => {
    kubernetes.allow(({ user }) => user === 'ana');
    expect((await use(access['ana'] ?? '', 'simulator')).status).toBe(200);
    expect((await use(access['bo'] ?? '', 'simulator')).status).toBe(403);
    expect(await ids(access['bo'] ?? '')).toEqual([200, []]);
    const free = await mint('ana-of-no-group');
    kubernetes.allow(() => true);
    expect((await use(free, 'qwen3')).status).toBe(403);
  });

  it('a right that is withdrawn is gone after ten seconds, and requests that come together ask once', async () => {
    only('simulator');
    const token = access['ana'] ?? '';
    const all = await Promise.all(Array.from({ length: 10 }, () => use(token, 'simulator')));
    expect(new Set(all.map(({ status }) => status))).toEqual(new Set([200]));
    expect(reviews()).toHaveLength(1);
    kubernetes.allow(() => false);
    maas.clock.turn(9999);
    expect((await use(token, 'simulator')).status).toBe(200);
    maas.clock.turn(1);
    expect((await use(token, 'simulator')).status).toBe(403);
  });

  it('changed groups are asked about anew', async () => {
    kubernetes.allow(({ groups }) => groups?.includes('researchers') === true);
    const token = access['ana'] ?? '';
    expect((await use(token, 'simulator')).status).toBe(403);
    knowing({ ana: ['enterprise-users', 'researchers'] });
    await me('ana');
    expect((await use(token, 'simulator')).status).toBe(200);
  });

  it('what is asked and answered has the form that Kubernetes publishes', () => {
    const spoken = kubernetes.spoken.filter(({ kind }) => kind === 'SubjectAccessReview');
    expect(spoken.some(({ status }) => status !== undefined)).toBe(true);
    expect(spoken.flatMap(unknownFields)).toEqual([]);
  });

  it('local accounts have their tier alone', async () => {
    kubernetes.allow(() => false);
    const token = await maas.accessToken('enterprise');
    expect((await use(token, 'simulator')).status).toBe(200);
    expect((await ids(token))[1]).toHaveLength(6);
    expect(reviews()).toEqual([]);
  });

  it.each(faults)('and answers %s, nobody is let in, and it says why', async (_, how, headers) => {
    kubernetes.allow(() => true);
    fail(how, headers);
    const token = access['ana'] ?? '';
    const answers = [
      await use(token, 'simulator'),
      await maas.call('/v1/models', { token }),
      await maas.call('/v1/models/simulator', { token }),
    ];
    for (const answer of answers) expectUnavailable(answer, /What you may do cannot be found out: the Kubernetes API/);
    kubernetes.intercept = undefined;
    expect((await use(token, 'simulator')).status).toBe(200);
  });

  it('groups that were named longer ago than is set do not count, until their owner shows a token again', async () => {
    kubernetes.allow(({ groups }) => groups?.includes('enterprise-users') === true);
    knowing({ bo: ['enterprise-users'] });
    const token = access['bo'] ?? '';
    await me('bo');
    maas.clock.turn(7 * 86_400_000 - 10_000);
    expect((await use(token, 'simulator')).status).toBe(200);
    kubernetes.asked.splice(0);
    maas.clock.turn(3_620_000);
    const refused = await use(token, 'simulator');
    expect([refused.status, errorOf(refused).message]).toEqual([403, expect.stringMatching(/so sign in again$/)]);
    expect(reviews()[0]?.groups).toEqual(['system:authenticated']);
    expect((await me('bo')).status).toBe(200);
    expect((await use(token, 'simulator')).status).toBe(200);
  });

  it('those of a workload follow from its name, and are never old', async () => {
    const ofTeam = 'system:serviceaccounts:team-a';
    const workload = 'system:serviceaccount:team-a:runner';
    kubernetes.answer(
      reviewing({ authenticated: true, user: { username: workload, groups: ['system:serviceaccounts', ofTeam] } }),
    );
    kubernetes.allow(({ groups }) => groups?.includes(ofTeam) === true);
    const token = await mint('of-a-workload');
    maas.clock.turn(8 * 86_400_000);
    expect((await use(token, 'simulator')).status).toBe(200);
    expect(reviews()[0]?.groups).toEqual(['system:authenticated', 'system:serviceaccounts', ofTeam]);
  });
});
