import { createHash } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { SystemHealth } from '@maas/contracts/health';
import type { CreatedToken } from '@maas/contracts/tokens';
import { atATime } from './cluster.js';
import { refusal } from './fake-cluster.js';
import { type FakeKubernetes, failing, reviewing, type SeenRequest, startFakeKubernetes } from './fake-kubernetes.js';
import { type Answer, chat, errorOf, type Harness, startHarness } from './harness.js';

let maas: Harness;
let kubernetes: FakeKubernetes;
let people = 0;

/** The identity token of somebody who was never here. */
function somebody(groups: string[] = []): { name: string; identity: string; account: string } {
  const name = `person-${(people += 1)}`;
  const identity = `sha256~of-${name}`;
  kubernetes.cluster.people.set(identity, { username: name, groups });
  return { name, identity, account: `${name}-${createHash('sha1').update(name).digest('hex').slice(0, 8)}` };
}
const request = (token: string) => maas.call<CreatedToken>('/maas-api/v1/tokens', { method: 'POST', token });
const mint = async (token = somebody().identity) => (await request(token)).body.token;
const use = (token: string) => maas.call('/v1/chat/completions', { token, body: chat('Hello') });
const later = (milliseconds = 10_000) => maas.clock.turn(milliseconds);
const part = async () => (await maas.admin<SystemHealth>('/health')).body.parts.cluster;
const asked = () => kubernetes.asked.map(({ method, path }) => `${method} ${path}`);

