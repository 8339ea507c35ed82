import { createHash, type JsonWebKey } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { AuditEntry, Me } from '@maas/contracts/auth';
import type { CurrentSession, SignedOut, SignInOptions } from '@maas/contracts/sessions';
import { DatabaseService } from '../src/database/database.service.js';
import { type Browser, startBrowser } from './browser.js';
import { type Answer, type Harness, startHarness } from './harness.js';
import { CLIENT_ID, CLIENT_SECRET, type OidcIssuer, startOidcIssuer } from './oidc-issuer.js';

const API = '/maas-api/v1';
/** People come by this name; the harness listens on a port that is not known before. */
const PUBLIC = 'http://localhost:8099';

let maas: Harness;
let issuer: OidcIssuer;

beforeAll(async () => {
  issuer = await startOidcIssuer(`${PUBLIC}/auth/oidc/callback`);
  maas = await startHarness({
    PUBLIC_URL: PUBLIC,
    OIDC_ISSUER: issuer.issuer,
    OIDC_CLIENT_ID: CLIENT_ID,
    OIDC_CLIENT_SECRET: CLIENT_SECRET,
    OIDC_LABEL: 'Company account',
    ADMIN_GROUPS: 'platform-admins',
    TRUST_PROXY: '127.0.0.1',
  });
  issuer.accounts.set('u-ana', { preferred_username: 'ana', email: 'ana@example.com', groups: ['premium-users'] });
  issuer.accounts.set('u-root', { preferred_username: 'root', groups: ['platform-admins'] });
});
afterEach(() => {
  issuer.intercept = undefined;
});
afterAll(async () => {
  await maas.stop();
  await issuer.stop();
});

/** Our own pages are reached by the address that the harness listens on. */
const here = (url: string) => url.replace(PUBLIC, maas.url);
const locationOf = (answer: Answer) => answer.headers.get('location') ?? '';
const browser = () => startBrowser(maas.url, {});
const start = (at: Browser, query = '') => at.fetch(`/auth/oidc/start${query}`);

/** From the provider's door to where it sends the browser back to. */
async function atProvider(at: Browser, url: string, sub: string): Promise<string> {
  let location = url;
  for (let hop = 0; hop < 12 && !location.startsWith(PUBLIC); hop += 1) {
    const target = new URL(location, issuer.issuer);
    if (target.pathname.startsWith('/interaction/')) target.searchParams.set('as', sub);
    const answer = await at.fetch(target.href);
    location = locationOf(answer);
    if (location === '') throw new Error(`${target.href} answered ${answer.status} ${answer.text.slice(0, 300)}`);
  }
  return location;
}

/** The whole way, to the answer of our callback. */
async function signIn(at: Browser, sub: string, query = ''): Promise<Answer> {
  return at.fetch(here(await atProvider(at, locationOf(await start(at, query)), sub)));
}

const me = (at: Browser) => at.fetch<Me>(`${API}/me`);
const refusedWith = (answer: Answer) => [answer.status, locationOf(answer)];

