import type { Token, TokenStatus } from '@maas/contracts/tokens';
import type { TokenKind } from '../auth/token-signer.service.js';

/** An access token: RFC 9068's `typ`, and an audience of its own. `iat` has whole seconds, as JWT libraries expect. */
export const ACCESS_TOKEN: TokenKind = { typ: 'at+jwt', aud: 'maas', precise: false };

/** What is kept of an issued token. */
export interface TokenRecord {
  jti: string;
  name: string | null;
  description: string | null;
  issuedAt: Date;
  expiresAt: Date;
  lastUsedAt: Date | null;
  revocation: { revokedAt: Date } | null;
}

/** @param now Unix milliseconds */
function statusOf(token: Pick<TokenRecord, 'expiresAt' | 'revocation'>, now: number): TokenStatus {
  if (token.revocation) return 'revoked';
  return token.expiresAt.getTime() <= now ? 'expired' : 'active';
}

/** A token as it is shown: what is known of it, never its secret. */
export function shownToken(token: TokenRecord, now: number): Token {
  return {
    object: 'token',
    jti: token.jti,
    name: token.name,
    description: token.description,
    createdAt: token.issuedAt.toISOString(),
    expiresAt: token.expiresAt.toISOString(),
    lastUsedAt: token.lastUsedAt?.toISOString() ?? null,
    revokedAt: token.revocation?.revokedAt.toISOString() ?? null,
    status: statusOf(token, now),
  };
}
