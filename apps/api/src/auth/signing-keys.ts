import { randomBytes } from 'node:crypto';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose';
import { z } from 'zod';

/** RFC 8037: an Ed25519 key as JWK, with our own note of when it stopped signing. */
const SigningKey = z.object({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  x: z.string(),
  d: z.string(),
  kid: z.string().min(1),
  /** Unix seconds; from then on it only verifies, and only until its last token has expired. */
  retired_at: z.number().optional(),
});
const KeySet = z.object({ keys: z.array(SigningKey).min(1) });

export type SigningKey = z.infer<typeof SigningKey>;

/**
 * Reads a JWK set; the first key that is not retired signs, the others verify.
 * @throws Error that says what is wrong, without key material
 */
export function parseKeySet(text: string, source: string): SigningKey[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new Error(`${source} is not JSON; it must be a JWK set with Ed25519 private keys`);
  }
  const set = KeySet.safeParse(parsed);
  if (!set.success) throw new Error(`${source} must be a JWK set with Ed25519 private keys, each with a kid`);
  const { keys } = set.data;
  if (new Set(keys.map(({ kid }) => kid)).size < keys.length) {
    throw new Error(`${source} has two keys of one kid: it could not be said which of them signed a token`);
  }
  if (keys.every((key) => key.retired_at !== undefined)) {
    throw new Error(`${source} has no key that is not retired: nothing could be signed`);
  }
  return keys;
}

/** Makes a fresh signing key; its id is the RFC 7638 thumbprint. */
export async function generateSigningKey(): Promise<SigningKey> {
  const { privateKey } = await generateKeyPair('EdDSA', { extractable: true });
  const jwk = await exportJWK(privateKey);
  const kid = (await calculateJwkThumbprint(jwk)).slice(0, 16);
  return SigningKey.parse({ ...jwk, kid });
}

/** Puts a new key first and retires the ones before it; keys whose last token has expired are dropped. */
export function rotate(keys: SigningKey[], fresh: SigningKey, now: number, maximumLifetime: number): SigningKey[] {
  const verifying = keys
    .map((key) => ({ ...key, retired_at: key.retired_at ?? now }))
    .filter((key) => key.retired_at + maximumLifetime > now);
  return [fresh, ...verifying];
}

/** What may be shown of a key at `/.well-known/jwks.json`. */
export function publicJwk({ kty, crv, x, kid }: SigningKey): JWK {
  return { kty, crv, x, kid, use: 'sig', alg: 'EdDSA' };
}

/** 32 random bytes in base64, for a symmetric key. */
export function generateSecret(): string {
  return randomBytes(32).toString('base64');
}
