import { mkdtempSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { replaceSecretFile } from '../src/auth/key-files.js';
import { generateSigningKey, rotate, type SigningKey } from '../src/auth/signing-keys.js';
import type { TokenClaims, TokenSignerService } from '../src/auth/token-signer.service.js';
import { UserDirectory } from '../src/auth/user-directory.service.js';
import { ChangeFeedService } from '../src/database/change-feed.service.js';
import { AccountTokens } from '../src/tokens/account-tokens.service.js';
import { Revocations } from '../src/tokens/revocations.service.js';
import { TokenVerifier } from '../src/tokens/token-verifier.service.js';
import { type FakeModel, startFakeModel } from './fake-model.js';
import { type Answer, chat, errorOf, type Harness, startHarness } from './harness.js';
import { flawsOfError } from './raw-answer.js';
import { exchange } from './raw-connection.js';
import { forgeWith, hmac, publicSecrets, strangersKey } from './raw-forge.js';
import { eventually } from './streams.js';

let maas: Harness;
let backend: FakeModel;
let key: SigningKey;
let token: string;
let identity: string;
const keysDir = mkdtempSync(join(tmpdir(), 'maas-keys-'));
const keysFile = join(keysDir, 'keys.json');

beforeAll(async () => {
  key = await generateSigningKey();
  await writeFile(keysFile, JSON.stringify({ keys: [key] }));
  maas = await startHarness({ SIGNING_KEYS_FILE: keysFile });
  backend = await startFakeModel();
  await maas.addModel('fake', backend.url);
  await maas.admin('/tiers/premium', { method: 'PATCH', body: { requestsPerMinute: null, tokensPerMinute: null } });
  identity = await maas.login('premium');
  token = (await maas.call<{ token: string }>('/maas-api/v1/tokens', { token: identity, body: { expiration: '1h' } }))
    .body.token;
});
afterAll(async () => {
  await backend.close();
  await maas.stop();
  await rm(keysDir, { recursive: true });
});

const infer = (headers: Record<string, string>) =>
  maas.call('/v1/chat/completions', { body: chat('hi', { model: 'fake' }), headers });
const list = (headers: Record<string, string>) => maas.call('/v1/models', { headers });
const me = (headers: Record<string, string>) => maas.call('/maas-api/v1/me', { headers });
const bearer = (text: string) => ({ authorization: `Bearer ${text}` });

/** What is wrong with an answer that should be the guide's 401. */
function flawsOfRefusal(answer: Answer): string[] {
  const flaws = flawsOfError(answer.status, answer.headers, answer.text);
  if (answer.status !== 401) return [...flaws, `status ${answer.status}`];
  const { message, type, code } = errorOf(answer);
  if (!message.startsWith('Invalid authentication token')) flaws.push(message);
  if (type !== 'invalid_request_error' || code !== 'invalid_api_key') flaws.push(`${type} ${code}`);
  return flaws;
}

/** Shows headers to both surfaces, and expects that neither lets them in. */
async function expectRefused(headers: Record<string, string>): Promise<void> {
  backend.seen.length = 0;
  const answers = await Promise.all([infer(headers), list(headers), me(headers)]);
  expect(answers.flatMap(flawsOfRefusal)).toEqual([]);
  expect(backend.seen).toEqual([]);
}

async function expectAccepted(headers: Record<string, string>): Promise<void> {
  expect([(await infer(headers)).status, (await list(headers)).status]).toEqual([200, 200]);
}

describe('a token', () => {
  it.each([
    ['is not there', {}],
    ['is empty', { authorization: '' }],
    ['is a scheme alone', { authorization: 'Bearer' }],
    ['is a scheme and a space', { authorization: 'Bearer ' }],
    ['is the word null', { authorization: 'Bearer null' }],
    ['is the word undefined', { authorization: 'Bearer undefined' }],
    ['is null without a scheme', { authorization: 'null' }],
    ['is junk', { authorization: 'Bearer junk' }],
    ['is dots', { authorization: 'Bearer ..' }],
    ['is an empty key', { 'x-api-key': '' }],
    ['is a key called null', { 'api-key': 'null' }],
    ['is 20,000 characters', { authorization: `Bearer ${'a'.repeat(20_000)}` }],
  ])('that %s is answered with the guide’s 401', (_what, headers) => expectRefused(headers));

  it.each([
    ['bare', (text: string) => ({ authorization: text })],
    [
      'with the scheme Basic',
      (text: string) => ({ authorization: `Basic ${Buffer.from(`x:${text}`).toString('base64')}` }),
    ],
    ['as Basic itself', (text: string) => ({ authorization: `Basic ${text}` })],
    ['with another scheme', (text: string) => ({ authorization: `Token ${text}` })],
    ['with the scheme twice', (text: string) => ({ authorization: `Bearer Bearer ${text}` })],
    ['without a space', (text: string) => ({ authorization: `Bearer${text}` })],
    ['with a colon', (text: string) => ({ authorization: `Bearer: ${text}` })],
    ['with a tab', (text: string) => ({ authorization: `Bearer\t${text}` })],
    ['in quotes', (text: string) => ({ authorization: `Bearer "${text}"` })],
    ['in a list', (text: string) => ({ authorization: `Bearer ${text}, Bearer ${text}` })],
    ['with something behind it', (text: string) => ({ authorization: `Bearer ${text} x` })],
    ['with a padding', (text: string) => ({ authorization: `Bearer ${text}=` })],
    ['with two paddings', (text: string) => ({ authorization: `Bearer ${text}==` })],
    ['with a full stop', (text: string) => ({ authorization: `Bearer ${text}.` })],
    ['with a fourth part', (text: string) => ({ authorization: `Bearer ${text}.x` })],
    ['with a tilde', (text: string) => ({ authorization: `Bearer ${text}~` })],
    ['with a comma', (text: string) => ({ authorization: `Bearer ${text},` })],
    ['in other letters', (text: string) => ({ authorization: `Bearer ${text.toUpperCase()}` })],
    ['escaped', (text: string) => ({ authorization: `Bearer ${text.replaceAll('.', '%2E')}` })],
    ['as a key with a padding', (text: string) => ({ 'x-api-key': `${text}=` })],
    ['as a key with the scheme', (text: string) => ({ 'x-api-key': `Bearer ${text}` })],
    ['as a key beside an empty authorization', (text: string) => ({ authorization: '', 'x-api-key': text })],
    ['as a key beside a wrong one', (text: string) => ({ authorization: 'Bearer x', 'x-api-key': text })],
    [
      'as a key of another name',
      (text: string) => ({ 'x-auth-token': text, 'proxy-authorization': `Bearer ${text}`, token: text }),
    ],
    ['in a cookie', (text: string) => ({ cookie: `token=${text}; authorization=Bearer ${text}; session=${text}` })],
  ])('that is good is not taken %s', async (_how, headersOf) => {
    await expectRefused(headersOf(token));
    expect(flawsOfRefusal(await me(headersOf(identity)))).toEqual([]);
  });

  it.each([`?access_token=`, `?api_key=`, `?token=`, `?key=`])('is not taken from the query: %s', async (query) => {
    expect(flawsOfRefusal(await maas.call(`/v1/models${query}${token}`))).toEqual([]);
    expect(flawsOfRefusal(await maas.call(`/v1/chat/completions${query}${token}`, { body: chat('hi') }))).toEqual([]);
  });

  it.each([
    ['Bearer', (text: string) => ({ authorization: `Bearer ${text}` })],
    ['bearer', (text: string) => ({ authorization: `bearer ${text}` })],
    ['BEARER', (text: string) => ({ authorization: `BEARER ${text}` })],
    ['more spaces', (text: string) => ({ authorization: `Bearer   ${text}` })],
    ['x-api-key', (text: string) => ({ 'x-api-key': text })],
    ['api-key', (text: string) => ({ 'api-key': text })],
    ['X-API-KEY', (text: string) => ({ 'X-API-KEY': text })],
  ])('that is good is taken by %s', (_how, headersOf) => expectAccepted(headersOf(token)));

  it('is the first of two in the headers, on both surfaces', async () => {
    const send = (path: string, first: string, second: string) => {
      const lines = `authorization: Bearer ${first}\r\nauthorization: Bearer ${second}`;
      return exchange(maas.url, `GET ${path} HTTP/1.1\r\nhost: a\r\n${lines}\r\n\r\n`);
    };
    for (const path of ['/v1/models', '/fake/v1/x']) {
      expect([(await send(path, token, 'x'))?.status, (await send(path, 'x', token))?.status]).toEqual([200, 401]);
    }
  });
});

describe('a forged token', () => {
  const forged = (change: Parameters<ReturnType<typeof forgeWith>>[0]) => forgeWith(key, decodeJwt(token))(change);

  it('that is wrong in nothing is taken, so that the forge is known to work', () => expectAccepted(bearer(forged({}))));

  it.each([
    ['another type', { header: { typ: 'JWT' } }],
    ['the type of an identity token', { header: { typ: 'identity+jwt' } }],
    ['no type', { header: { typ: undefined } }],
    ['a type that is no text', { header: { typ: ['at+jwt'] } }],
    ['another issuer', { claims: { iss: 'https://elsewhere.test' } }],
    ['no issuer', { claims: { iss: undefined } }],
    ['another audience', { claims: { aud: 'elsewhere' } }],
    ['the audience of an identity token', { claims: { aud: 'maas-api' } }],
    ['no audience', { claims: { aud: undefined } }],
    ['no owner', { claims: { sub: undefined } }],
    ['an owner who does not exist', { claims: { sub: '0198c0de-0000-7000-8000-000000000000' } }],
    ['an owner that is no text', { claims: { sub: { id: 1 } } }],
    ['a property of every object for its owner', { claims: { sub: '__proto__' } }],
    ['no id', { claims: { jti: undefined } }],
    ['no time of issue', { claims: { iat: undefined } }],
    ['no end', { claims: { exp: undefined } }],
    ['an end that is text', { claims: { exp: '9999999999' } }],
    ['an end that was', { claims: { exp: 1 } }],
    ['an end beyond any number', { claims: { exp: 'Infinity' } }],
    ['a beginning that is to come', { claims: { nbf: 99_999_999_999 } }],
    ['another key’s id', { header: { kid: 'another' } }],
    ['no key id', { header: { kid: undefined } }],
    ['an empty key id', { header: { kid: '' } }],
    ['a path for its key id', { header: { kid: '../../../../dev/null' } }],
    ['SQL for its key id', { header: { kid: "x' UNION SELECT 'y" } }],
    ['a property of every object for its key id', { header: { kid: '__proto__' } }],
    ['a key id that is no text', { header: { kid: [''] } }],
    ['a critical header that nobody knows', { header: { crit: ['exp'], exp: 1 } }],
    ['an empty list of critical headers', { header: { crit: [] } }],
    ['a payload that is not encoded', { header: { crit: ['b64'], b64: false } }],
    ['the algorithm none', { header: { alg: 'none' }, signature: () => Buffer.alloc(0) }],
    ['the algorithm NonE', { header: { alg: 'NonE' }, signature: () => Buffer.alloc(0) }],
    ['no algorithm', { header: { alg: undefined } }],
    ['an algorithm that is no text', { header: { alg: ['EdDSA'] } }],
    ['the algorithm in other letters', { header: { alg: 'eddsa' } }],
    ['another algorithm', { header: { alg: 'ES256' } }],
    ['an empty signature', { signature: () => Buffer.alloc(0) }],
    ['a signature of zeros', { signature: () => Buffer.alloc(64) }],
    [
      'a longer signature',
      { signature: (input: string) => Buffer.concat([strangersKey().signature(input), Buffer.alloc(1)]) },
    ],
  ])('is refused, with %s', (_what, change) => expectRefused(bearer(forged(change))));

  it('is refused when it is signed by HMAC with anything that is public of the key', async () => {
    for (const secret of Object.values(publicSecrets(key))) {
      for (const [alg, hash] of [['HS256', 'sha256'], ['HS512', 'sha512'], ['EdDSA', 'sha512']] as const) {
        await expectRefused(bearer(forged({ header: { alg }, signature: hmac(secret, hash) })));
      }
    }
  }); // prettier-ignore

  it('is refused when it brings its own key, or says where to get it, and nothing is fetched', async () => {
    const { jwk, signature } = strangersKey();
    for (const header of [
      {},
      { jwk },
      { kid: undefined, jwk },
      { jku: `${backend.url}/jwks.json` },
      { x5u: `${backend.url}/cert.pem` },
      { x5c: [Buffer.from('cert').toString('base64')] },
      { jku: `${backend.url}/jwks.json`, kid: 'stranger', jwk: { ...jwk, kid: 'stranger' } },
    ]) {
      await expectRefused(bearer(forged({ header, signature })));
    }
  });

  it('is refused when it is cut off at any place', async () => {
    for (let length = 0; length < token.length; length += 1) {
      expect([length, flawsOfRefusal(await list(bearer(token.slice(0, length))))]).toEqual([length, []]);
    }
  });

  it('is refused when any bit of it is another, also one that encodes nothing', async () => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const last = token.length - 1;
    const places = [
      ...Array.from({ length: last }, (_, at) => [at, at % 6]),
      ...[0, 1, 2, 3, 4, 5].map((bit) => [last, bit]),
    ];
    for (const [at = 0, bit = 0] of places) {
      const value = alphabet.indexOf(token[at] ?? '');
      const other = value < 0 ? '-' : (alphabet[value ^ (1 << bit)] ?? '');
      const altered = token.slice(0, at) + other + token.slice(at + 1);
      const answer = await maas.call('/fake/v1/x', { headers: bearer(altered) });
      expect([at, bit, flawsOfRefusal(answer)]).toEqual([at, bit, []]);
    }
  });

  it('is refused when its parts are in another order, or from two tokens', async () => {
    const [header = '', payload = '', signature = ''] = token.split('.');
    const [otherHeader = '', otherPayload = '', otherSignature = ''] = (await maas.accessToken('free')).split('.');
    for (const parts of [
      [payload, header, signature],
      [header, payload],
      [header, payload, signature, signature, signature],
      [header, payload, otherSignature],
      [header, otherPayload, signature],
      [otherHeader, otherPayload, signature],
      ['', payload, signature],
      [header, '', signature],
      [`${header}=`, payload, signature],
      [header, payload, `${signature}A`],
      [header, payload, `${signature}AAAA`],
    ]) {
      await expectRefused(bearer(parts.join('.')));
    }
  });

  it('never makes an administrator or anybody else out of its owner, though it is signed', async () => {
    const claims = { role: 'admin', groups: ['enterprise-users'], tier: 'enterprise', admin: true, scope: 'admin' };
    const strange = forged({ claims });
    expect((await maas.call('/maas-api/v1/admin/users', { token: strange })).status).toBe(403);
    const answer = await infer(bearer(strange));
    expect(answer.status).toBe(200);
    const asIdentity = forged({ header: { typ: 'identity+jwt' }, claims: { ...claims, aud: 'maas-api' } });
    expect((await maas.call('/maas-api/v1/me', { token: asIdentity })).body).toMatchObject({
      username: 'premium',
      role: 'user',
    });
    expect((await maas.call('/maas-api/v1/admin/users', { token: asIdentity })).status).toBe(403);
  });
});

