import { createHash } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { Me, User } from '@maas/contracts/auth';
import type { CreatedToken } from '@maas/contracts/tokens';
import { DatabaseService } from '../src/database/database.service.js';
import { tokenOf } from './fake-cluster.js';
import { type FakeKubernetes, failing, REVIEWER_TOKEN, reviewing, startFakeKubernetes } from './fake-kubernetes.js';
import { type Answer, chat, errorOf, type Harness, PASSWORD, startHarness } from './harness.js';

let maas: Harness;
let kubernetes: FakeKubernetes;
let tokens = 0;

const ANA = { username: 'ana', uid: 'uid-of-ana', groups: ['premium-users', 'system:authenticated'] };
/** A token that was never shown before. */
const fresh = () =>
  `sha256~kubernetes-${createHash('sha256')
    .update(String((tokens += 1)))
    .digest('base64url')}`;
const me = (token: string) => maas.call<Me>('/maas-api/v1/me', { token });
const mint = (token: string) => maas.call<CreatedToken>('/maas-api/v1/tokens', { method: 'POST', token });
const use = (token: string) => maas.call('/v1/chat/completions', { token, body: chat('Hello') });
const somebody = (username: string, groups: string[] = []) =>
  reviewing({ authenticated: true, user: { username, groups } });

function expectUnavailable(answer: Answer): void {
  expect(answer.status).toBe(503);
  expect(errorOf(answer)).toMatchObject({ type: 'server_error', code: 'service_unavailable' });
  const seconds = Number(answer.headers.get('retry-after'));
  expect(Number.isInteger(seconds) && seconds >= 1 && seconds <= 60).toBe(true);
  expect(answer.text).not.toMatch(/127\.0\.0\.1|ECONN|kubernetes-/);
}

function expectRefused(answer: Answer): void {
  expect(answer.status).toBe(401);
  expect(errorOf(answer)).toEqual({
    message: 'Invalid authentication token',
    type: 'invalid_request_error',
    code: 'invalid_api_key',
  });
}

beforeEach(() => {
  kubernetes?.seen.splice(0);
});

