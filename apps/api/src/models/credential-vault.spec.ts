import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { CredentialVault } from './credential-vault.js';

const key = (id: string) => `${id}:${randomBytes(32).toString('base64')}`;
const first = key('2026-11');
const second = key('next.key_1');
const vault = new CredentialVault(first);

describe('a sealed credential', () => {
  it.each(['sk-secret', '', 'ä€😀', 'x'.repeat(8192)])('opens to the secret that was sealed (%#)', (secret) => {
    expect(vault.open(vault.seal(secret, 'row'), 'row')).toBe(secret);
  });

  it('names its key and shows nothing of the secret', () => {
    const sealed = vault.seal('sk-secret', 'row');
    expect(sealed).toMatch(/^v1\.2026-11\.[\w-]+$/);
    const payload = sealed.slice(sealed.lastIndexOf('.') + 1);
    expect(Buffer.from(payload, 'base64url').toString('latin1')).not.toContain('secret');
  });

  it('differs each time, so that equal secrets cannot be told', () => {
    expect(vault.seal('same', 'row')).not.toBe(vault.seal('same', 'row'));
  });

  it('cannot be moved to another row', () => {
    expect(() => vault.open(vault.seal('sk-secret', 'row'), 'other row')).toThrow();
  });

  it('is refused when any byte of it was altered', () => {
    const sealed = vault.seal('sk-secret', 'row');
    const start = sealed.lastIndexOf('.') + 1;
    const bytes = Buffer.from(sealed.slice(start), 'base64url');
    for (let at = 0; at < bytes.length; at += 1) {
      const altered = Buffer.from(bytes);
      altered[at] = (altered[at] ?? 0) ^ 1;
      expect(() => vault.open(sealed.slice(0, start) + altered.toString('base64url'), 'row')).toThrow();
    }
  });

  it.each(['', 'v1', 'v1.2026-11', 'v1.2026-11.', 'v1.2026-11.AAAA', 'sk-secret', 'v2.2026-11.AAAA'])(
    'is refused when it is none: %j',
    (text) => {
      expect(() => vault.open(text, 'row')).toThrow();
    },
  );

  it('cannot be cut down to a shorter authentication tag', () => {
    const sealed = vault.seal('', 'row');
    const start = sealed.lastIndexOf('.') + 1;
    const bytes = Buffer.from(sealed.slice(start), 'base64url');
    const shorter = sealed.slice(0, start) + bytes.subarray(0, 12 + 4).toString('base64url');
    expect(() => vault.open(shorter, 'row')).toThrow();
  });
});

describe('changing the key', () => {
  it('seals with the first key and opens with all of them', () => {
    const changed = new CredentialVault(`${second},${first}`);
    expect(changed.open(vault.seal('old', 'row'), 'row')).toBe('old');
    const sealed = changed.seal('new', 'row');
    expect(sealed).toMatch(/^v1\.next\.key_1\./);
    expect(changed.open(sealed, 'row')).toBe('new');
  });

  it('says which key is missing, and shows neither key nor credential', () => {
    const sealed = vault.seal('sk-secret', 'row');
    expect(() => new CredentialVault(second).open(sealed, 'row')).toThrow(
      'a credential is sealed with the key 2026-11, which ENCRYPTION_KEY does not have',
    );
  });
});

describe('the setting', () => {
  it.each([
    ['no key at all', ''],
    ['a key without an id', randomBytes(32).toString('base64')],
    ['an empty id', `:${randomBytes(32).toString('base64')}`],
    ['a short key', `a:${randomBytes(31).toString('base64')}`],
    ['a long key', `a:${randomBytes(33).toString('base64')}`],
    ['a key of one byte repeated', `a:${Buffer.alloc(32, 7).toString('base64')}`],
    ['a good key and a bad one', `${first},b:short`],
  ])('is refused with %s, without showing it', (_what, setting) => {
    expect(() => new CredentialVault(setting)).toThrow(
      'an encryption key must be id:key, the key 32 random bytes in base64',
    );
  });

  it('may end in a newline, as mounted files do', () => {
    const mounted = new CredentialVault(`${first}\n`);
    expect(mounted.open(vault.seal('sk-secret', 'row'), 'row')).toBe('sk-secret');
  });
});
