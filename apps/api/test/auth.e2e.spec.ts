import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { LoginResult, Me, User } from '@maas/contracts/auth';
import { type Answer, chat, errorOf, type Harness, PASSWORD, startHarness } from './harness.js';

let maas: Harness;

const LOGIN = '/maas-api/v1/login';
const signIn = (username: unknown, password: unknown, headers = {}) =>
  maas.call<LoginResult>(LOGIN, { method: 'POST', body: { username, password }, headers });
const me = (token: string) => maas.call<Me>('/maas-api/v1/me', { token });

async function createUser(username: string, fields: object = {}): Promise<User> {
  const body = { username, password: PASSWORD, ...fields };
  const answer = await maas.admin<User>('/users', { method: 'POST', body });
  if (answer.status !== 201) throw new Error(answer.text);
  return answer.body;
}

async function changeUser(id: string, body: object): Promise<User> {
  const answer = await maas.admin<User>(`/users/${id}`, { method: 'PATCH', body });
  if (answer.status !== 200) throw new Error(answer.text);
  return answer.body;
}

/** Everything that a caller could tell two answers apart by. */
const seenOf = ({ status, headers, text }: Answer) => ({
  status,
  text,
  headers: [...headers].filter(([name]) => name !== 'x-request-id' && name !== 'date'),
});

describe('a local account', () => {
  beforeAll(async () => {
    maas = await startHarness();
  });
  afterAll(() => maas.stop());

  it('gets an identity token for its username and password', async () => {
    const { status, body, headers } = await signIn('free', PASSWORD);
    expect(status).toBe(200);
    expect(body.token.split('.')).toHaveLength(3);
    expect(body.expiresAt).toBe(Math.floor(maas.clock.now() / 1000) + 12 * 3600);
    expect(headers.get('cache-control')).toBe('no-store');
    expect((await me(body.token)).body.username).toBe('free');
  });

  it('gets the same answer for a wrong password of its own, of a suspended account and of none', async () => {
    const { id } = await createUser('suspended');
    await changeUser(id, { suspended: true });
    const wrong = await signIn('free', `${PASSWORD}!`);
    expect(wrong.status).toBe(401);
    expect(errorOf(wrong)).toEqual({
      message: 'Wrong username or password',
      type: 'invalid_request_error',
      code: 'invalid_credentials',
    });
    expect(seenOf(await signIn('nobody', PASSWORD))).toEqual(seenOf(wrong));
    expect(seenOf(await signIn('suspended', 'wrong'))).toEqual(seenOf(wrong));
    expect(seenOf(await signIn('FREE', PASSWORD))).toEqual(seenOf(wrong));
    expect(seenOf(await signIn('free ', PASSWORD))).toEqual(seenOf(wrong));
    expect(seenOf(await signIn("' OR 1=1 --", PASSWORD))).toEqual(seenOf(wrong));
  });

  it('that is suspended is told so, and whom to ask, by its own password alone', async () => {
    const { id } = await createUser('told');
    await changeUser(id, { suspended: true });
    const path = '/maas-api/v1/session';
    const headers = { origin: maas.url };
    for (const sent of [LOGIN, path]) {
      const at = (password: string) =>
        maas.call(sent, { method: 'POST', body: { username: 'told', password }, headers });
      expect((await at(`${PASSWORD}!`)).status).toBe(401);
      const told = await at(PASSWORD);
      expect(told.status).toBe(403);
      expect(told.headers.get('set-cookie')).toBeNull();
      expect(errorOf(told)).toEqual({
        message: 'This account is suspended. Ask an administrator of this platform to let you in again.',
        type: 'permission_error',
        code: 'access_denied',
      });
    }
    await changeUser(id, { suspended: false });
    expect((await signIn('told', PASSWORD)).status).toBe(200);
  });

  it.each(['a\u0000', '\ud800'])('is refused with 400 by a name that cannot be kept: %j', async (username) => {
    const answer = await signIn(username, PASSWORD);
    expect(answer.status).toBe(400);
    expect(errorOf(answer).message).toContain('U+0000');
  });

  it.each(['\u{10ffff}', '%00', '\\', '\r\n'])(
    'that could never exist is answered as any unknown one: %j',
    async (username) => {
      expect(seenOf(await signIn(username, PASSWORD))).toEqual(seenOf(await signIn('nobody', PASSWORD)));
      expect((await signIn('free', username)).status).toBe(401);
    },
  );

  it.each([
    [{ password: PASSWORD }, 'username'],
    [{ username: 'free' }, 'password'],
    [{ username: 'free', password: '' }, 'password'],
    [{ username: '', password: PASSWORD }, 'username'],
    [{ username: 'free', password: 7 }, 'password'],
    [{ username: ['free'], password: PASSWORD }, 'username'],
    [{ username: 'u'.repeat(257), password: PASSWORD }, 'username'],
    [{ username: 'free', password: 'p'.repeat(257) }, 'password'],
  ])('cannot sign in with what is no username and password (%#): 400 that names it', async (body, param) => {
    const answer = await maas.call(LOGIN, { method: 'POST', body });
    expect(answer.status).toBe(400);
    expect(errorOf(answer)).toMatchObject({ type: 'invalid_request_error', code: 'invalid_request', param });
  });

  it.each(['', '{', '[]', '"free"', 'null', '{"username":"free","username":"admin","password":"x"}'])(
    'cannot sign in with the body %j: 400, never 500',
    async (body) => {
      const answer = await maas.call(LOGIN, { method: 'POST', body });
      expect(answer.status).toBe(400);
      expect(errorOf(answer).type).toBe('invalid_request_error');
    },
  );

  it('signs in whatever content type curl -d sends', async () => {
    const body = JSON.stringify({ username: 'free', password: PASSWORD });
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    expect((await maas.call(LOGIN, { method: 'POST', body, headers })).status).toBe(200);
  });
});