describe('the token of a cluster', () => {
  beforeAll(async () => {
    kubernetes = await startFakeKubernetes();
    maas = await startHarness({ KUBERNETES_AUTH: kubernetes.kubeconfig, ADMIN_GROUPS: 'maas-admins, cluster-admins' });
  });
  afterEach(() => {
    jest.restoreAllMocks();
    // Whatever is remembered of a token is forgotten by then.
    maas.clock.turn(10_000);
  });
  afterAll(async () => {
    await maas.stop();
    await kubernetes.close();
  });

  it('is shown to the API server in a TokenReview, and says who its owner is', async () => {
    kubernetes.answer(reviewing({ authenticated: true, user: ANA }));
    const token = fresh();
    const { status, body } = await me(token);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      username: 'ana',
      provider: 'kubernetes',
      role: 'user',
      groups: ['premium-users', 'system:authenticated'],
      tier: { name: 'premium', reason: 'group', group: 'premium-users' },
    });
    expect(kubernetes.seen).toEqual([
      {
        method: 'POST',
        path: '/apis/authentication.k8s.io/v1/tokenreviews',
        authorization: `Bearer ${REVIEWER_TOKEN}`,
        spec: { token },
      },
    ]);
  });

  it('is exchanged for an access token that works without the cluster', async () => {
    kubernetes.answer(reviewing({ authenticated: true, user: ANA }));
    const minted = await mint(fresh());
    expect(minted.status).toBe(201);
    await kubernetes.stop();
    const answer = await use(minted.body.token);
    expect([answer.status, answer.headers.get('x-ratelimit-limit-requests')]).toEqual([200, '20']);
    await kubernetes.start();
    expect(kubernetes.seen).toHaveLength(1);
  });

  it('belongs to the same person each time, however often and at whatever once it is shown', async () => {
    kubernetes.answer(somebody('bo', ['premium-users']));
    const shown = Array.from({ length: 10 }, () => me(fresh()));
    const answers = await Promise.all(shown);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
    expect(kubernetes.seen).toHaveLength(10);
  });

  it('is not that of a local account of the same name', async () => {
    kubernetes.answer(somebody('admin'));
    const { body } = await me(fresh());
    expect(body).toMatchObject({ username: 'admin', provider: 'kubernetes', role: 'user' });
    const local = await me(await maas.login('admin'));
    expect(local.body.id).not.toBe(body.id);
    // And it gives no way to sign in without the cluster.
    for (const username of ['bo', 'ana']) {
      const login = await maas.call('/maas-api/v1/login', { method: 'POST', body: { username, password: PASSWORD } });
      expect(login.status).toBe(401);
    }
  });

  it.each([
    ['authenticated is false', { authenticated: false }],
    ['authenticated is false, with a user all the same', { authenticated: false, user: ANA }],
    ['nothing is said', {}],
    ['an error is said', { error: 'token has expired' }],
    ['authenticated is true, without a user', { authenticated: true }],
    ['authenticated is true, without a name', { authenticated: true, user: { groups: ['premium-users'] } }],
    ['authenticated is true, with an empty name', { authenticated: true, user: { username: '' } }],
  ])('is refused where %s', async (_what, status) => {
    kubernetes.answer(reviewing(status));
    const token = fresh();
    expectRefused(await me(token));
    expectRefused(await mint(token));
  });

  it('of a workload’s ServiceAccount is as good as a person’s: its namespace can be given a tier', async () => {
    const ofTeam = { groups: ['system:serviceaccounts:team-a'], requestsPerMinute: 77, level: 50 };
    const tier = { name: 'team-a', displayName: 'Team A', ...ofTeam };
    expect((await maas.admin('/tiers', { method: 'POST', body: tier })).status).toBe(201);
    const { cluster } = kubernetes;
    const workload = (namespace: string) => {
      cluster.namespaces.add(namespace);
      const path = `/api/v1/namespaces/${namespace}/serviceaccounts`;
      cluster.answer('POST', path, { metadata: { name: 'batch.runner' } });
      return tokenOf(cluster.answer('POST', `${path}/batch.runner/token`, { spec: {} }));
    };
    cluster.now = () => maas.clock.now();
    kubernetes.answerByCluster();
    const token = workload('team-a');
    expect((await me(token)).body).toMatchObject({
      username: 'system:serviceaccount:team-a:batch.runner',
      provider: 'kubernetes',
      role: 'user',
      groups: ['system:authenticated', 'system:serviceaccounts', 'system:serviceaccounts:team-a'],
      tier: { name: 'team-a', reason: 'group', group: 'system:serviceaccounts:team-a' },
    });
    const minted = await mint(token);
    expect(minted.status).toBe(201);
    await maas.addModel('for-teams', 'http://127.0.0.1:9', { tiers: ['team-a'] });
    const listed = await maas.call<{ data: { id: string }[] }>('/v1/models', { token: minted.body.token });
    expect(listed.body.data.map(({ id }) => id)).toEqual(['for-teams']);
    expect((await use(minted.body.token)).headers.get('x-ratelimit-limit-requests')).toBe('77');
    expect((await me(workload('team-b'))).body.tier).toMatchObject({ name: 'free' });
    // Who deletes the account ends what it can get here.
    cluster.accounts.clear();
    maas.clock.turn(10_000);
    expectRefused(await mint(token));
  });

  it('without groups belongs to everybody’s group', async () => {
    kubernetes.answer(reviewing({ authenticated: true, user: { username: 'loner' } }));
    expect((await me(fresh())).body).toMatchObject({ groups: ['system:authenticated'], tier: { name: 'free' } });
  });

  it('makes an administrator of who is in a group of ADMIN_GROUPS, as long as they are', async () => {
    const users = (token: string) => maas.call('/maas-api/v1/admin/users', { token });
    for (const [groups, role, status] of [
      [['maas-admins'], 'admin', 200],
      [['cluster-admins', 'others'], 'admin', 200],
      [['maas-admin', 'maas-admins '], 'user', 403],
      [[], 'user', 403],
    ] as const) {
      kubernetes.answer(somebody('chief', [...groups]));
      const token = fresh();
      expect((await me(token)).body.role).toBe(role);
      expect((await users(token)).status).toBe(status);
    }
  });

  it('brings changed groups at the next sign-in, and they act on the tokens that were minted before', async () => {
    kubernetes.answer(somebody('cy', ['premium-users']));
    const token = fresh();
    const { body } = await mint(token);
    const limit = async () => (await use(body.token)).headers.get('x-ratelimit-limit-requests');
    expect(await limit()).toBe('20');
    kubernetes.answer(somebody('cy', ['enterprise-users']));
    expect(await limit()).toBe('20');
    // Another token of theirs, and the same one once it is asked about again.
    await me(fresh());
    expect(await limit()).toBe('50');
    kubernetes.answer(somebody('cy'));
    maas.clock.turn(10_000);
    expect((await me(token)).body.tier?.name).toBe('free');
    expect(await limit()).toBe('5');
  });

  it('stops at once when its owner is suspended here, and so do the tokens minted with it', async () => {
    kubernetes.answer(somebody('dee'));
    const token = fresh();
    const access = (await mint(token)).body.token;
    const { id } = (await me(token)).body;
    const suspend = (suspended: boolean) => maas.admin(`/users/${id}`, { method: 'PATCH', body: { suspended } });
    expect((await suspend(true)).status).toBe(200);
    expect((await me(token)).status).toBe(401);
    expect((await me(fresh())).status).toBe(401);
    expect((await use(access)).status).toBe(403);
    await suspend(false);
    expect([(await me(token)).status, (await use(access)).status]).toEqual([200, 200]);
  });

  it('has groups and role from the cluster alone: they cannot be changed here, an override can', async () => {
    kubernetes.answer(somebody('eve'));
    const token = fresh();
    const { id } = (await me(token)).body;
    for (const body of [{ groups: ['premium-users'] }, { role: 'admin' }, { password: 'a-password-of-eve' }]) {
      const answer = await maas.admin(`/users/${id}`, { method: 'PATCH', body });
      expect(answer.status).toBe(400);
    }
    const answer = await maas.admin<User>(`/users/${id}`, { method: 'PATCH', body: { tierOverride: 'enterprise' } });
    expect(answer.status).toBe(200);
    expect((await me(token)).body.tier).toMatchObject({ name: 'enterprise', reason: 'override' });
    maas.clock.turn(10_000);
    expect((await me(token)).body.tier).toMatchObject({ name: 'enterprise', reason: 'override' });
  });

  it('is asked about once, however many requests come with it at once', async () => {
    kubernetes.answer(somebody('fay'));
    const token = fresh();
    const answers = await Promise.all(Array.from({ length: 20 }, () => me(token)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(kubernetes.seen).toHaveLength(1);
    const { client } = maas.nest.get(DatabaseService);
    expect(await client.user.count({ where: { provider: 'kubernetes', subject: 'fay' } })).toBe(1);
  });

  it('is remembered for 10 seconds when it is good, and for 2 when it is not', async () => {
    kubernetes.answer(somebody('gil'));
    const good = fresh();
    await me(good);
    kubernetes.answer(reviewing({ authenticated: false }));
    const bad = fresh();
    expectRefused(await me(bad));
    maas.clock.turn(1999);
    expect([(await me(good)).status, (await me(bad)).status]).toEqual([200, 401]);
    expect(kubernetes.seen).toHaveLength(2);
    maas.clock.turn(1);
    kubernetes.answer(somebody('gil'));
    expect([(await me(good)).status, (await me(bad)).status]).toEqual([200, 200]);
    expect(kubernetes.seen).toHaveLength(3);
    kubernetes.answer(reviewing({ authenticated: false }));
    maas.clock.turn(7999);
    expect((await me(good)).status).toBe(200);
    maas.clock.turn(1);
    expectRefused(await me(good));
    expect(kubernetes.seen).toHaveLength(4);
  });

  it('is remembered whole: one that begins alike is somebody else’s', async () => {
    kubernetes.answer(reviewing((token) => ({ authenticated: true, user: { username: token.slice(-1) } })));
    const common = 'x'.repeat(1000);
    expect((await me(`${common}a`)).body.username).toBe('a');
    expect((await me(`${common}b`)).body.username).toBe('b');
  });

  it('is never asked about where no identity is needed, or another credential decides', async () => {
    kubernetes.answer(somebody('hal'));
    expectRefused(await use(fresh()));
    await maas.call('/healthz', { token: fresh() });
    await maas.call('/maas-api/v1/login', { token: fresh(), body: { username: 'free', password: PASSWORD } });
    for (const authorization of ['Bearer null', 'Bearer ', 'Basic abc', fresh()]) {
      expect((await maas.call('/maas-api/v1/me', { headers: { authorization } })).status).toBe(401);
    }
    expect(kubernetes.seen).toHaveLength(0);
  });

  it('is not one of ours: those are never shown to the API server, in whatever state', async () => {
    kubernetes.answer(somebody('ida'));
    const identity = await maas.login('free');
    const access = await maas.accessToken('free');
    const altered = (token: string) => `${token.slice(0, -4)}AAAA`;
    for (const token of [identity, access, altered(identity), altered(access)]) {
      await me(token);
      await maas.call('/v1/models', { token });
      await use(token);
    }
    // Revoked, ended by a new password, of a suspended owner, expired.
    await maas.call('/maas-api/v1/tokens', { method: 'DELETE', token: identity });
    await maas.call('/v1/models', { token: access });
    maas.clock.turn(13 * 3_600_000);
    for (const token of [identity, access]) {
      expect((await me(token)).status).toBe(401);
      expect((await maas.call('/v1/models', { token })).status).toBe(401);
    }
    expect(kubernetes.seen).toHaveLength(0);
  });

  describe('when the API server cannot say', () => {
    it.each([
      ['401', failing(401)],
      ['403', failing(403)],
      ['429', failing(429, { 'retry-after': '7' })],
      ['500', failing(500)],
      ['503', failing(503)],
      [
        'something that is no JSON',
        (_review: unknown, response: { end(text: string): void }) => response.end('<html>'),
      ],
      ['nothing, and hangs up', (_review: unknown, response: { destroy(): void }) => response.destroy()],
    ])('but answers %s, it is 503 and remembered by nobody', async (_what, answering) => {
      kubernetes.answer(answering);
      const token = fresh();
      expectUnavailable(await me(token));
      expectUnavailable(await mint(token));
      const asked = kubernetes.seen.length;
      kubernetes.answer(somebody('jo'));
      expect((await me(token)).status).toBe(200);
      expect(kubernetes.seen).toHaveLength(asked + 1);
    });

    it.each([
      ['groups that are numbers', { groups: [5] }, 'groups.0'],
      ['groups that are nothing', { groups: [null] }, 'groups.0'],
      ['groups that are a text', { groups: 'maas-admins' }, 'groups'],
      ['a group with a NUL', { groups: ['a\0'] }, 'groups.0'],
      ['a name of 3,000 characters', { username: fresh().repeat(60).slice(0, 3000) }, 'username'],
      ['a name with a NUL', { username: 'a\0b' }, 'username'],
      ['a name that is a number', { username: 7 }, 'username'],
    ])('because it answers with %s, it is 503, and the log says where', async (_what, parts, place) => {
      const warn = jest.spyOn(Logger.prototype, 'warn');
      const user = { username: 'odd', ...parts } as { username: string };
      kubernetes.answer(reviewing({ authenticated: true, user }));
      expectUnavailable(await me(fresh()));
      expect(warn.mock.calls.map(String).join()).toContain(`its TokenReview cannot be read: status.user.${place}: `);
    });

    it.each([
      [403, 'ask your administrator'],
      [401, 'ask your administrator'],
      [500, 'try again shortly'],
    ])('but answers %s, whoever asks is told to %s', async (code, what) => {
      kubernetes.answer(failing(code));
      expect(errorOf(await me(fresh())).message).toMatch(new RegExp(`^Your token cannot be verified.*; ${what}$`));
    });

    it('because nobody listens there, it is 503, and works as soon as somebody does', async () => {
      await kubernetes.stop();
      const token = fresh();
      expectUnavailable(await me(token));
      await kubernetes.start();
      kubernetes.answer(somebody('jo'));
      expect((await me(token)).status).toBe(200);
    });

    it('within 5 seconds, it is 503, the question is taken back, and the next one is asked anew', async () => {
      const patience: { milliseconds: number; abort: AbortController }[] = [];
      jest.spyOn(AbortSignal, 'timeout').mockImplementation((milliseconds) => {
        const abort = new AbortController();
        patience.push({ milliseconds, abort });
        return abort.signal;
      });
      let takenBack: Promise<void> | undefined;
      const asked = new Promise<void>((resolve) => {
        kubernetes.answer((_review, response) => {
          takenBack = new Promise((gone) => response.once('close', gone));
          resolve();
        });
      });
      const token = fresh();
      const answers = [me(token), me(token)];
      await asked;
      expect(patience.map(({ milliseconds }) => milliseconds)).toEqual([5000]);
      kubernetes.answer(somebody('jo'));
      expect((await me(fresh())).status).toBe(200);
      patience[0]?.abort.abort();
      for (const answer of await Promise.all(answers)) expectUnavailable(answer);
      await takenBack;
      expect((await me(token)).status).toBe(200);
    });

    it('local accounts and access tokens go on', async () => {
      kubernetes.answer(failing(500));
      expect((await use(await maas.accessToken('enterprise'))).status).toBe(200);
    });
  });
});

