import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { CreatedToken, Token } from '@maas/contracts/tokens';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { DatabaseService } from '../src/database/database.service.js';
import { TokenUses } from '../src/tokens/token-uses.service.js';
import { chat, errorOf, type Harness, startHarness } from './harness.js';

interface TokenPage {
  object: 'list';
  data: Token[];
  has_more: boolean;
  next_cursor: string | null;
}

let maas: Harness;
let identity: string;

beforeAll(async () => {
  maas = await startHarness();
  identity = await maas.login('premium');
});
afterAll(() => maas.stop());

const TOKENS = '/maas-api/v1/tokens';
const mint = (body?: object | string, token = identity) =>
  maas.call<CreatedToken>(TOKENS, { method: 'POST', token, ...(body === undefined ? {} : { body }) });
const list = (query = '', token = identity) => maas.call<TokenPage>(`${TOKENS}${query}`, { token });
const revoke = (jti: string, token = identity) => maas.call(`${TOKENS}/${jti}`, { method: 'DELETE', token });
const revokeAll = (token: string) => maas.call(TOKENS, { method: 'DELETE', token });
/** What an access token gets where it is used. */
const use = (token: string) => maas.call('/v1/chat/completions', { token, body: chat('Hello') });

async function identityOf(username: string): Promise<string> {
  const body = { username, password: 'a-password-of-theirs', groups: ['enterprise-users'] };
  const answer = await maas.admin('/users', { method: 'POST', body });
  if (answer.status !== 201) throw new Error(answer.text);
  return maas.login(username, body.password);
}

describe('minting', () => {
  it.each([
    ['15m', '15m0s', 900],
    ['1h30m', '1h30m0s', 5400],
    ['1.5h', '1h30m0s', 5400],
    ['601s', '10m1s', 601],
    ['2d', '48h0m0s', 172_800],
    [900, '15m0s', 900],
    [600, '10m0s', 600],
    [null, '4h0m0s', 14_400],
    ['', '4h0m0s', 14_400],
    ['0', '4h0m0s', 14_400],
    [0, '4h0m0s', 14_400],
    ['30d', '720h0m0s', 2_592_000],
  ])('takes the expiration %j', async (expiration, shown, seconds) => {
    const { status, body } = await mint({ expiration });
    expect(status).toBe(201);
    expect(body.expiration).toBe(shown);
    expect(body.expiresAt - body.issuedAt).toBe(seconds);
  });

  it.each(['5m', '599s', '-1h', '4hours', '30', '1 h', true, {}, [], '31d', 599, -1, 1e12, '0s'])(
    'refuses the expiration %j with a 400 that says what is accepted',
    async (expiration) => {
      const answer = await mint({ expiration });
      expect(answer.status).toBe(400);
      expect(errorOf(answer)).toMatchObject({
        type: 'invalid_request_error',
        code: 'invalid_request',
        param: 'expiration',
      });
      expect(errorOf(answer).message).toMatch(/^expiration is .*(10 minutes|longest)/);
    },
  );

  it.each([
    ['no body', undefined],
    ['an empty body', ''],
    ['an empty object', {}],
    ['unknown fields', { lifetime: '1h', expires: 5, groups: ['admins'], sub: 'admin' }],
  ])('gives four hours for %s', async (_what, body) => {
    const answer = await mint(body);
    expect(answer.status).toBe(201);
    expect(answer.body.expiration).toBe('4h0m0s');
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });

  it.each(['{', '[]', 'null,', '"1h"', '{"expiration":"1h","expiration":"2h"}'])(
    'refuses the body %j with 400',
    async (body) => {
      const answer = await mint(body);
      expect(answer.status).toBe(400);
      expect(errorOf(answer).type).toBe('invalid_request_error');
    },
  );

  it.each(['{', '{"expiration":"1s"}'])('looks at who asks before it looks at the body %j', async (body) => {
    expect((await maas.call(TOKENS, { method: 'POST', body })).status).toBe(401);
    expect((await mint(body, 'null')).status).toBe(401);
  });

  it('gives a JWT that names the person and not their tier', async () => {
    const { body } = await mint({ expiration: '1h', name: ' laptop ', description: 'for the workshop' });
    expect(body.token.length).toBeGreaterThan(100);
    expect(decodeProtectedHeader(body.token)).toEqual({ alg: 'EdDSA', typ: 'at+jwt', kid: expect.any(String) });
    const claims = decodeJwt(body.token);
    expect(Object.keys(claims).sort()).toEqual(['aud', 'exp', 'iat', 'iss', 'jti', 'sub']);
    expect(claims).toMatchObject({ jti: body.jti, iat: body.issuedAt, exp: body.expiresAt });
    expect(body.name).toBe('laptop');
    const me = await maas.call<{ id: string }>('/maas-api/v1/me', { token: identity });
    expect(claims.sub).toBe(me.body.id);
  });

  it.each([
    [{ name: 'n'.repeat(101) }, 'name'],
    [{ name: 7 }, 'name'],
    [{ name: 'two\r\nlines' }, 'name'],
    [{ description: 'd'.repeat(1001) }, 'description'],
  ])('refuses %j with a 400 that names %s', async (body, param) => {
    const answer = await mint(body);
    expect(answer.status).toBe(400);
    expect(errorOf(answer)).toMatchObject({ code: 'invalid_request', param });
  });

  it.each([{ name: 'a\u0000b' }, { description: '\ud800' }])(
    'refuses text that cannot be kept, %j, with 400',
    async (body) => {
      expect((await mint(body)).status).toBe(400);
    },
  );

  it('keeps the secret nowhere', async () => {
    const { body } = await mint({ name: 'secret' });
    const { client } = maas.nest.get(DatabaseService);
    const kept = JSON.stringify(await Promise.all([client.issuedToken.findMany(), client.auditEntry.findMany()]));
    expect(kept).toContain(body.jti);
    for (const part of body.token.split('.').slice(1)) expect(kept).not.toContain(part);
  });

  it('works at /v1/tokens alike', async () => {
    const answer = await maas.call<CreatedToken>('/v1/tokens', { method: 'POST', token: identity });
    expect(answer.status).toBe(201);
    const listed = await maas.call<TokenPage>('/v1/tokens', { token: identity });
    expect(listed.body.data[0]?.jti).toBe(answer.body.jti);
    const revoked = await maas.call(`/v1/tokens/${answer.body.jti}`, { method: 'DELETE', token: identity });
    expect(revoked.status).toBe(204);
  });
});

