import { calculateJwkThumbprint } from 'jose';
import { describe, expect, it } from '@jest/globals';
import { generateSecret, generateSigningKey, parseKeySet, publicJwk, rotate } from './signing-keys.js';

const DAY = 86_400;
const text = (...keys: object[]) => JSON.stringify({ keys });

describe('a generated key', () => {
  it('is an Ed25519 key named by its own thumbprint (RFC 8037, RFC 7638)', async () => {
    const key = await generateSigningKey();
    expect(key).toMatchObject({ kty: 'OKP', crv: 'Ed25519' });
    expect(Buffer.from(key.d, 'base64url')).toHaveLength(32);
    expect((await calculateJwkThumbprint(publicJwk(key))).startsWith(key.kid)).toBe(true);
    expect(key.retired_at).toBeUndefined();
  });

  it('is another one each time', async () => {
    const [one, other] = await Promise.all([generateSigningKey(), generateSigningKey()]);
    expect(one.d).not.toBe(other.d);
    expect(one.kid).not.toBe(other.kid);
  });

  it('is read again as it was written', async () => {
    const key = await generateSigningKey();
    expect(parseKeySet(text(key), 'keys')).toEqual([key]);
  });
});

describe('reading a key set', () => {
  it('keeps the order, and when each key was retired', async () => {
    const [one, other] = await Promise.all([generateSigningKey(), generateSigningKey()]);
    const keys = [one, { ...other, retired_at: 1_800_000_000 }];
    expect(parseKeySet(text(...keys), 'keys')).toEqual(keys);
  });

  it.each([
    ['nothing', ''],
    ['no JSON', '-----BEGIN PRIVATE KEY-----'],
    ['no set', '[]'],
    ['an empty set', '{"keys":[]}'],
    ['a key of another kind', text({ kty: 'RSA', n: 'x', e: 'AQAB', kid: 'a' })],
    ['another curve', text({ kty: 'OKP', crv: 'X25519', x: 'x', d: 'd', kid: 'a' })],
    ['a public key only', text({ kty: 'OKP', crv: 'Ed25519', x: 'x', kid: 'a' })],
    ['a key without kid', text({ kty: 'OKP', crv: 'Ed25519', x: 'x', d: 'd' })],
    ['an empty kid', text({ kty: 'OKP', crv: 'Ed25519', x: 'x', d: 'd', kid: '' })],
  ])('refuses %s, and says where it was read', (_what, content) => {
    expect(() => parseKeySet(content, '/keys.json')).toThrow(/^\/keys\.json .*JWK set/);
  });

  it('refuses a set of which every key is retired', async () => {
    const key = { ...(await generateSigningKey()), retired_at: 1 };
    expect(() => parseKeySet(text(key), 'keys')).toThrow('no key that is not retired');
  });

  it('refuses two keys of one kid: a token could not say which of them signed it', async () => {
    const [one, other] = await Promise.all([generateSigningKey(), generateSigningKey()]);
    expect(() => parseKeySet(text(one, { ...other, kid: one.kid }), 'keys')).toThrow('two keys');
  });

  it('never shows key material in what it says', async () => {
    const key = await generateSigningKey();
    const broken = [text({ ...key, kid: undefined }), text(key).slice(0, -1), text({ ...key, retired_at: 1 })];
    for (const content of broken) {
      let message = '';
      try {
        parseKeySet(content, 'keys');
      } catch (error) {
        message = String(error);
      }
      expect(message).not.toBe('');
      expect(message).not.toContain(key.d);
    }
  });
});

describe('rotation', () => {
  it('signs with the fresh key from now on, and verifies with the others until their last token has expired', async () => {
    const [oldest, old, fresh] = await Promise.all([generateSigningKey(), generateSigningKey(), generateSigningKey()]);
    const once = rotate([oldest], old, 1000, 30 * DAY);
    expect(once).toEqual([old, { ...oldest, retired_at: 1000 }]);
    const twice = rotate(once, fresh, 1000 + 30 * DAY - 1, 30 * DAY);
    expect(twice.map(({ kid }) => kid)).toEqual([fresh.kid, old.kid, oldest.kid]);
    // A key keeps the time of its first retirement, or it would never go.
    expect(twice[2]?.retired_at).toBe(1000);
    const later = rotate(once, fresh, 1000 + 30 * DAY, 30 * DAY);
    expect(later.map(({ kid }) => kid)).toEqual([fresh.kid, old.kid]);
  });

  it('gives a set that can be read', async () => {
    const [old, fresh] = await Promise.all([generateSigningKey(), generateSigningKey()]);
    const rotated = rotate([old], fresh, 1000, DAY);
    expect(parseKeySet(text(...rotated), 'keys')).toEqual(rotated);
  });
});

describe('what is published of a key', () => {
  it('is all that verifying needs, and nothing private', async () => {
    const key = { ...(await generateSigningKey()), retired_at: 5 };
    expect(publicJwk(key)).toEqual({
      kty: 'OKP',
      crv: 'Ed25519',
      x: key.x,
      kid: key.kid,
      use: 'sig',
      alg: 'EdDSA',
    });
  });
});

it('makes secrets of 32 random bytes', () => {
  const secret = generateSecret();
  expect(Buffer.from(secret, 'base64')).toHaveLength(32);
  expect(secret).not.toBe(generateSecret());
});