function refuse(which: (asked: SeenRequest) => boolean, code: number, headers: Record<string, string> = {}): void {
  kubernetes.intercept = (seen, response) => {
    if (!which(seen)) return false;
    const { body } = refusal(code, 'Made', 'for the test');
    response.writeHead(code, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
    return true;
  };
}

function expectUnavailable(answer: Answer, why: RegExp): void {
  expect([answer.status, errorOf(answer).code]).toEqual([503, 'service_unavailable']);
  expect(errorOf(answer).message).toMatch(why);
  expect(answer.text).not.toMatch(/127\.0\.0\.1|ECONN|for the test|eyJ/);
}

function expectRefused(answer: Answer): void {
  expect([answer.status, errorOf(answer).code]).toEqual([401, 'invalid_api_key']);
}

beforeAll(async () => {
  kubernetes = await startFakeKubernetes();
  maas = await startHarness({
    KUBERNETES_AUTH: kubernetes.kubeconfig,
    TOKEN_ISSUER: 'serviceaccount',
    INSTANCE_NAME: 'models',
    TOKEN_AUDIENCE: 'models-gateway',
  });
  kubernetes.cluster.now = () => maas.clock.now();
  kubernetes.answerByCluster();
});
afterEach(() => {
  jest.restoreAllMocks();
  kubernetes.intercept = undefined;
  kubernetes.grants = () => true;
  kubernetes.answerByCluster();
  kubernetes.asked.splice(0);
  kubernetes.seen.splice(0);
  later(60_000);
});
afterAll(async () => {
  await maas.stop();
  await kubernetes.close();
});

describe('issuing', () => {
  it('makes the namespace of a tier where there is none', async () => {
    const { identity, account } = somebody(['enterprise-users']);
    expect((await request(identity)).status).toBe(201);
    const namespace = 'models-tier-enterprise';
    expect(asked()).toEqual([
      `POST /api/v1/namespaces/${namespace}/serviceaccounts`,
      'POST /api/v1/namespaces',
      `POST /api/v1/namespaces/${namespace}/serviceaccounts`,
      `POST /api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`,
    ]);
  });

  it('tells the administrator alone which namespace is missing, where the platform may not make it', async () => {
    const tier = { name: 'gold', displayName: 'Gold', groups: ['gold-users'], level: 90 };
    await maas.admin('/tiers', { method: 'POST', body: tier });
    refuse(({ path }) => path === '/api/v1/namespaces', 403);
    kubernetes.grants = ({ namespace }) => namespace !== 'models-tier-gold';
    const { identity } = somebody(['gold-users']);
    const log = jest.spyOn(Logger.prototype, 'error');
    const answer = await request(identity);
    expectUnavailable(answer, /the cluster is not prepared for it; ask your administrator$/);
    expect(answer.text).not.toMatch(/gold|namespace/);
    expect(log.mock.calls.join()).toMatch(
      /no namespace models-tier-gold .* make it, with its Role and its RoleBinding/,
    );
    expect(log.mock.calls.join()).not.toContain('create namespaces');
    expect((await part()).message).toMatch(/^The namespace models-tier-gold: this platform may not create .* make it/);
    kubernetes.cluster.namespaces.add('models-tier-gold');
    kubernetes.grants = () => true;
    later(15_000);
    expect([(await request(identity)).status, (await part()).status]).toEqual([201, 'ok']);
  });

  it('tells the administrator alone which right is missing, once, and that it is there', async () => {
    const { identity } = somebody();
    await mint(identity);
    refuse(({ path }) => path.endsWith('/token'), 403);
    kubernetes.grants = ({ subresource }) => subresource !== 'token';
    const [log, good] = [jest.spyOn(Logger.prototype, 'error'), jest.spyOn(Logger.prototype, 'log')];
    const answers = [await request(identity), await request(identity)];
    for (const answer of answers) {
      expectUnavailable(answer, /does not let this platform do so \(403\); ask your administrator$/);
      expect(answer.text).not.toMatch(/models-tier|serviceaccounts/);
    }
    expect(log.mock.calls.map(String)).toEqual([
      expect.stringContaining('the right to create serviceaccounts/token in the namespace models-tier-free'),
    ]);
    expect(await part()).toMatchObject({
      status: 'degraded',
      message: expect.stringMatching(
        /^The namespace models-tier-\w+: this platform may not create serviceaccounts\/token there/,
      ),
    });
    kubernetes.intercept = undefined;
    expect((await request(identity)).status).toBe(201);
    expect(good.mock.calls.join()).toContain('create serviceaccounts/token in the namespace models-tier-free again');
  });

  it('is not said to lack anything that the API server cannot be asked about', async () => {
    refuse(({ path }) => path.endsWith('/selfsubjectaccessreviews'), 403);
    later(15_000);
    expect((await part()).status).toBe('ok');
    refuse(({ path }) => path.endsWith('/selfsubjectaccessreviews'), 500);
    expect((await part()).message).toMatch(/cannot be found out: the Kubernetes API server answered 500/);
  });

  it('goes on where another process has just made namespace and account', async () => {
    await maas.admin('/tiers', { method: 'POST', body: { name: 'raced', displayName: 'Raced', groups: ['raced'], level: 91 } }); // prettier-ignore
    const { identity, account } = somebody(['raced']);
    let times = 0;
    kubernetes.intercept = ({ method, path, body }, response) => {
      // The first time that it is asked for, somebody else is faster by a moment.
      if (method !== 'POST' || path !== '/api/v1/namespaces' || (times += 1) > 1) return false;
      kubernetes.cluster.answer('POST', path, body as object);
      response.writeHead(409, { 'content-type': 'application/json' }).end('{"kind":"Status","code":409}');
      return true;
    };
    const both = await Promise.all([request(identity), request(identity), request(identity)]);
    for (const { status } of both) expect(status).toBe(201);
    expect(kubernetes.cluster.accounts.has(`models-tier-raced/${account}`)).toBe(true);
    for (const { body } of both) expect((await maas.call('/v1/models', { token: body.token })).status).toBe(200);
  });

  it('takes no account that is not known to be of that person', async () => {
    const { identity, account } = somebody();
    await mint();
    kubernetes.cluster.answer('POST', '/api/v1/namespaces/models-tier-free/serviceaccounts', {
      metadata: { name: account },
    });
    const answer = await request(identity);
    expect([answer.status, errorOf(answer).message]).toEqual([
      409,
      `There is a ServiceAccount models-tier-free/${account} already that is not yours; ask your administrator to delete it`,
    ]);
    kubernetes.cluster.accounts.delete(`models-tier-free/${account}`);
    expect((await request(identity)).status).toBe(201);
  });

  it('takes no account that is still being deleted, whose tokens are revoked', async () => {
    const { identity } = somebody();
    const before = await mint(identity);
    // A finalizer delays the deletion: the API server says that all is well, and the account is still there.
    kubernetes.intercept = ({ method, path }, response) => {
      const account = kubernetes.cluster.accounts.get(path.replace('/api/v1/namespaces/', '').replace('/serviceaccounts', '')); // prettier-ignore
      if (!account || !['DELETE', 'GET'].includes(method)) return false;
      const metadata = { ...account.metadata, deletionTimestamp: new Date(maas.clock.now()).toISOString() };
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ ...account, metadata }));
      return true;
    };
    await maas.call('/maas-api/v1/tokens', { method: 'DELETE', token: identity });
    expectUnavailable(await request(identity), /answered 409; try again shortly/);
    expectRefused(await use(before));
  });

  it('makes an account anew that was deleted in the cluster, and its earlier tokens stay dead', async () => {
    const { identity, account } = somebody();
    const before = await mint(identity);
    kubernetes.cluster.accounts.delete(`models-tier-free/${account}`);
    const after = await mint(identity);
    expectRefused(await use(before));
    expect((await use(after)).status).toBe(200);
  });

  it.each([
    ['401', 401, {}, /does not accept the credential of this platform \(401\); ask your administrator/, '5'],
    ['403', 403, {}, /does not let this platform do so \(403\); ask your administrator/, '5'],
    ['409', 409, {}, /answered 409; try again shortly/, '5'],
    ['422', 422, {}, /answered 422; ask your administrator/, '5'],
    ['429', 429, { 'retry-after': '9' }, /has too much to do \(429\); try again shortly/, '9'],
    ['500', 500, {}, /answered 500; try again shortly/, '5'],
    ['503', 503, { 'retry-after': '600' }, /answered 503; try again shortly/, '60'],
  ] as const)('says so where the API server answers a TokenRequest with %s', async (_, code, headers, why, wait) => {
    const { identity } = somebody();
    refuse(({ path }) => path.endsWith('/token'), code, headers);
    const answer = await request(identity);
    expectUnavailable(answer, why);
    expect(answer.headers.get('retry-after')).toBe(wait);
    kubernetes.intercept = undefined;
    expect((await request(identity)).status).toBe(201);
  });

  it.each([
    ['an account', ({ method, path }: SeenRequest) => method === 'POST' && path.endsWith('/serviceaccounts')],
    ['a namespace', ({ path }: SeenRequest) => path === '/api/v1/namespaces'],
  ])('says so where it may not make %s, or the API server fails', async (_, which) => {
    kubernetes.cluster.namespaces.delete('models-tier-premium');
    const { identity } = somebody(['premium-users']);
    refuse(which, 500);
    expectUnavailable(await request(identity), /answered 500/);
    refuse(which, 403);
    expectUnavailable(await request(identity), /ask your administrator/);
    kubernetes.intercept = undefined;
    expect((await request(identity)).status).toBe(201);
  });

  it('says so where the API server hangs up, or answers with something else than a token', async () => {
    const { identity } = somebody();
    await mint(identity);
    const answers: ((response: Parameters<NonNullable<FakeKubernetes['intercept']>>[1]) => void)[] = [
      (response) => response.destroy(),
      (response) => response.writeHead(201, { 'content-type': 'application/json' }).end('{}'),
      (response) => response.writeHead(201, { 'content-type': 'application/json' }).end('{"status":{"token":"x.y"}}'),
      (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>'),
    ];
    for (const answer of answers) {
      kubernetes.intercept = ({ path }, response) => {
        if (path.endsWith('/token')) answer(response);
        return path.endsWith('/token');
      };
      expectUnavailable(await request(identity), /No token can be issued at the moment/);
    }
    kubernetes.intercept = undefined;
    expect((await request(identity)).status).toBe(201);
  });

  it('waits for an answer for five seconds, and takes the question back then', async () => {
    const { identity } = somebody();
    await mint(identity);
    const patience: { milliseconds: number; abort: AbortController }[] = [];
    jest.spyOn(AbortSignal, 'timeout').mockImplementation((milliseconds) => {
      const abort = new AbortController();
      patience.push({ milliseconds, abort });
      return abort.signal;
    });
    const gone = new Promise<void>((resolve) => {
      kubernetes.intercept = (_seen, response) => {
        response.once('close', resolve);
        patience.at(-1)?.abort.abort();
        return true;
      };
    });
    expectUnavailable(await request(identity), /does not answer; try again shortly/);
    await gone;
    expect(patience.at(-1)?.milliseconds).toBe(5000);
  });
});