describe('an access token', () => {
  it('works until its expiry, to the second', async () => {
    const { body } = await mint({ expiration: 600 });
    maas.clock.turn(body.expiresAt * 1000 - 1 - maas.clock.now());
    expect((await use(body.token)).status).toBe(200);
    maas.clock.turn(1);
    const answer = await use(body.token);
    expect(answer.status).toBe(401);
    expect(errorOf(answer).message).toMatch(/^Invalid authentication token/);
    expect((await maas.call('/v1/models', { token: body.token })).status).toBe(401);
  });

  it('is refused when any part of it was altered', async () => {
    const { body } = await mint();
    const [header = '', payload = '', signature = ''] = body.token.split('.');
    const none = Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url');
    const claims = { ...decodeJwt(body.token), exp: 9_999_999_999 };
    for (const token of [
      `${none}.${payload}.`,
      `${header}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.${signature}`,
      `${header}.${payload}.${signature.slice(1)}`,
      `${header}.${payload}`,
      `${body.token}.`,
      `${body.token}=`,
    ]) {
      expect((await use(token)).status).toBe(401);
    }
    expect((await use(body.token)).status).toBe(200);
  });

  it('and an identity token can never stand for each other', async () => {
    expect((await use(identity)).status).toBe(401);
    const { body } = await mint();
    expect((await list('', body.token)).status).toBe(403);
    expect((await revokeAll(body.token)).status).toBe(403);
  });
});

describe('listing', () => {
  it('shows one’s own tokens, the newest first, without secrets', async () => {
    const token = await identityOf('lister');
    const older = await mint({ name: 'older', description: 'first' }, token);
    maas.clock.turn(1000);
    const newer = await mint(undefined, token);
    await mint({ name: 'somebody else’s' });
    const { status, body, text } = await list('', token);
    expect(status).toBe(200);
    expect(body).toMatchObject({ object: 'list', has_more: false, next_cursor: null });
    expect(body.data.map(({ jti }) => jti)).toEqual([newer.body.jti, older.body.jti]);
    expect(body.data[1]).toEqual({
      object: 'token',
      jti: older.body.jti,
      name: 'older',
      description: 'first',
      createdAt: new Date(older.body.issuedAt * 1000).toISOString(),
      expiresAt: new Date(older.body.expiresAt * 1000).toISOString(),
      lastUsedAt: null,
      revokedAt: null,
      status: 'active',
    });
    expect(text).not.toContain(older.body.token.split('.')[2]);
  });

  it('says of each whether it is active, revoked or expired, and when it was revoked', async () => {
    const token = await identityOf('keeper');
    const [short, revoked, active] = [
      await mint({ expiration: 600 }, token),
      await mint({ expiration: 600 }, token),
      await mint({ expiration: '2h' }, token),
    ];
    await revoke(revoked.body.jti, token);
    const revokedAt = new Date(maas.clock.now()).toISOString();
    maas.clock.turn(600_000);
    const { data } = (await list('', token)).body;
    expect(data.map(({ jti, status, revokedAt: at }) => [jti, status, at])).toEqual([
      [active.body.jti, 'active', null],
      [revoked.body.jti, 'revoked', revokedAt],
      [short.body.jti, 'expired', null],
    ]);
  });

  it('gives every token once, page by page, also while new ones are minted', async () => {
    const token = await identityOf('collector');
    const minted: string[] = [];
    for (let turn = 0; turn < 7; turn += 1) minted.unshift((await mint(undefined, token)).body.jti);
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const query: string = cursor === null ? '?limit=2' : `?limit=2&after=${cursor}`;
      const { body } = await list(query, token);
      expect(body.data.length).toBeLessThanOrEqual(2);
      expect(body.has_more).toBe(body.next_cursor !== null);
      seen.push(...body.data.map(({ jti }) => jti));
      cursor = body.next_cursor;
      await mint(undefined, token);
    } while (cursor !== null);
    expect(seen).toEqual(minted);
  });

  it('shows when a token was last used, by the latest use', async () => {
    const token = await identityOf('user-of-tokens');
    const { body } = await mint(undefined, token);
    maas.clock.turn(5000);
    expect((await use(body.token)).status).toBe(200);
    maas.clock.turn(5000);
    expect((await use(body.token)).status).toBe(200);
    const usedAt = new Date(maas.clock.now()).toISOString();
    await maas.nest.get(TokenUses).beforeApplicationShutdown();
    expect((await list('', token)).body.data[0]?.lastUsedAt).toBe(usedAt);
  });
});

