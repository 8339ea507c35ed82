import { createHmac, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { SigningKey } from '../src/auth/signing-keys.js';

/** Makes JWTs that no honest issuer would, part by part. */
export interface Forgery {
  readonly header?: object;
  readonly claims?: object;
  /** Makes the signature over `header.payload`; default: with the key itself. */
  readonly signature?: (input: string) => Buffer;
}

const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A forge that has the platform's own key, to be wrong in one thing at a time. */
export function forgeWith(key: SigningKey, claims: object) {
  const { kty, crv, x, d } = key;
  const privateKey = createPrivateKey({ key: { kty, crv, x, d }, format: 'jwk' });
  const header = { alg: 'EdDSA', typ: 'at+jwt', kid: key.kid };
  return (forgery: Forgery = {}): string => {
    const input = `${encoded({ ...header, ...forgery.header })}.${encoded({ ...claims, ...forgery.claims })}`;
    const signature = forgery.signature ?? ((text) => sign(null, Buffer.from(text), privateKey));
    return `${input}.${signature(input).toString('base64url')}`;
  };
}

/** What somebody who only knows the public key could take for the secret of an HMAC. */
export function publicSecrets({ kty, crv, x, kid }: SigningKey): Record<string, string | Buffer> {
  const key = createPublicKey({ key: { kty, crv, x }, format: 'jwk' });
  const pem = key.export({ type: 'spki', format: 'pem' }).toString();
  return {
    'its bytes': Buffer.from(x, 'base64url'),
    'its text': x,
    'its PEM': pem,
    'its PEM without the line end': pem.trimEnd(),
    'its DER': key.export({ type: 'spki', format: 'der' }),
    'its JWK': JSON.stringify({ kty, crv, x, kid, use: 'sig', alg: 'EdDSA' }),
    'its id': kid,
    nothing: '',
  };
}

export function hmac(secret: string | Buffer, hash: string): (input: string) => Buffer {
  return (input) => createHmac(hash, secret).update(input).digest();
}

/** Somebody else's key of the same kind. */
export function strangersKey(): { privateKey: KeyObject; jwk: object; signature: (input: string) => Buffer } {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return {
    privateKey,
    jwk: publicKey.export({ format: 'jwk' }),
    signature: (input) => sign(null, Buffer.from(input), privateKey),
  };
}