describe('verifying', () => {
  it('asks the API server for our audience, once in ten seconds and once for all who come at once', async () => {
    const token = await mint();
    kubernetes.seen.splice(0);
    const answers = await Promise.all(Array.from({ length: 5 }, () => maas.call('/v1/models', { token })));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    later(9999);
    await maas.call('/v1/models', { token });
    expect(kubernetes.seen.map(({ spec }) => spec)).toEqual([{ token, audiences: ['models-gateway'] }]);
    later(1);
    await maas.call('/v1/models', { token });
    expect(kubernetes.seen).toHaveLength(2);
  });

  it('takes ten seconds to find out what was revoked in the cluster', async () => {
    const { identity, account } = somebody();
    const token = await mint(identity);
    await use(token);
    kubernetes.cluster.accounts.delete(`models-tier-free/${account}`);
    later(9999);
    expect((await maas.call('/v1/models', { token })).status).toBe(200);
    later(1);
    expectRefused(await maas.call('/v1/models', { token }));
  });

  it.each([
    ['is for another audience', { audiences: ['other'] }],
    ['is of no audience', {}],
    ['is of another person', { user: { username: 'ana', uid: 'x' }, audiences: ['models-gateway'] }],
    ['is of another uid', { uid: 'another', audiences: ['models-gateway'] }],
    ['is not authenticated', { authenticated: false, audiences: ['models-gateway'] }],
  ])('believes no TokenReview that %s', async (_, said: { uid?: string; user?: object; audiences?: string[] }) => {
    const { identity } = somebody();
    const token = await mint(identity);
    const real = kubernetes.cluster.review(token, ['models-gateway']);
    const { uid, ...others } = said;
    const user = { ...real.user, ...(uid === undefined ? {} : { uid }) };
    kubernetes.answer(reviewing({ authenticated: true, user, ...others }));
    expectRefused(await use(token));
    // What is refused is asked about again after two seconds.
    kubernetes.answerByCluster();
    expectRefused(await use(token));
    later(2000);
    expect((await use(token)).status).toBe(200);
  });

  it('asks nothing about what cannot be a token of ours', async () => {
    const token = await mint();
    kubernetes.seen.splice(0);
    const [header = '', payload = '', signature = ''] = token.split('.');
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>;
    const altered = (change: object) =>
      [header, Buffer.from(JSON.stringify({ ...claims, ...change })).toString('base64url'), signature].join('.');
    const others = [
      altered({ sub: 'system:serviceaccount:models-tier-free:nobody-00000000' }),
      altered({ sub: 'system:serviceaccount:kube-system:default' }),
      altered({ exp: 1 }),
      altered({ aud: ['https://kubernetes.default.svc'] }),
      `${header}.${payload}.`,
      altered({ 'kubernetes.io': { serviceaccount: { uid: 'another' } } }),
      'sha256~opaque',
      'a.b.c',
    ];
    for (const other of others) expectRefused(await use(other));
    expect(kubernetes.seen).toEqual([]);
    // An altered one whose account there is has to be asked about.
    expectRefused(await use(altered({ exp: 9_999_999_999 })));
    expect(kubernetes.seen).toHaveLength(1);
  });

  it.each([
    ['401', failing(401), /does not accept the credential/],
    ['403', failing(403), /does not let this platform do so/],
    ['429', failing(429, { 'retry-after': '7' }), /has too much to do/],
    ['500', failing(500), /answered 500/],
    ['nothing', (_review: unknown, response: { destroy(): void }) => response.destroy(), /does not answer/],
  ])('is 503 where the API server answers %s, and what is remembered goes on', async (_, answering, why) => {
    const [known, token] = [await mint(), await mint()];
    await use(known);
    kubernetes.answer(answering);
    expectUnavailable(await use(token), why);
    expectUnavailable(await maas.call('/v1/models', { token }), /^Your token cannot be verified at the moment/);
    expect((await use(known)).status).toBe(200);
    later();
    expectUnavailable(await use(known), why);
    kubernetes.answerByCluster();
    expect([(await use(known)).status, (await use(token)).status]).toEqual([200, 200]);
  });

  it('is 503 while nobody listens there, and works as soon as somebody does', async () => {
    const [known, token] = [await mint(), await mint()];
    await use(known);
    await kubernetes.stop();
    expectUnavailable(await use(token), /does not answer; try again shortly/);
    expect((await use(known)).status).toBe(200);
    await kubernetes.start();
    expect((await use(token)).status).toBe(200);
  });

  it('has fifty questions under way at most, and answers everybody', async () => {
    const tokens = await atATime(60, 5, () => mint());
    let running = 0;
    let most = 0;
    const waiting: (() => void)[] = [];
    kubernetes.answer((review, response) => {
      running += 1;
      most = Math.max(most, running);
      waiting.push(() => {
        running -= 1;
        reviewing(kubernetes.cluster.review(review.spec.token, review.spec.audiences))(review, response);
      });
    });
    const listing = Promise.all(tokens.map((token) => maas.call('/v1/models', { token })));
    let done = false;
    void listing.finally(() => (done = true));
    while (!done) {
      waiting.shift()?.();
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(new Set((await listing).map(({ status }) => status))).toEqual(new Set([200]));
    expect(most).toBeLessThanOrEqual(50);
  });
});