describe('an identity token', () => {
  beforeAll(async () => {
    maas = await startHarness({ IDENTITY_LIFETIME: '1h' });
  });
  afterAll(() => maas.stop());

  it('is not good for inference, and an access token neither for /me nor for minting', async () => {
    const identity = await maas.login('premium');
    const inference = await maas.call('/v1/chat/completions', { token: identity, body: chat('Hello') });
    expect(inference.status).toBe(401);
    expect(errorOf(inference)).toMatchObject({ type: 'invalid_request_error', code: 'invalid_api_key' });
    const access = await maas.accessToken('premium');
    for (const request of [me(access), maas.call('/maas-api/v1/tokens', { method: 'POST', token: access })]) {
      const answer = await request;
      expect(answer.status).toBe(403);
      expect(errorOf(answer)).toMatchObject({ type: 'permission_error', code: 'access_denied' });
    }
  });

  it.each([
    undefined,
    '',
    'null',
    'Bearer',
    'Bearer ',
    'Bearer null',
    'Bearer undefined',
    'Basic ZnJlZTpmcmVl',
    'Bearer not.a.token',
    'Bearer a b',
    'Bearer eyJhbGciOiJub25lIn0.e30.',
  ])('is needed: the authorization %j is 401 in our shape', async (authorization) => {
    const headers = authorization === undefined ? {} : { authorization };
    for (const path of ['/maas-api/v1/me', '/maas-api/v1/tokens', '/maas-api/v1/admin/users']) {
      const answer = await maas.call(path, { headers });
      expect(answer.status).toBe(401);
      expect(errorOf(answer)).toEqual({
        message: 'Invalid authentication token',
        type: 'invalid_request_error',
        code: 'invalid_api_key',
      });
      expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/);
    }
  });

  it('is taken whatever the case of the scheme, and not without one', async () => {
    const token = await maas.login('free');
    for (const [authorization, status] of [
      [`bearer ${token}`, 200],
      [`BEARER   ${token}`, 200],
      [token, 401],
      [`Token ${token}`, 401],
    ] as const) {
      expect((await maas.call('/maas-api/v1/me', { headers: { authorization } })).status).toBe(status);
    }
  });

  it('ends after its lifetime, to the second', async () => {
    const { body } = await signIn('free', PASSWORD);
    maas.clock.turn(body.expiresAt * 1000 - 1 - maas.clock.now());
    expect((await me(body.token)).status).toBe(200);
    maas.clock.turn(1);
    expect((await me(body.token)).status).toBe(401);
  });

  it('ends when the password changes, and a sign-in of the same instant holds', async () => {
    const { id } = await createUser('changing');
    const before = await maas.login('changing');
    const access = await maas.call<{ token: string }>('/maas-api/v1/tokens', { method: 'POST', token: before });
    maas.clock.turn(1);
    await changeUser(id, { password: 'another-password' });
    expect((await me(before)).status).toBe(401);
    expect((await signIn('changing', PASSWORD)).status).toBe(401);
    const after = await maas.login('changing', 'another-password');
    expect((await me(after)).status).toBe(200);
    // What was exchanged for is a credential of its own, which is revoked by itself.
    const models = await maas.call('/v1/models', { token: access.body.token });
    expect(models.status).toBe(200);
  });

  it('stops at once when its owner is suspended, and works again when that ends', async () => {
    const { id } = await createUser('paused');
    const token = await maas.login('paused');
    await changeUser(id, { suspended: true });
    expect((await me(token)).status).toBe(401);
    await changeUser(id, { suspended: false });
    expect((await me(token)).status).toBe(200);
  });

  it('carries no role: who is no administrator any more is refused at once', async () => {
    const { id } = await createUser('deputy', { role: 'admin' });
    const token = await maas.login('deputy');
    expect((await maas.call('/maas-api/v1/admin/users', { token })).status).toBe(200);
    await changeUser(id, { role: 'user' });
    const answer = await maas.call('/maas-api/v1/admin/users', { token });
    expect(answer.status).toBe(403);
    expect(errorOf(answer)).toMatchObject({ type: 'permission_error', code: 'access_denied' });
  });
});

