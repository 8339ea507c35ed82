import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Me, User } from '@maas/contracts/auth';
import type { CurrentSession, SessionPage, SignInOptions } from '@maas/contracts/sessions';
import { SessionUses } from '../src/auth/session-uses.service.js';
import { SetupService } from '../src/auth/setup.service.js';
import { ChangeFeedService, type Transaction } from '../src/database/change-feed.service.js';
import { DatabaseService } from '../src/database/database.service.js';
import { type Browser, startBrowser } from './browser.js';
import { errorOf, type Harness, PASSWORD, startHarness } from './harness.js';

const MINUTE = 60_000;
const API = '/maas-api/v1';
let maas: Harness;

const browser = (headers: Record<string, string> = {}) => startBrowser(maas.url, headers);
const signIn = (at: Browser, username: string, password = PASSWORD) =>
  at.fetch<CurrentSession>(`${API}/session`, { body: { username, password } });
const me = async (at: Browser) => (await at.fetch<Me>(`${API}/me`)).status;
const rows = () => maas.nest.get(DatabaseService).client.session.findMany({ orderBy: { id: 'asc' } });
const cookieOf = (at: Browser) => at.jar.get(new URL(maas.url).host)?.get('maas_session');

/** A browser that is signed in. */
async function signedIn(username: string, password = PASSWORD): Promise<Browser> {
  const at = browser();
  const { status, text } = await signIn(at, username, password);
  if (status !== 201) throw new Error(text);
  return at;
}

async function createUser(username: string, fields: object = {}): Promise<User> {
  const answer = await maas.admin<User>('/users', { body: { username, password: PASSWORD, ...fields } });
  if (answer.status !== 201) throw new Error(answer.text);
  return answer.body;
}

const change = (id: string, body: object) => maas.admin(`/users/${id}`, { method: 'PATCH', body });

beforeAll(async () => {
  maas = await startHarness();
});
afterAll(() => maas.stop());

describe('the sign-in page', () => {
  it('is told how people sign in here, and no password', async () => {
    const { status, body, text } = await maas.call<SignInOptions>(`${API}/sign-in`);
    expect([status, body]).toEqual([
      200,
      {
        methods: [{ kind: 'local', label: 'Username and password' }],
        setupNeeded: false,
        demoAccounts: ['free', 'premium', 'enterprise', 'admin'],
        version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
      },
    ]);
    expect(text).not.toContain(PASSWORD);
  });
});

