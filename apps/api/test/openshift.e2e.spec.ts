import { Agent, fetch as fetchBy } from 'undici';
import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Me } from '@maas/contracts/auth';
import type { CurrentSession, SignInOptions } from '@maas/contracts/sessions';
import { DatabaseService } from '../src/database/database.service.js';
import { type Browser, startBrowser } from './browser.js';
import { type FakeKubernetes, failing, reviewing, startFakeKubernetes } from './fake-kubernetes.js';
import {
  type FakeOpenShift,
  OPENSHIFT_CLIENT_ID,
  OPENSHIFT_CLIENT_SECRET,
  startFakeOpenShift,
} from './fake-openshift.js';
import { type Answer, errorOf, type Harness, startHarness } from './harness.js';

const API = '/maas-api/v1';
let maas: Harness;
let cluster: FakeOpenShift;

const settings = () => ({
  OPENSHIFT_OAUTH_URL: cluster.url,
  OPENSHIFT_CLIENT_ID,
  OPENSHIFT_CLIENT_SECRET,
  OPENSHIFT_CA_FILE: cluster.caFile,
});
const browser = () => startBrowser(maas.url);
const locationOf = (answer: Answer) => answer.headers.get('location') ?? '';
const me = (at: Browser) => at.fetch<Me>(`${API}/me`);

/** The browser at the cluster's page, which sends it back at once. */
async function atCluster(url: string): Promise<string> {
  const dispatcher = new Agent({ connect: { ca: readFileSync(cluster.caFile) } });
  const answer = await fetchBy(url, { dispatcher, redirect: 'manual' });
  const location = answer.headers.get('location') ?? '';
  await answer.body?.cancel();
  await dispatcher.close();
  return location;
}

const returning = async (at: Browser, query = '') =>
  atCluster(locationOf(await at.fetch(`/auth/openshift/start${query}`)));
const signIn = async (at: Browser, query = '') => at.fetch(await returning(at, query));

beforeAll(async () => {
  cluster = await startFakeOpenShift();
});
afterEach(() => {
  cluster.intercept = undefined;
});
afterAll(() => cluster.stop());

describe('signing in by OpenShift', () => {
  beforeAll(async () => {
    maas = await startHarness(settings());
  });
  afterAll(() => maas.stop());

  it('is offered, and has asked the cluster nothing before somebody comes', async () => {
    const { body } = await maas.call<SignInOptions>(`${API}/sign-in`);
    expect(body.methods.map(({ kind, url }) => [kind, url])).toEqual([
      ['openshift', '/auth/openshift/start'],
      ['local', undefined],
    ]);
    expect(cluster.asked).toEqual([]);
  });

  it('gives a session of the person whom the cluster names, with their groups, and keeps no token', async () => {
    cluster.person = { name: 'eva', groups: ['premium-users'] };
    const at = browser();
    const answer = await signIn(at, '?returnTo=/models');
    expect([answer.status, locationOf(answer)]).toEqual([302, '/models']);
    expect((await me(at)).body).toMatchObject({ username: 'eva', provider: 'kubernetes', tier: { name: 'premium' } });
    expect((await at.fetch<CurrentSession>(`${API}/session`)).body.kind).toBe('openshift');
    const { client } = maas.nest.get(DatabaseService);
    expect(JSON.stringify([await client.session.findMany(), await client.user.findMany()])).not.toContain('sha256~');
    expect((await at.fetch(`${API}/session`, { method: 'DELETE' })).status).toBe(204);
  });

  it('that the person cancels says so', async () => {
    cluster.person = undefined;
    expect(locationOf(await signIn(browser()))).toBe('/sign-in?error=access_denied');
  });

  it('takes a code once, and from the browser that asked for it', async () => {
    cluster.person = { name: 'eva', groups: [] };
    const [mine, theirs] = [browser(), browser()];
    const [back, other] = [new URL(await returning(mine)), new URL(await returning(theirs))];
    const stranger = await browser().fetch(back.href);
    expect(locationOf(stranger)).toBe('/sign-in?error=attempt_expired');
    other.searchParams.set('code', back.searchParams.get('code') ?? '');
    expect(locationOf(await theirs.fetch(other.href))).toBe('/sign-in?error=provider_rejected');
    // The cluster has taken the code for used: also its owner starts again.
    expect(locationOf(await mine.fetch(back.href))).toBe('/sign-in?error=provider_rejected');
    expect([(await me(mine)).status, (await me(theirs)).status]).toEqual([401, 401]);
  });

  it.each([
    ['/.well-known/oauth-authorization-server', 500, 'provider_unavailable'],
    ['/.well-known/oauth-authorization-server', 404, 'provider_unavailable'],
    ['/oauth/token', 503, 'provider_unavailable'],
    ['/oauth/token', 401, 'provider_rejected'],
    ['/apis/user.openshift.io/v1/users/~', 500, 'provider_unavailable'],
    ['/apis/user.openshift.io/v1/users/~', 403, 'provider_rejected'],
  ])('where %s answers %s says so: %s', async (path, status, code) => {
    cluster.person = { name: 'eva', groups: [] };
    const at = browser();
    const url = await returning(at);
    cluster.intercept = (asked, response) => asked === path && Boolean(response.writeHead(status).end());
    const answer = await at.fetch(url);
    expect([answer.status, locationOf(answer)]).toEqual([302, `/sign-in?error=${code}`]);
    expect((await me(at)).status).toBe(401);
  });

  it('where the cluster says who somebody is in another form says so', async () => {
    cluster.person = { name: 'eva', groups: [] };
    for (const body of ['{}', 'null', '<html>', '{"metadata":{"name":""}}']) {
      const at = browser();
      const url = await returning(at);
      cluster.intercept = (path, response) => path.endsWith('/users/~') && Boolean(response.writeHead(200).end(body));
      expect(locationOf(await at.fetch(url))).toBe('/sign-in?error=identity_unusable');
      cluster.intercept = undefined;
    }
  });

  it('while the cluster is away says so, and works when it is there again', async () => {
    cluster.person = { name: 'eva', groups: [] };
    await cluster.stop();
    expect(locationOf(await browser().fetch('/auth/openshift/start'))).toBe('/sign-in?error=provider_unavailable');
    await cluster.start();
    expect(locationOf(await signIn(browser()))).toBe('/');
  });
});