describe('where audiences are required', () => {
  beforeAll(async () => {
    kubernetes = await startFakeKubernetes();
    maas = await startHarness({ KUBERNETES_AUTH: kubernetes.kubeconfig, KUBERNETES_AUDIENCES: 'maas, maas-cli' });
  });
  afterAll(async () => {
    await maas.stop();
    await kubernetes.close();
  });

  it('the API server is asked for them', async () => {
    await me(fresh());
    expect(kubernetes.seen[0]?.spec.audiences).toEqual(['maas', 'maas-cli']);
  });

  it.each([[['maas']], [['maas-cli']], [['other', 'maas']], [['maas', 'maas-cli']]])(
    'a token that is good for %j is taken',
    async (audiences) => {
      kubernetes.answer(reviewing({ authenticated: true, user: ANA, audiences }));
      expect((await me(fresh())).status).toBe(200);
    },
  );

  it.each([[undefined], [[]], [['https://kubernetes.default.svc']], [['MAAS']], [['maas-cli2', '']]])(
    'a token that is good for %j is refused, though it is authenticated',
    async (audiences) => {
      kubernetes.answer(reviewing({ authenticated: true, user: ANA, ...(audiences ? { audiences } : {}) }));
      const token = fresh();
      expectRefused(await me(token));
      expectRefused(await mint(token));
    },
  );
});