describe('a sign-in', () => {
  it('gives a session and a cookie that no script and no other site can use', async () => {
    const at = browser({ 'user-agent': 'Tester/1.0' });
    const { status, body, headers } = await signIn(at, 'premium');
    const now = maas.clock.now();
    const at30 = (minutes: number) => new Date(now + minutes * MINUTE).toISOString();
    expect([status, body]).toEqual([
      201,
      {
        object: 'session',
        id: expect.any(String),
        kind: 'local',
        current: true,
        createdAt: at30(0),
        lastSeenAt: at30(0),
        expiresAt: at30(12 * 60),
        idleExpiresAt: at30(30),
        userAgent: 'Tester/1.0',
        address: '127.0.0.1',
        user: { id: expect.any(String), username: 'premium', provider: 'local', role: 'user' },
      },
    ]);
    expect(headers.getSetCookie()).toEqual([
      expect.stringMatching(/^maas_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax$/),
    ]);
    expect(headers.get('cache-control')).toBe('no-store');
    expect((await at.fetch<CurrentSession>(`${API}/session`)).body).toEqual(body);
    expect((await at.fetch<Me>(`${API}/me`)).body.username).toBe('premium');
  });

  it.each(['wrong', ''])('with the password %j gives neither', async (password) => {
    const at = browser();
    const { status } = await signIn(at, 'free', password);
    expect([400, 401]).toContain(status);
    expect(at.setCookies).toEqual([]);
    expect(await me(at)).toBe(401);
  });

  it('of a suspended account is refused, and says so only to who knows its password', async () => {
    const { id } = await createUser('barred');
    await change(id, { suspended: true });
    const suspect = browser();
    const told = await signIn(suspect, 'barred');
    expect([told.status, errorOf(told).code]).toEqual([403, 'access_denied']);
    expect([cookieOf(suspect), await me(suspect)]).toEqual([undefined, 401]);
    const guess = await signIn(browser(), 'barred', 'wrong');
    expect([guess.status, guess.body]).toEqual([401, (await signIn(browser(), 'free', 'wrong')).body]);
  });

  it('keeps the SHA-256 of 256 random bits, and never the secret', async () => {
    const secret = cookieOf(await signedIn('free')) ?? '';
    expect(Buffer.from(secret, 'base64url')).toHaveLength(32);
    const kept = JSON.stringify(await rows());
    expect(kept).not.toContain(secret);
    expect(kept).toContain(createHash('sha256').update(secret).digest('hex'));
  });

  it('never takes a secret over that the browser came with, and ends the session before', async () => {
    const host = new URL(maas.url).host;
    const planted = Buffer.alloc(32, 7).toString('base64url');
    const victim = browser();
    victim.jar.set(host, new Map([['maas_session', planted]]));
    await signIn(victim, 'free');
    expect(cookieOf(victim)).not.toBe(planted);
    const attacker = browser();
    attacker.jar.set(host, new Map([['maas_session', planted]]));
    expect(await me(attacker)).toBe(401);
    const first = cookieOf(victim) ?? '';
    await signIn(victim, 'premium');
    expect(cookieOf(victim)).not.toBe(first);
    attacker.jar.set(host, new Map([['maas_session', first]]));
    expect(await me(attacker)).toBe(401);
  });

  it.each(['x', '', 'a'.repeat(43), `${'a'.repeat(43)}=`, "' OR 1=1 --", 'a'.repeat(4000), '%00'])(
    'is not made by the cookie %j',
    async (value) => {
      const headers = { cookie: `maas_session=${value}` };
      expect((await maas.call(`${API}/me`, { headers })).status).toBe(401);
    },
  );

  it('with a Kubernetes token is not offered where there is no cluster', async () => {
    const answer = await browser().fetch(`${API}/session/kubernetes`, { body: { token: 'x' } });
    expect([answer.status, errorOf(answer).message]).toEqual([
      404,
      'Signing in with a Kubernetes token is not set up here',
    ]);
  });
});

