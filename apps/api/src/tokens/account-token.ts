import { createHash } from 'node:crypto';
import { z } from 'zod';
import { subjectOf } from '../auth/account-names.js';

/** What is in a token of a ServiceAccount (Kubernetes, "Schema for service account private claims"), as far as we need it. */
const Claims = z.object({
  sub: z.string(),
  // RFC 7519 §4.1.3: one may stand by itself.
  aud: z.union([z.string().transform((one) => [one]), z.array(z.string())]),
  iat: z.number(),
  exp: z.number(),
  jti: z.unknown().optional(),
  'kubernetes.io': z.object({
    namespace: z.string(),
    serviceaccount: z.object({ name: z.string(), uid: z.string().min(1) }),
  }),
});

/** A token that a cluster issued to a ServiceAccount. */
export interface AccountToken {
  /** What names it here: a UUID. */
  readonly jti: string;
  /** Of the account: `system:serviceaccount:{namespace}:{name}`. */
  readonly subject: string;
  /** Of the account: another one that is made under the same name has another one. */
  readonly uid: string;
  readonly audiences: readonly string[];
  /** Unix seconds. */
  readonly issuedAt: number;
  /** Unix seconds. */
  readonly expiresAt: number;
}

/** Reads what a token says of itself; nothing is verified. Undefined: it is none of a ServiceAccount. */
export function readAccountToken(token: string): AccountToken | undefined {
  const parts = token.split('.');
  const [header = '', payload = '', signature = ''] = parts;
  if (parts.length !== 3 || signature === '' || !payload.startsWith('ey')) return undefined;
  try {
    const claims = Claims.parse(JSON.parse(Buffer.from(payload, 'base64url').toString()));
    const { namespace, serviceaccount } = claims['kubernetes.io'];
    if (claims.sub !== subjectOf(namespace, serviceaccount.name)) return undefined;
    return {
      jti: jtiOf(claims.jti, `${header}.${payload}`),
      subject: claims.sub,
      uid: serviceaccount.uid,
      audiences: claims.aud,
      issuedAt: Math.floor(claims.iat),
      expiresAt: Math.floor(claims.exp),
    };
  } catch {
    return undefined;
  }
}

/**
 * Clusters before Kubernetes 1.30 issue tokens without a jti: then it is made of what is signed, as a UUIDv8 (RFC 9562 §5.8).
 * Not of the signature, which has several spellings.
 */
function jtiOf(jti: unknown, signed: string): string {
  const { success, data } = z.uuid().safeParse(jti);
  if (success) return data.toLowerCase();
  const hex = createHash('sha256').update(signed).digest('hex');
  const variant = ((parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