describe('a token that is being checked while the keys are read again', () => {
  it('is not remembered as good, for its key may have been removed', async () => {
    let decide: (claims: TokenClaims | undefined) => void = () => undefined;
    const signer = {
      generation: 0,
      verify: () => new Promise<TokenClaims | undefined>((resolve) => (decide = resolve)),
    };
    const verifier = new TokenVerifier(
      signer as unknown as TokenSignerService,
      maas.nest.get(Revocations),
      maas.nest.get(UserDirectory),
      maas.clock,
      maas.nest.get(ChangeFeedService),
      maas.nest.get(AccountTokens),
    );
    const { sub = '', jti = '', iat = 0, exp = 0 } = decodeJwt(token);
    const first = verifier.verify(token);
    signer.generation += 1;
    const decideFirst = decide;
    const other = verifier.verify('another');
    decide(undefined);
    await expect(other).rejects.toThrow('Invalid authentication token');
    decideFirst({ sub, jti, iat, exp });
    expect((await first).jti).toBe(jti);
    const second = verifier.verify(token);
    decide(undefined);
    await expect(second).rejects.toThrow('Invalid authentication token');
  });
});

// The last: from here on the keys are others.
describe('changing the signing keys', () => {
  const kids = async () => {
    const { body } = await maas.call<{ keys: { kid: string; d?: string }[] }>('/.well-known/jwks.json');
    expect(body.keys.filter((published) => 'd' in published)).toEqual([]);
    return body.keys.map(({ kid }) => kid);
  };
  const readAgain = (expected: SigningKey[]) =>
    eventually(async () => (await kids()).join() === expected.map(({ kid }) => kid).join(), 'the keys are read again');

  it('keeps the tokens of a retired key good, and ends those of a removed one and of no other', async () => {
    await expectAccepted(bearer(token));
    const fresh = await generateSigningKey();
    const both = rotate([key], fresh, Math.floor(maas.clock.now() / 1000), 3600);
    await replaceSecretFile(keysFile, JSON.stringify({ keys: both }));
    await readAgain([fresh, key]);
    await expectAccepted(bearer(token));
    expect((await me(bearer(identity))).status).toBe(200);
    const newer = await maas.accessToken('premium');
    expect(JSON.parse(Buffer.from(newer.split('.')[0] ?? '', 'base64url').toString())).toMatchObject({
      kid: fresh.kid,
    });
    await expectAccepted(bearer(newer));

    await replaceSecretFile(keysFile, JSON.stringify({ keys: [fresh] }));
    await readAgain([fresh]);
    await expectRefused(bearer(token));
    expect(flawsOfRefusal(await me(bearer(identity)))).toEqual([]);
    await expectAccepted(bearer(newer));
  });
});
