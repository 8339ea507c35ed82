import { describe, expect, it } from '@jest/globals';
import { hashPassword, verifyPassword } from './passwords.js';

describe('a password', () => {
  it('is kept as argon2id with 19 MiB, two passes and one lane (OWASP)', async () => {
    expect(await hashPassword('correct horse')).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  });

  it('has another hash each time', async () => {
    const [one, other] = await Promise.all([hashPassword('correct horse'), hashPassword('correct horse')]);
    expect(one).not.toBe(other);
  });

  it.each([
    ['correct horse', true],
    ['Correct horse', false],
    ['correct horse ', false],
    ['correct', false],
    ['', false],
    ['correct horse\u0000', false],
  ])('is compared whole: %j', async (given, matches) => {
    expect(await verifyPassword(await hashPassword('correct horse'), given)).toBe(matches);
  });

  it('differs by each character, however long it is', async () => {
    const long = 'x'.repeat(255);
    expect(await verifyPassword(await hashPassword(`${long}a`), `${long}b`)).toBe(false);
  });

  it.each([null, undefined])(
    'of no account never matches, not even the decoy that is compared instead (%p)',
    async (none) => {
      expect(await verifyPassword(none, 'there is no such account')).toBe(false);
    },
  );

  it('of no account is hashed all the same, so that the delay tells nothing', async () => {
    await verifyPassword(null, 'warm up');
    const known = await hashPassword('correct horse');
    // The least of several, in turn: the machine may have other things to do.
    const least = new Map<string | null, number>();
    for (let attempt = 0; attempt < 5; attempt += 1) {
      for (const hash of [null, known]) {
        const began = performance.now();
        await verifyPassword(hash, 'wrong');
        least.set(hash, Math.min(least.get(hash) ?? Infinity, performance.now() - began));
      }
    }
    // Without a hash it would be less than a hundredth.
    expect((least.get(null) ?? 0) / (least.get(known) ?? 0)).toBeGreaterThan(0.2);
  });
});
