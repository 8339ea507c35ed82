import { describe, expect, it } from '@jest/globals';
import { cookieKind, newSessionSecret, sessionHash } from './session-cookie.js';

describe('the cookie of a session', () => {
  it('on https is of this host alone, and on http goes by its bare name', () => {
    const options = { httpOnly: true, sameSite: 'lax', path: '/' };
    expect(cookieKind('x', true)).toEqual({ name: '__Host-x', options: { ...options, secure: true } });
    expect(cookieKind('x', false, 600)).toEqual({ name: 'x', options: { ...options, secure: false, maxAge: 600 } });
  });

  it('holds 256 random bits, and the database their SHA-256', () => {
    const [one, other] = [newSessionSecret(), newSessionSecret()];
    expect(one).not.toBe(other);
    expect(Buffer.from(one, 'base64url')).toHaveLength(32);
    expect(sessionHash(one)).toMatch(/^[0-9a-f]{64}$/);
    expect(sessionHash('a'.repeat(43))).toBe('66d34fba71f8f450f7e45598853e53bfc23bbd129027cbb131a2f4ffd7878cd0');
  });

  it.each([undefined, '', 'x', 'a'.repeat(42), 'a'.repeat(44), `${'a'.repeat(42)}=`, `${'a'.repeat(42)}\n`])(
    'that can be none has no hash: %j',
    (secret) => {
      expect(sessionHash(secret)).toBeUndefined();
    },
  );
});
