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
    const took = async (hash: string | null) => {
      const began = performance.now();
      for (let attempt = 0; attempt < 5; attempt += 1) await verifyPassword(hash, 'wrong');
      return performance.now() - began;
    };
    const ratio = (await took(null)) / (await took(known));
    // Without a hash it would be less than a hundredth.
    expect(ratio).toBeGreaterThan(0.2);
  });
});