describe('GET /me', () => {
  beforeAll(async () => {
    maas = await startHarness();
  });
  afterAll(() => maas.stop());

  it('says who I am, my tier and why, and what is left of its limits, before and after a request', async () => {
    const identity = await maas.login('free');
    const fresh = { limit: 5, remaining: 5, resetSeconds: 0 };
    const before = await me(identity);
    expect(before.body).toEqual({
      id: expect.any(String),
      username: 'free',
      email: null,
      provider: 'local',
      role: 'user',
      groups: ['system:authenticated'],
      tier: { name: 'free', displayName: 'Free', reason: 'group', group: 'system:authenticated' },
      limits: { requests: fresh, tokens: { limit: 100, remaining: 100, resetSeconds: 0 } },
    });
    const body = chat('Hello', { simulator: { tokens: 7 } });
    const answer = await maas.call('/v1/chat/completions', { token: await maas.accessToken('free'), body });
    const used = Number(answer.headers.get('x-odhu-usage-total-tokens'));
    expect(used).toBeGreaterThan(7);
    maas.clock.turn(20_000);
    expect((await me(identity)).body.limits).toEqual({
      requests: { limit: 5, remaining: 4, resetSeconds: 40 },
      tokens: { limit: 100, remaining: 100 - used, resetSeconds: 40 },
    });
    maas.clock.turn(40_000);
    expect((await me(identity)).body.limits).toEqual(before.body.limits);
  });

  it('names the group of highest tier', async () => {
    expect((await me(await maas.login('admin'))).body).toMatchObject({
      role: 'admin',
      tier: { name: 'enterprise', reason: 'group', group: 'enterprise-users' },
    });
  });

  it('costs nothing, however often it is asked', async () => {
    const identity = await maas.login('premium');
    for (let turn = 0; turn < 30; turn += 1) await me(identity);
    expect((await me(identity)).body.limits?.requests.remaining).toBe(20);
  });
});