describe('a session', () => {
  it('is an identity credential: reading, minting and administration work as with an identity token', async () => {
    const user = await signedIn('premium');
    const minted = await user.fetch<{ token: string; jti: string }>(`${API}/tokens`, { body: { name: 'by cookie' } });
    expect(minted.status).toBe(201);
    expect((await maas.call('/v1/models', { token: minted.body.token })).status).toBe(200);
    expect((await user.fetch(`${API}/models`)).status).toBe(200);
    expect((await user.fetch(`${API}/tokens/${minted.body.jti}`, { method: 'DELETE' })).status).toBe(204);
    expect(errorOf(await user.fetch(`${API}/admin/users`)).message).toMatch(/^Administrators only/);
    const admin = await signedIn('admin');
    expect((await admin.fetch(`${API}/admin/users`)).status).toBe(200);
    const made = await admin.fetch<User>(`${API}/admin/users`, { body: { username: 'by-cookie', password: PASSWORD } });
    expect(made.status).toBe(201);
    const audit = await admin.fetch<{ data: object[] }>(`${API}/admin/audit?limit=1`);
    expect(audit.body.data[0]).toMatchObject({ actorName: 'admin', action: 'user.create', targetId: made.body.id });
  });

  it('is not good for inference', async () => {
    const at = await signedIn('premium');
    const answer = await at.fetch('/v1/chat/completions', { body: { model: 'simulator', messages: [] } });
    expect(answer.status).toBe(401);
  });

  it.each(['Bearer junk', 'Bearer null', 'Bearer', '', 'Basic x'])(
    'does not count beside the authorization %j',
    async (authorization) => {
      const at = await signedIn('admin');
      expect((await at.fetch(`${API}/me`, { headers: { authorization } })).status).toBe(401);
      expect((await at.fetch(`${API}/me`, { headers: { 'x-api-key': 'junk' } })).status).toBe(401);
    },
  );

  it('loses to a token of somebody else', async () => {
    const at = await signedIn('admin');
    const headers = { authorization: `Bearer ${await maas.login('free')}` };
    expect((await at.fetch<Me>(`${API}/me`, { headers })).body.username).toBe('free');
    expect((await at.fetch(`${API}/admin/users`, { headers })).status).toBe(403);
    expect((await at.fetch(`${API}/session`, { headers })).status).toBe(404);
  });

  it('ends after 30 idle minutes, to the millisecond, and each request begins them anew', async () => {
    const at = await signedIn('free');
    for (const minutes of [29, 29.99, 0.5, 29.9]) {
      maas.clock.turn(minutes * MINUTE);
      expect(await me(at)).toBe(200);
    }
    maas.clock.turn(30 * MINUTE - 1);
    expect(await me(at)).toBe(200);
    maas.clock.turn(30 * MINUTE);
    expect(await me(at)).toBe(401);
    maas.clock.turn(-1);
    expect(await me(at)).toBe(200);
  });

  it('ends after 12 hours, whatever is done', async () => {
    const at = await signedIn('free');
    for (let half = 0; half < 47; half += 1) {
      maas.clock.turn(15 * MINUTE);
      expect(await me(at)).toBe(200);
    }
    maas.clock.turn(15 * MINUTE - 1);
    expect(await me(at)).toBe(200);
    maas.clock.turn(1);
    expect(await me(at)).toBe(401);
  });

  it('has its last use written at most once a minute, and is found there by another process', async () => {
    const at = await signedIn('free');
    const secretHash = createHash('sha256')
      .update(cookieOf(at) ?? '')
      .digest('hex');
    const written = async () => (await rows()).find((row) => row.secretHash === secretHash)?.lastSeenAt.getTime() ?? 0;
    const begun = maas.clock.now();
    const use = async () => {
      await me(at);
      await maas.nest.get(SessionUses).write();
    };
    maas.clock.turn(59_999);
    await use();
    expect(await written()).toBe(begun);
    maas.clock.turn(1);
    await use();
    expect(await written()).toBe(begun + MINUTE);
    maas.clock.turn(30_000);
    await use();
    expect(await written()).toBe(begun + MINUTE);
  });

  it('that is over is swept away, and no other', async () => {
    const idle = await signedIn('free');
    maas.clock.turn(20 * MINUTE);
    const used = await signedIn('premium');
    maas.clock.turn(9.9 * MINUTE);
    await me(used);
    maas.clock.turn(20.05 * MINUTE);
    await maas.nest.get(SessionUses).sweep();
    expect(await rows()).toHaveLength(1);
    expect([await me(idle), await me(used)]).toEqual([401, 200]);
  });
});