describe('revoking', () => {
  it('acts at once, for inference and for listing, and says so to who holds the token', async () => {
    const { body } = await mint();
    expect((await use(body.token)).status).toBe(200);
    const answer = await revoke(body.jti);
    expect(answer.status).toBe(204);
    expect(answer.text).toBe('');
    const refused = await use(body.token);
    expect(refused.status).toBe(401);
    expect(errorOf(refused)).toMatchObject({ type: 'invalid_request_error', code: 'invalid_api_key' });
    expect(errorOf(refused).message).toMatch(/^Invalid authentication token.*revoked/);
    expect((await maas.call('/v1/models', { token: body.token })).status).toBe(401);
  });

  it('is no error when it is revoked or expired already', async () => {
    const [revoked, expired] = [await mint(), await mint({ expiration: 600 })];
    await revoke(revoked.body.jti);
    expect((await revoke(revoked.body.jti)).status).toBe(204);
    maas.clock.turn(600_000);
    expect((await revoke(expired.body.jti)).status).toBe(204);
    const { data } = (await list()).body;
    expect(data.find(({ jti }) => jti === expired.body.jti)?.status).toBe('expired');
  });

  it.each(['0198c0de-0000-7000-8000-000000000000', 'junk', '%00', '1', "'", 'a'.repeat(300)])(
    'answers 404 for a token that is not there: %s',
    async (jti) => {
      const answer = await revoke(jti);
      expect(answer.status).toBe(404);
      expect(errorOf(answer)).toMatchObject({ type: 'invalid_request_error', code: 'not_found' });
    },
  );

  it('answers alike for somebody else’s token, which goes on working', async () => {
    const other = await identityOf('stranger');
    const { body } = await mint(undefined, other);
    const [foreign, missing] = [await revoke(body.jti), await revoke('0198c0de-0000-7000-8000-000000000000')];
    expect(foreign.status).toBe(404);
    expect(foreign.text).toBe(missing.text);
    expect((await use(body.token)).status).toBe(200);
  });

  it('of all takes one’s own only, and is no error where there is none', async () => {
    const token = await identityOf('leaver');
    expect((await revokeAll(token)).status).toBe(204);
    const [one, two, foreign] = [await mint(undefined, token), await mint(undefined, token), await mint()];
    expect((await revokeAll(token)).status).toBe(204);
    expect([(await use(one.body.token)).status, (await use(two.body.token)).status]).toEqual([401, 401]);
    expect((await use(foreign.body.token)).status).toBe(200);
    expect((await revokeAll(token)).status).toBe(204);
    // The identity goes on, and what it mints from now on works.
    expect((await use((await mint(undefined, token)).body.token)).status).toBe(200);
  });

  it('can be done by the access token to itself, and to no other', async () => {
    const [one, other] = [(await mint()).body, (await mint()).body];
    expect((await revoke(other.jti, one.token)).status).toBe(403);
    expect((await use(other.token)).status).toBe(200);
    expect((await revoke(one.jti, one.token)).status).toBe(204);
    expect((await use(one.token)).status).toBe(401);
    expect((await revoke(one.jti, one.token)).status).toBe(401);
  });

  it('of one token twenty times at once revokes it once', async () => {
    const { body } = await mint();
    const answers = await Promise.all(Array.from({ length: 20 }, () => revoke(body.jti)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([204]));
    const { client } = maas.nest.get(DatabaseService);
    expect(await client.auditEntry.count({ where: { action: 'token.revoke', targetId: body.jti } })).toBe(1);
  });
});