describe('guessing passwords', () => {
  let turned = 0;
  const from = (address: string) => ({ 'x-forwarded-for': address });

  beforeAll(async () => {
    maas = await startHarness({
      LOGIN_ATTEMPTS_PER_MINUTE: '3',
      CONTROL_REQUESTS_PER_MINUTE: '5',
      TRUST_PROXY: '127.0.0.1',
    });
    // The throttle counts by the calendar's clock, which stands still but for what it is turned.
    const start = Date.now();
    jest.spyOn(Date, 'now').mockImplementation(() => start + turned);
  });
  afterEach(() => {
    turned += 120_000;
  });
  afterAll(async () => {
    jest.restoreAllMocks();
    await maas.stop();
  });

  it('is refused after so many attempts on an account, also with the right password, and not on another account', async () => {
    for (const attempt of [1, 2, 3]) expect((await signIn('free', `wrong ${attempt}`)).status).toBe(401);
    for (const password of ['wrong 4', PASSWORD]) {
      const answer = await signIn('free', password);
      expect(answer.status).toBe(429);
      expect(errorOf(answer)).toMatchObject({ type: 'rate_limit_error', code: 'rate_limit_exceeded' });
      expect(errorOf(answer).message).toMatch(/^Rate limit exceeded: .*3 a minute; try again in \d+ s$/);
    }
    expect((await signIn('premium', PASSWORD)).status).toBe(200);
  });

  it('is refused alike on accounts that do not exist', async () => {
    for (const attempt of [1, 2, 3]) expect((await signIn('nobody', `wrong ${attempt}`)).status).toBe(401);
    expect((await signIn('nobody', 'wrong')).status).toBe(429);
  });

  it('is refused from whatever addresses the attempts come', async () => {
    for (const attempt of [1, 2, 3]) await signIn('free', 'wrong', from(`192.0.2.${attempt}`));
    expect((await signIn('free', 'wrong', from('192.0.2.4'))).status).toBe(429);
  });

  it.each([
    ['192.0.2.77', '192.0.2.77', '192.0.2.78'],
    // One subscriber has a whole /64, and so 2^64 addresses.
    ['2001:db8:1:2::1', '2001:db8:1:2:ffff::9', '2001:db8:1:3::1'],
  ])(
    'is refused after ten times as many attempts from an address, on whatever accounts (%s)',
    async (one, same, other) => {
      for (let attempt = 0; attempt < 30; attempt += 1) {
        expect((await signIn(`nobody-${attempt}`, 'x', from(one))).status).toBe(401);
      }
      expect((await signIn('nobody-30', 'x', from(same))).status).toBe(429);
      expect((await signIn('nobody-31', 'x', from(other))).status).toBe(401);
    },
  );

  it('says truthfully when to try again: a second before is too early, and then it works', async () => {
    for (let attempt = 0; attempt < 3; attempt += 1) await signIn('free', 'wrong');
    turned += 20_000;
    const refused = await signIn('free', PASSWORD);
    const seconds = Number(refused.headers.get('retry-after'));
    expect(seconds).toBeGreaterThan(30);
    expect(seconds).toBeLessThanOrEqual(40);
    expect(Number(refused.headers.get('retry-after-ms'))).toBe(seconds * 1000);
    turned += (seconds - 2) * 1000;
    // Trying too early does not make it longer.
    expect((await signIn('free', PASSWORD)).status).toBe(429);
    turned += 2000;
    expect((await signIn('free', PASSWORD)).status).toBe(200);
  });

  it('never gets more than the limit through in any minute', async () => {
    let passed = 0;
    for (let second = 0; second < 59; second += 1) {
      if ((await signIn('enterprise', PASSWORD)).status === 200) passed += 1;
      turned += 1000;
    }
    expect(passed).toBe(3);
  });

  it('counts sign-ins without a username as one account of its own', async () => {
    for (let attempt = 0; attempt < 3; attempt += 1) expect((await signIn(undefined, 'x')).status).toBe(400);
    expect((await signIn(7, 'x')).status).toBe(429);
    expect((await signIn('free', PASSWORD)).status).toBe(200);
  });

  it('does not get in the way of a person’s own changes, which have a limit of their own; reading has none', async () => {
    const token = await maas.login('free');
    const mint = () => maas.call('/maas-api/v1/tokens', { method: 'POST', token });
    for (let change = 0; change < 5; change += 1) expect((await mint()).status).toBe(201);
    const refused = await mint();
    expect(refused.status).toBe(429);
    expect(errorOf(refused)).toMatchObject({ type: 'rate_limit_error', code: 'rate_limit_exceeded' });
    for (let read = 0; read < 10; read += 1) expect((await me(token)).status).toBe(200);
    const other = await maas.login('premium');
    expect((await maas.call('/maas-api/v1/tokens', { method: 'POST', token: other })).status).toBe(201);
  });
});

describe('the public keys', () => {
  beforeAll(async () => {
    maas = await startHarness();
  });
  afterAll(() => maas.stop());

  it('are published without authentication and hold nothing private', async () => {
    const { status, body } = await maas.call<{ keys: object[] }>('/.well-known/jwks.json');
    expect(status).toBe(200);
    expect(body.keys).toHaveLength(1);
    expect(Object.keys(body.keys[0] ?? {}).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x']);
  });
});