describe('signing in by the company account', () => {
  it('is offered, by its name', async () => {
    const { body } = await maas.call<SignInOptions>(`${API}/sign-in`);
    expect(body.methods[0]).toEqual({ kind: 'oidc', label: 'Company account', url: '/auth/oidc/start' });
  });

  it('sends the browser to the provider with state, nonce and a challenge, and tells it no secret', async () => {
    const at = browser();
    const answer = await start(at, '?returnTo=/tokens');
    const url = new URL(locationOf(answer));
    expect([answer.status, url.origin]).toEqual([302, issuer.issuer]);
    const { state, nonce, code_challenge: challenge, ...rest } = Object.fromEntries(url.searchParams);
    expect(rest).toEqual({
      client_id: CLIENT_ID,
      redirect_uri: `${PUBLIC}/auth/oidc/callback`,
      response_type: 'code',
      scope: 'openid profile email groups',
      code_challenge_method: 'S256',
    });
    expect([state, nonce, challenge].map((value) => value?.length)).toEqual([43, 43, 43]);
    expect(at.setCookies).toEqual([
      expect.stringMatching(/^maas_sign_in=[\w.-]+; Max-Age=600; Path=\/; HttpOnly; SameSite=Lax$/),
    ]);
    const again = new URL(locationOf(await start(browser()))).searchParams;
    expect([again.get('state'), again.get('nonce')]).not.toEqual(expect.arrayContaining([state]));
  });

  it('gives a session, with the groups and the tier that the provider says, and goes where it was meant to', async () => {
    const at = browser();
    const answer = await signIn(at, 'u-ana', '?returnTo=/tokens%3Fnew%3D1');
    expect(refusedWith(answer)).toEqual([302, '/tokens?new=1']);
    expect((await me(at)).body).toMatchObject({
      username: 'ana',
      email: 'ana@example.com',
      provider: 'oidc',
      role: 'user',
      groups: ['premium-users', 'system:authenticated'],
      tier: { name: 'premium', group: 'premium-users' },
    });
    expect((await at.fetch<CurrentSession>(`${API}/session`)).body).toMatchObject({ kind: 'oidc', current: true });
    expect([...(at.jar.get(new URL(maas.url).host)?.keys() ?? [])]).toEqual(['maas_session']);
  });

  it('takes groups, role and tier from the provider again each time, and keeps the person', async () => {
    const at = browser();
    await signIn(at, 'u-ana');
    const { body: before } = await me(at);
    issuer.accounts.set('u-ana', { preferred_username: 'ana', groups: ['enterprise-users', 'platform-admins'] });
    const other = browser();
    await signIn(other, 'u-ana');
    expect((await me(other)).body).toMatchObject({ id: before.id, role: 'admin', tier: { name: 'enterprise' } });
    // The role changed: the earlier session has ended.
    expect((await me(at)).status).toBe(401);
    issuer.accounts.set('u-ana', { preferred_username: 'ana', groups: [] });
    await signIn(browser(), 'u-ana');
    expect((await me(other)).status).toBe(401);
    const last = browser();
    await signIn(last, 'u-ana');
    expect((await me(last)).body).toMatchObject({ id: before.id, role: 'user', tier: { name: 'free' } });
    const audit = await maas.admin<{ data: AuditEntry[] }>(`/audit?targetId=${before.id}`);
    expect(audit.body.data).toMatchObject([
      { action: 'user.update', actorName: 'identity provider', before: { role: 'admin' }, after: { role: 'user' } },
      { action: 'user.update', actorName: 'identity provider', before: { role: 'user' }, after: { role: 'admin' } },
    ]);
  });

  it('works without email and username: the subject stands for them', async () => {
    issuer.accounts.set('u-bare', {});
    const at = browser();
    await signIn(at, 'u-bare');
    expect((await me(at)).body).toMatchObject({ username: 'u-bare', email: null, groups: ['system:authenticated'] });
  });

  it('may be refused by the person, and by us where the account is suspended', async () => {
    expect(refusedWith(await signIn(browser(), ''))).toEqual([302, '/sign-in?error=access_denied']);
    issuer.accounts.set('u-gone', { preferred_username: 'gone' });
    const at = browser();
    await signIn(at, 'u-gone');
    await maas.admin(`/users/${(await me(at)).body.id}`, { method: 'PATCH', body: { suspended: true } });
    const answer = await signIn(browser(), 'u-gone');
    expect(refusedWith(answer)).toEqual([302, '/sign-in?error=account_suspended']);
    expect(answer.headers.getSetCookie().join()).not.toContain('maas_session=');
  });

  it('signs out of the provider too, if the person wants', async () => {
    const at = browser();
    await signIn(at, 'u-root');
    const { status, body } = await at.fetch<SignedOut>(`${API}/session`, { method: 'DELETE' });
    const url = new URL(body.logoutUrl);
    expect([status, url.origin + url.pathname]).toEqual([200, `${issuer.issuer}/session/end`]);
    expect(Object.fromEntries(url.searchParams)).toEqual({
      client_id: CLIENT_ID,
      post_logout_redirect_uri: `${PUBLIC}/sign-in`,
    });
    expect((await at.fetch(url.href)).status).toBe(200);
    expect((await me(at)).status).toBe(401);
  });
});