describe('signing out', () => {
  it('ends the session on the server, takes the cookie back, and may be repeated', async () => {
    const at = await signedIn('free');
    const secret = cookieOf(at) ?? '';
    const { status, text, headers } = await at.fetch(`${API}/session`, { method: 'DELETE' });
    expect([status, text]).toEqual([204, '']);
    expect(headers.getSetCookie()[0]).toMatch(/^maas_session=; .*Expires=Thu, 01 Jan 1970/);
    expect(cookieOf(at)).toBeUndefined();
    expect((await maas.call(`${API}/me`, { headers: { cookie: `maas_session=${secret}` } })).status).toBe(401);
    expect((await at.fetch(`${API}/session`, { method: 'DELETE' })).status).toBe(204);
    expect((await maas.call(`${API}/session`, { method: 'DELETE' })).status).toBe(204);
  });

  it('of one browser leaves the others, and a list names them without a secret', async () => {
    const { id } = await createUser('lists');
    const [one, two] = [await signedIn('lists'), await signedIn('lists')];
    const listed = await one.fetch<SessionPage>(`${API}/sessions`);
    expect(listed.body.data.map(({ current }) => current)).toEqual([false, true]);
    for (const at of [one, two]) {
      const secret = cookieOf(at) ?? '';
      expect(listed.text).not.toContain(secret);
      expect(listed.text).not.toContain(createHash('sha256').update(secret).digest('hex'));
    }
    const page = await one.fetch<SessionPage>(`${API}/sessions?limit=1`);
    expect(page.body).toMatchObject({ has_more: true, data: [{ current: false }] });
    const rest = await one.fetch<SessionPage>(`${API}/sessions?limit=1&after=${page.body.next_cursor}`);
    expect(rest.body).toMatchObject({ has_more: false, data: [{ current: true }] });
    const other = page.body.data[0]?.id ?? '';
    const stranger = await signedIn('free');
    for (const foreign of [other, id, 'x', '0198c0de-0000-7000-8000-000000000000']) {
      expect((await stranger.fetch(`${API}/sessions/${foreign}`, { method: 'DELETE' })).status).toBe(404);
    }
    expect((await one.fetch(`${API}/sessions/${other}`, { method: 'DELETE' })).status).toBe(204);
    expect([await me(one), await me(two)]).toEqual([200, 401]);
    expect((await one.fetch(`${API}/sessions/${rest.body.data[0]?.id}`, { method: 'DELETE' })).status).toBe(204);
    expect(cookieOf(one)).toBeUndefined();
  });

  it('everywhere ends all browsers and older identity tokens, and nobody else’s', async () => {
    await createUser('everywhere');
    const [one, two, other] = [await signedIn('everywhere'), await signedIn('everywhere'), await signedIn('free')];
    const token = await maas.login('everywhere');
    maas.clock.turn(1);
    expect((await one.fetch(`${API}/sessions`, { method: 'DELETE' })).status).toBe(204);
    expect(cookieOf(one)).toBeUndefined();
    expect([await me(one), await me(two), await me(other)]).toEqual([401, 401, 200]);
    expect((await maas.call(`${API}/me`, { token })).status).toBe(401);
    expect(await me(await signedIn('everywhere'))).toBe(200);
  });

  it('of somebody else is an administrator’s, and is in the audit log', async () => {
    const { id } = await createUser('thrown-out');
    const at = await signedIn('thrown-out');
    maas.clock.turn(1);
    expect((await at.fetch(`${API}/admin/users/${id}/sessions`, { method: 'DELETE' })).status).toBe(403);
    const admin = await signedIn('admin');
    expect((await admin.fetch(`${API}/admin/users/${id}/sessions`, { method: 'DELETE' })).status).toBe(204);
    expect(await me(at)).toBe(401);
    const audit = await maas.admin<{ data: object[] }>(`/audit?action=user.sign_out&targetId=${id}`);
    expect(audit.body.data).toEqual([
      expect.objectContaining({
        actorName: 'admin',
        targetType: 'user',
        after: expect.objectContaining({ sessions: 1 }),
      }),
    ]);
    expect((await maas.admin('/users/nobody/sessions', { method: 'DELETE' })).status).toBe(404);
  });
});

describe('a change of the account', () => {
  it.each([
    ['its role', { role: 'admin' }],
    ['its password', { password: 'another-password' }],
    ['a suspension', { suspended: true }],
  ])('%s ends its sessions', async (_what, body) => {
    const { id, username } = await createUser(`changed-${Object.keys(body).join()}`);
    const at = await signedIn(username);
    maas.clock.turn(1);
    expect((await change(id, body)).status).toBe(200);
    expect(await me(at)).toBe(401);
    // For good: also when the change is taken back.
    if ('suspended' in body) await change(id, { suspended: false });
    expect(await me(at)).toBe(401);
    expect((await rows()).filter((row) => row.userId === id)).toEqual([]);
  });

  it('of another kind ends none', async () => {
    const { id } = await createUser('changed-tier');
    const at = await signedIn('changed-tier');
    await change(id, { tierOverride: 'premium', groups: ['premium-users'] });
    expect(await me(at)).toBe(200);
  });

  it('that deletes it ends its sessions', async () => {
    const { id } = await createUser('deleted');
    const at = await signedIn('deleted');
    await maas.nest.get(DatabaseService).client.user.delete({ where: { id } });
    expect(await me(at)).toBe(401);
  });
});

