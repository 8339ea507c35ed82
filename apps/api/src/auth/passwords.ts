import { hash, verify } from '@node-rs/argon2';

// OWASP's password storage cheat sheet: argon2id, 19 MiB, two passes, one lane. The library's default variant is argon2id.
const options = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

let decoy: Promise<string> | undefined;

export function hashPassword(password: string): Promise<string> {
  return hash(password, options);
}

/**
 * Compares a password with its hash. Without a hash (no such account) it takes the same time, so that the answer's delay
 * does not tell which accounts exist.
 */
export async function verifyPassword(passwordHash: string | null | undefined, password: string): Promise<boolean> {
  decoy ??= hashPassword('there is no such account');
  const matches = await verify(passwordHash ?? (await decoy), password);
  return matches && typeof passwordHash === 'string';
}