describe('a cluster whose certificate is signed by nobody who is known', () => {
  it('is not talked to', async () => {
    const { OPENSHIFT_CA_FILE: _ca, ...others } = settings();
    maas = await startHarness(others);
    try {
      const before = cluster.asked.length;
      expect(locationOf(await browser().fetch('/auth/openshift/start'))).toBe('/sign-in?error=provider_unavailable');
      expect(cluster.asked.length).toBe(before);
    } finally {
      await maas.stop();
    }
  });

  it.each(['/nowhere/ca.pem', new URL('harness.ts', import.meta.url).pathname])(
    'stops the start where its certificate cannot be read from %s',
    async (path) => {
      const start = startHarness({ ...settings(), OPENSHIFT_CA_FILE: path });
      await expect(start).rejects.toThrow(/^OPENSHIFT_CA_FILE /);
    },
  );
});

describe('who tries again and again', () => {
  it('is sent back to the sign-in page, never shown JSON', async () => {
    maas = await startHarness({ ...settings(), LOGIN_ATTEMPTS_PER_MINUTE: '1' });
    try {
      const locations: string[] = [];
      for (let turn = 0; turn < 11; turn += 1) {
        locations.push(locationOf(await browser().fetch('/auth/openshift/callback?code=x&state=y')));
      }
      expect(new Set(locations.slice(0, 10))).toEqual(new Set(['/sign-in?error=attempt_expired']));
      expect(locations[10]).toBe('/sign-in?error=too_many_attempts');
      expect((await browser().fetch(`${API}/session/kubernetes`, { body: { token: 'x' } })).status).toBe(429);
    } finally {
      await maas.stop();
    }
  });
});

describe('with TokenReview', () => {
  let kubernetes: FakeKubernetes;

  beforeAll(async () => {
    kubernetes = await startFakeKubernetes();
    const review = { ADMIN_ACCESS_REVIEW: 'verb=update,resource=tiers' };
    maas = await startHarness({ ...settings(), ...review, KUBERNETES_AUTH: kubernetes.kubeconfig });
    cluster.person = { name: 'eva', groups: [] };
  });
  afterAll(async () => {
    await maas.stop();
    await kubernetes.close();
  });

  it('the platform asks about the token with a credential of its own, and it is the same person as by the token', async () => {
    kubernetes.answer((review, response) => {
      const person = cluster.tokens.get(review.spec.token);
      const user = { username: person?.name ?? '', groups: ['enterprise-users'] };
      reviewing(person ? { authenticated: true, user } : { authenticated: false })(review, response);
    });
    const at = browser();
    expect(locationOf(await signIn(at))).toBe('/');
    const { body } = await me(at);
    expect(body).toMatchObject({ username: 'eva', tier: { name: 'enterprise' } });
    expect(cluster.asked.at(-1)).toBe('POST /oauth/token');
    const token = [...cluster.tokens.keys()].at(-1) ?? '';
    expect((await maas.call<Me>(`${API}/me`, { token })).body.id).toBe(body.id);
    const shown = browser();
    const session = await shown.fetch<CurrentSession>(`${API}/session/kubernetes`, { body: { token } });
    expect([session.status, session.body]).toMatchObject([201, { kind: 'kubernetes', user: { id: body.id } }]);
    expect((await me(shown)).body.id).toBe(body.id);
  });

  it('a token that it does not know is refused, by either way', async () => {
    kubernetes.answer(reviewing({ authenticated: false }));
    expect(locationOf(await signIn(browser()))).toBe('/sign-in?error=provider_rejected');
    const answer = await browser().fetch(`${API}/session/kubernetes`, { body: { token: 'sha256~nobody' } });
    expect([answer.status, errorOf(answer).code]).toEqual([401, 'invalid_credentials']);
  });

  it('that cannot be asked who is an administrator says so', async () => {
    cluster.person = { name: 'fay', groups: [] };
    kubernetes.answer(reviewing({ authenticated: true, user: { username: 'fay', groups: [] } }));
    kubernetes.intercept = (_asked, response) => Boolean(response.writeHead(403).end());
    expect(locationOf(await signIn(browser()))).toBe('/sign-in?error=internal_error');
    kubernetes.intercept = (_asked, response) => Boolean(response.writeHead(500).end());
    expect(locationOf(await signIn(browser()))).toBe('/sign-in?error=provider_unavailable');
    kubernetes.intercept = undefined;
    expect(locationOf(await signIn(browser()))).toBe('/');
  });

  it('that cannot be asked says so', async () => {
    kubernetes.answer(failing(500));
    expect(locationOf(await signIn(browser()))).toBe('/sign-in?error=provider_unavailable');
    const answer = await browser().fetch(`${API}/session/kubernetes`, { body: { token: 'sha256~later' } });
    expect(answer.status).toBe(503);
  });

  it.each([{}, { token: '' }, { token: ' ' }, { token: 7 }, { token: 'x'.repeat(16_385) }])(
    'what is no token at all is 400: %j',
    async (body) => {
      const answer = await browser().fetch(`${API}/session/kubernetes`, { body });
      expect([answer.status, errorOf(answer).param]).toEqual([400, 'token']);
    },
  );
});
