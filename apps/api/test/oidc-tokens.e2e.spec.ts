import { generateKeyPairSync } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { SignJWT } from 'jose';
import type { Me } from '@maas/contracts/auth';
import { type Answer, errorOf, type Harness, startHarness } from './harness.js';
import { CLIENT_ID, CLIENT_SECRET, newKey, type OidcIssuer, OTHER_CLIENT_ID, startOidcIssuer } from './oidc-issuer.js';

const API = '/maas-api/v1';
let maas: Harness;
let issuer: OidcIssuer;

beforeAll(async () => {
  issuer = await startOidcIssuer('http://localhost:8099/auth/oidc/callback');
  maas = await startHarness({
    OIDC_ISSUER: issuer.issuer,
    OIDC_CLIENT_ID: CLIENT_ID,
    OIDC_CLIENT_SECRET: CLIENT_SECRET,
    OIDC_AUDIENCES: `${CLIENT_ID}, maas-cli`,
    OIDC_GROUPS_CLAIM: 'realm_access.roles',
  });
});
afterEach(() => {
  issuer.intercept = undefined;
});
afterAll(async () => {
  await maas.stop();
  await issuer.stop();
});

const me = (token: string) => maas.call<Me>(`${API}/me`, { token });
const now = () => Math.floor(maas.clock.now() / 1000);
const good = () => ({
  iss: issuer.issuer,
  sub: 'u-ben',
  aud: CLIENT_ID,
  iat: now(),
  exp: now() + 300,
  preferred_username: 'ben',
  realm_access: { roles: ['premium-users'] },
});

function expectRefused(answer: Answer): void {
  expect([answer.status, errorOf(answer).code]).toEqual([401, 'invalid_api_key']);
}