describe('many browsers at once', () => {
  it('each get a session of their own', async () => {
    await createUser('busy');
    const all = await Promise.all(Array.from({ length: 20 }, () => signedIn('busy')));
    expect(new Set(all.map(cookieOf)).size).toBe(20);
    const statuses = await Promise.all(all.flatMap((at) => [me(at), me(at)]));
    expect(new Set(statuses)).toEqual(new Set([200]));
    const { body } = await (all[0] ?? browser()).fetch<SessionPage>(`${API}/sessions?limit=100`);
    expect(body.data).toHaveLength(20);
    expect(body.data.filter(({ current }) => current)).toHaveLength(1);
  });
});

describe('one’s own password', () => {
  const NEXT = 'a-new-password-for-tests';
  const changePassword = (at: Browser, currentPassword: string, newPassword = NEXT) =>
    at.fetch(`${API}/me/password`, { body: { currentPassword, newPassword } });

  it('can be changed: every other sign-in ends, and this browser stays, with another cookie', async () => {
    await createUser('changer');
    const [at, other] = [await signedIn('changer'), await signedIn('changer')];
    const identity = await maas.login('changer');
    const before = cookieOf(at);
    maas.clock.turn(1000);
    expect((await changePassword(at, PASSWORD)).status).toBe(204);
    expect([await me(at), await me(other)]).toEqual([200, 401]);
    expect(cookieOf(at)).not.toBe(before);
    expect((await maas.call(`${API}/me`, { token: identity })).status).toBe(401);
    expect((await signIn(browser(), 'changer')).status).toBe(401);
    expect((await signIn(browser(), 'changer', NEXT)).status).toBe(201);
    const { text } = await maas.admin('/audit?action=user.password');
    expect(text).toContain('user.password');
    expect(text).not.toMatch(/password-for-tests|argon2/);
  });

  it('stays when the current one is not given, or the new one is too short', async () => {
    await createUser('careful');
    const at = await signedIn('careful');
    const wrong = await changePassword(at, 'not-my-password');
    expect([wrong.status, errorOf(wrong).param]).toEqual([400, 'currentPassword']);
    const short = await changePassword(at, PASSWORD, 'short');
    expect([short.status, errorOf(short).param]).toEqual([400, 'newPassword']);
    expect([await me(at), (await signIn(browser(), 'careful')).status]).toEqual([200, 201]);
  });

  it('of an account of an identity provider is not ours to change', async () => {
    const { id } = await createUser('provided');
    const at = await signedIn('provided');
    await maas.nest.get(DatabaseService).client.user.update({ where: { id }, data: { provider: 'oidc' } });
    const answer = await changePassword(at, PASSWORD);
    expect([answer.status, errorOf(answer).message]).toEqual([400, expect.stringContaining('identity provider')]);
  });
});

describe('the first administrator', () => {
  it('is asked for while there is none, and is signed in by the set-up link', async () => {
    const withoutAdministrators = (transaction: Transaction) =>
      transaction.user.deleteMany({ where: { role: 'admin' } });
    await maas.nest.get(ChangeFeedService).change({ topic: 'users' }, withoutAdministrators);
    const { body: before } = await maas.call<SignInOptions>(`${API}/sign-in`);
    expect([before.setupNeeded, before.demoAccounts]).toEqual([true, ['free', 'premium', 'enterprise']]);
    const secret = await maas.nest.get(SetupService).offer();
    const at = browser();
    const wrong = await at.fetch(`${API}/setup`, { body: { secret: 'x', username: 'first', password: PASSWORD } });
    expect([wrong.status, at.setCookies]).toEqual([403, []]);
    const { status } = await at.fetch(`${API}/setup`, { body: { secret, username: 'first', password: PASSWORD } });
    expect([status, (await at.fetch(`${API}/admin/users`)).status]).toEqual([201, 200]);
    expect((await maas.call<SignInOptions>(`${API}/sign-in`)).body.setupNeeded).toBe(false);
  });
});
