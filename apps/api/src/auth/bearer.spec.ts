import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { tokenOf } from './bearer.js';

describe('tokenOf', () => {
  it.each(['Bearer abc', 'bearer abc', 'BEARER abc', 'bEaReR   abc', 'Bearer abc  '])(
    'takes the token of %j',
    (authorization) => {
      expect(tokenOf({ authorization })).toBe('abc');
    },
  );

  it.each([
    '', ' ', 'abc', 'null', 'undefined', 'Bearer', 'Bearer ', 'Bearer null', 'bearer undefined', 'Bearer  null ', 'Bearerabc', 'Bearer\tabc',
    'Bearer: abc', 'Bearer "abc"', "Bearer 'abc'", 'Bearer a b', 'Bearer a, Bearer b', 'Bearer a,b', 'Bearer a=b', 'Bearer =', 'Bearer a\u00e9',
    'Bearer a%20b', 'Bearer <a>', 'Basic abc', 'Basic YTpi', 'Token abc', 'Digest username="x"', 'Bearer Bearer abc', 'xBearer abc', ' Bearer abc',
  ])('finds none in %j', (authorization) => {
    expect(tokenOf({ authorization })).toBeUndefined();
  }); // prettier-ignore

  it('finds none where there is no header', () => {
    expect(tokenOf({})).toBeUndefined();
    expect(tokenOf({ 'x-api-key': '' })).toBeUndefined();
    expect(tokenOf({ cookie: 'authorization=Bearer abc', 'proxy-authorization': 'Bearer abc' })).toBeUndefined();
  });

  it('takes x-api-key and api-key, in this order, where there is no authorization', () => {
    expect(tokenOf({ 'x-api-key': ' abc ' })).toBe('abc');
    expect(tokenOf({ 'api-key': 'abc' })).toBe('abc');
    expect(tokenOf({ 'x-api-key': 'abc', 'api-key': 'xyz' })).toBe('abc');
  });

  it('never looks further where there is an authorization, however wrong it is', () => {
    for (const authorization of ['', 'Basic x', 'Bearer null', 'Bearer x y']) {
      expect(tokenOf({ authorization, 'x-api-key': 'abc', 'api-key': 'abc' })).toBeUndefined();
    }
  });

  it('gives every token of RFC 6750 back as it is, and nothing with a space or a character beyond ASCII', () => {
    const b64token = fc
      .stringMatching(/^[A-Za-z0-9._~+/-]{1,40}={0,3}$/)
      .filter((text) => !['null', 'undefined'].includes(text));
    fc.assert(fc.property(b64token, (token) => expect(tokenOf({ authorization: `Bearer ${token}` })).toBe(token)));
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(tokenOf({ authorization: `Bearer ${text}` }) ?? '').toMatch(/^[\w.~+/-]*=*$/);
      }),
    );
  });

  it('needs no longer for a header that is made to be slow', () => {
    const started = performance.now();
    for (const text of [' '.repeat(30_000), 'a'.repeat(30_000), `a${' '.repeat(30_000)}`, `a${'='.repeat(30_000)}`]) {
      expect(tokenOf({ authorization: `Bearer ${text}!` })).toBeUndefined();
    }
    expect(performance.now() - started).toBeLessThan(1000);
  });
});