describe('what comes back', () => {
  /** A browser that the provider has just sent back, and to where. */
  async function returning(sub = 'u-root'): Promise<{ at: Browser; url: string }> {
    const at = browser();
    return { at, url: await atProvider(at, locationOf(await start(at)), sub) };
  }
  const expectNothing = async (at: Browser, answer: Answer, code: string) => {
    expect(refusedWith(answer)).toEqual([302, `/sign-in?error=${code}`]);
    expect((await me(at)).status).toBe(401);
  };
  const changed = (url: string, name: string, value: string | undefined) => {
    const next = new URL(here(url));
    if (value === undefined) next.searchParams.delete(name);
    else next.searchParams.set(name, value);
    return next.href;
  };

  it.each([undefined, '', 'x', 'a'.repeat(43)])(
    'with the state %j is not taken, nor is the code used up',
    async (state) => {
      const { at, url } = await returning();
      const tokens = issuer.asked.get('/token') ?? 0;
      await expectNothing(at, await at.fetch(changed(url, 'state', state)), 'attempt_expired');
      expect(issuer.asked.get('/token') ?? 0).toBe(tokens);
    },
  );

  it('is not taken in another browser, which began none or another sign-in', async () => {
    const { url } = await returning();
    const stranger = browser();
    await expectNothing(stranger, await stranger.fetch(here(url)), 'attempt_expired');
    await start(stranger);
    await expectNothing(stranger, await stranger.fetch(here(url)), 'attempt_expired');
  });

  it('is not taken after ten minutes', async () => {
    const { at, url } = await returning();
    maas.clock.turn(600_000);
    await expectNothing(at, await at.fetch(here(url)), 'attempt_expired');
  });

  it('is taken once: neither the browser nor who has copied its cookies can use the code again', async () => {
    const { at, url } = await returning();
    const copy = browser();
    for (const [host, cookies] of at.jar) copy.jar.set(host, new Map(cookies));
    expect(refusedWith(await at.fetch(here(url)))).toEqual([302, '/']);
    expect(refusedWith(await at.fetch(here(url)))).toEqual([302, '/sign-in?error=attempt_expired']);
    expect((await me(at)).status).toBe(200);
    await expectNothing(copy, await copy.fetch(here(url)), 'provider_rejected');
  });

  it('by the name of another provider is not taken (RFC 9207)', async () => {
    for (const iss of ['https://evil.example', undefined]) {
      const { at, url } = await returning();
      await expectNothing(at, await at.fetch(changed(url, 'iss', iss)), 'provider_rejected');
    }
  });

  it('with a code that another browser got is not taken: the provider wants the verifier of who asked', async () => {
    const victim = await returning('u-root');
    const attacker = await returning('u-bare');
    const code = new URL(victim.url).searchParams.get('code') ?? '';
    await expectNothing(attacker.at, await attacker.at.fetch(changed(attacker.url, 'code', code)), 'provider_rejected');
  });

  type Header = { alg?: string; kid?: string };
  /** Comes back, while the provider gives this id token instead of its own. */
  async function returnWith(
    claims: object,
    header: Header = {},
    key?: JsonWebKey,
  ): Promise<{ at: Browser; answer: Answer }> {
    const { at, url } = await returning();
    const now = Math.floor(Date.now() / 1000);
    const { nonce } = attemptOf(at);
    const good = { iss: issuer.issuer, sub: 'u-root', aud: CLIENT_ID, iat: now, exp: now + 300, nonce, groups: [] };
    const token = await issuer.idToken({ ...good, preferred_username: 'root', ...claims }, header, key);
    issuer.intercept = (path, response) => {
      if (path !== '/token') return false;
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify({ access_token: 'x', token_type: 'Bearer', expires_in: 60, id_token: token }));
      return true;
    };
    return { at, answer: await at.fetch(here(url)) };
  }

  it('with an id token that is right in all is taken', async () => {
    expect(refusedWith((await returnWith({})).answer)).toEqual([302, '/']);
  });

  it.each([
    ['of another nonce', { nonce: 'another' }, {}],
    ['of no nonce', { nonce: undefined }, {}],
    ['of another issuer', { iss: 'https://evil.example' }, {}],
    ['for another client', { aud: 'wiki' }, {}],
    ['that has expired', { exp: 1000 }, {}],
    ['without a subject', { sub: undefined }, {}],
    ['signed by nobody’s key', {}, { kid: 'nobody' }],
  ])('with an id token %s is not taken', async (_what, claims, header) => {
    const { at, answer } = await returnWith(claims, header);
    await expectNothing(at, answer, 'provider_rejected');
  });

  it('with an id token that the client secret signs is not taken', async () => {
    const secret = { kty: 'oct', k: Buffer.from(CLIENT_SECRET).toString('base64url') };
    const signed = await returnWith({}, { alg: 'HS256', kid: 'first' }, secret);
    await expectNothing(signed.at, signed.answer, 'provider_rejected');
  });

  it('while the provider is away says so, and works when it is there again', async () => {
    for (const status of [500, 503, 429]) {
      const { at, url } = await returning();
      issuer.intercept = (path, response) => path === '/token' && Boolean(response.writeHead(status).end());
      await expectNothing(at, await at.fetch(here(url)), 'provider_unavailable');
      issuer.intercept = undefined;
    }
    const { at, url } = await returning();
    await issuer.stop();
    await expectNothing(at, await at.fetch(here(url)), 'provider_unavailable');
    await issuer.start();
    expect(refusedWith(await signIn(browser(), 'u-root'))).toEqual([302, '/']);
  });

  it('by a way that is not set up says so', async () => {
    for (const path of ['/auth/openshift/start', '/auth/openshift/callback?code=x&state=y']) {
      expect(refusedWith(await browser().fetch(path))).toEqual([302, '/sign-in?error=method_not_configured']);
    }
  });

  it('leads nowhere but to our own pages', async () => {
    for (const wish of ['//evil.example', '/%5Cevil.example', 'https://evil.example', '/%09/evil.example']) {
      expect(locationOf(await signIn(browser(), 'u-root', `?returnTo=${wish}`))).toBe('/');
    }
  });

  it('leaves no token, code or secret of the provider in the database', async () => {
    const { client } = maas.nest.get(DatabaseService);
    const kept = JSON.stringify([await client.session.findMany(), await client.user.findMany()]);
    expect(kept).not.toMatch(/eyJ[\w-]+\./);
    expect(kept).toContain(`${issuer.issuer} u-root`);
  });

  /** What the cookie of a sign-in stands for; only the server, who knows how, could tell from outside. */
  function attemptOf(at: Browser): { nonce: string } {
    const cookie = at.jar.get(new URL(maas.url).host)?.get('maas_sign_in') ?? '';
    return { nonce: hmac(cookie, 'nonce') };
  }
});

function hmac(key: string, text: string): string {
  // HMAC (RFC 2104) by hand, so that the test does not share the code under test.
  const block = Buffer.alloc(64);
  const bytes = Buffer.from(key);
  (bytes.length > 64 ? createHash('sha256').update(bytes).digest() : bytes).copy(block);
  const pad = (byte: number) => block.map((one) => one ^ byte);
  const inner = createHash('sha256').update(pad(0x36)).update(text).digest();
  return createHash('sha256').update(pad(0x5c)).update(inner).digest('base64url');
}