describe('an id token of the provider', () => {
  it('is not needed for the start: nobody has asked the provider yet', () => {
    expect([...issuer.asked.keys()]).toEqual([]);
  });

  it('while the provider cannot be asked is 503, and works as soon as it can', async () => {
    const token = await issuer.idToken(good());
    issuer.intercept = (_path, response) => Boolean(response.writeHead(500).end());
    const answer = await me(token);
    expect([answer.status, errorOf(answer).code]).toEqual([503, 'service_unavailable']);
    expect(answer.headers.get('retry-after')).toBe('5');
    expect(answer.headers.get('retry-after-ms')).toBe('5000');
    issuer.intercept = undefined;
    maas.clock.turn(1000);
    expect((await me(token)).status).toBe(200);
  });

  it('is an identity token: it says who somebody is, and mints access tokens', async () => {
    const token = await issuer.idToken(good());
    expect((await me(token)).body).toMatchObject({
      username: 'ben',
      provider: 'oidc',
      groups: ['premium-users', 'system:authenticated'],
      tier: { name: 'premium' },
    });
    expect((await maas.call(`${API}/tokens`, { method: 'POST', token })).status).toBe(201);
    expect((await maas.call('/v1/chat/completions', { token, body: { model: 'simulator' } })).status).toBe(401);
  });

  it('is taken for each audience that is named, and of each party', async () => {
    for (const claims of [{ aud: 'maas-cli' }, { aud: ['x', CLIENT_ID], azp: 'maas-cli' }]) {
      expect((await me(await issuer.idToken({ ...good(), ...claims }))).status).toBe(200);
    }
  });

  it.each([
    ['for another audience', { aud: OTHER_CLIENT_ID }],
    ['for no audience', { aud: undefined }],
    ['that was issued to another party', { aud: [CLIENT_ID, OTHER_CLIENT_ID], azp: OTHER_CLIENT_ID }],
    ['of another issuer', { iss: 'https://evil.example' }],
    ['without a subject', { sub: undefined }],
    ['without an end', { exp: undefined }],
    ['without a beginning', { iat: undefined }],
  ])('%s is refused', async (_what, claims) => {
    expectRefused(await me(await issuer.idToken({ ...good(), ...claims })));
  });

  it('of an issuer whose name begins or ends alike is refused', async () => {
    for (const iss of [`${issuer.issuer}0`, `${issuer.issuer}/x`, ` ${issuer.issuer}`, `${issuer.issuer}/`]) {
      expectRefused(await me(await issuer.idToken({ ...good(), iss })));
    }
  });

  it('is good until 60 seconds after its end, and from 60 seconds before its beginning', async () => {
    const at = (claims: object) => issuer.idToken({ ...good(), ...claims }).then(me);
    expect((await at({ exp: now() - 58 })).status).toBe(200);
    expectRefused(await at({ exp: now() - 61 }));
    expect((await at({ nbf: now() + 58, iat: now() + 58 })).status).toBe(200);
    expectRefused(await at({ nbf: now() + 62 }));
    expectRefused(await at({ iat: now() + 62 }));
  });

  it('that says it is an access token is refused', async () => {
    expectRefused(await me(await issuer.idToken(good(), { typ: 'at+jwt' })));
    expect((await me(await issuer.idToken(good(), { typ: 'JWT' }))).status).toBe(200);
  });

  it('signed with the client secret, or with the public key for a secret, is refused', async () => {
    const { n = '' } = issuer.key;
    for (const secret of [CLIENT_SECRET, n, JSON.stringify(issuer.key)]) {
      const key = new TextEncoder().encode(secret);
      const header = { alg: 'HS256', kid: 'first' };
      expectRefused(await me(await new SignJWT(good()).setProtectedHeader(header).sign(key)));
    }
  });

  it.each(['none', 'None', 'NONE', ''])('without a signature, by the algorithm %j, is refused', async (alg) => {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const token = `${part({ alg, kid: 'first' })}.${part(good())}.`;
    expectRefused(await me(token));
    expectRefused(await me(`${token}AAAA`));
  });

  it('signed by a key of somebody else is refused, also where it is in the header or bears a name of the provider’s', async () => {
    const stranger = newKey('first');
    expectRefused(await me(await issuer.idToken(good(), {}, stranger)));
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const header = {
      alg: 'RS256',
      kid: 'mine',
      jwk: publicKey.export({ format: 'jwk' }) as never,
      jku: 'https://evil.example',
    };
    expectRefused(await me(await new SignJWT(good()).setProtectedHeader(header).sign(privateKey)));
  });

  it.each(['x.y.z', 'eyJhbGciOiJSUzI1NiJ9.e30.x', '..', 'a.b'])('that is none, %j, is refused', async (token) => {
    expectRefused(await me(token));
  });

  it('older than the last word of the provider changes no groups', async () => {
    const claims = (roles: string[], iat: number) => ({ ...good(), sub: 'u-cai', realm_access: { roles }, iat });
    const older = await issuer.idToken(claims(['enterprise-users'], now() - 200));
    expect((await me(older)).body.tier?.name).toBe('enterprise');
    expect((await me(await issuer.idToken(claims([], now() - 100)))).body.tier?.name).toBe('free');
    expect((await me(older)).body.tier?.name).toBe('free');
  });

  it('without groups and name, which only the userinfo endpoint has, changes neither', async () => {
    const claims = { ...good(), sub: 'u-eli', preferred_username: 'eli' };
    expect((await me(await issuer.idToken(claims))).body).toMatchObject({ username: 'eli', tier: { name: 'premium' } });
    const { realm_access: _groups, preferred_username: _name, ...bare } = claims;
    maas.clock.turn(1000);
    const token = await issuer.idToken({ ...bare, iat: now() });
    expect((await me(token)).body).toMatchObject({ username: 'eli', tier: { name: 'premium' } });
    // No longer than a browser that was signed in by them.
    maas.clock.turn(12 * 3_600_000);
    const late = await issuer.idToken({ ...bare, iat: now(), exp: now() + 300 });
    expect((await me(late)).body).toMatchObject({ username: 'eli', tier: { name: 'free' } });
  });

  it('ends when its owner signs out everywhere, or is suspended', async () => {
    const claims = { ...good(), sub: 'u-dan' };
    const token = await issuer.idToken(claims);
    const { id } = (await me(token)).body;
    maas.clock.turn(1000);
    expect((await maas.call(`${API}/sessions`, { method: 'DELETE', token })).status).toBe(204);
    expectRefused(await me(token));
    maas.clock.turn(1000);
    const next = await issuer.idToken({ ...claims, iat: now() });
    expect((await me(next)).status).toBe(200);
    await maas.admin(`/users/${id}`, { method: 'PATCH', body: { suspended: true } });
    expectRefused(await me(next));
  });
});

describe('the keys of the provider', () => {
  const jwks = () => issuer.asked.get('/jwks') ?? 0;

  it('are asked for again when a token names one that is not known, at most once a minute', async () => {
    maas.clock.turn(60_000);
    const before = jwks();
    for (const kid of ['a', 'b', 'c', 'd']) expectRefused(await me(await issuer.idToken(good(), { kid }, newKey(kid))));
    expect(jwks()).toBe(before + 1);
    await issuer.rotate();
    const rotated = await issuer.idToken(good());
    expectRefused(await me(rotated));
    maas.clock.turn(60_000);
    expect((await me(rotated)).status).toBe(200);
    expect(jwks()).toBe(before + 2);
  });

  it('that it has withdrawn are not good for longer than ten minutes', async () => {
    const withdrawn = { ...issuer.key };
    await issuer.rotate();
    maas.clock.turn(600_000);
    expectRefused(await me(await issuer.idToken(good(), {}, withdrawn)));
    expect((await me(await issuer.idToken(good()))).status).toBe(200);
  });

  it('stay good while it is away', async () => {
    await issuer.stop();
    maas.clock.turn(3_700_000);
    expect((await me(await issuer.idToken(good()))).status).toBe(200);
    await issuer.start();
  });
});
