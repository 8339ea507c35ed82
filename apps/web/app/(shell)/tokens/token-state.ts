import type { Token } from '@maas/contracts/tokens';

export type TokenState = Token['status'] | 'expiring';

/** The last tenth of a token's life, and at most its last week, is when its owner should think of the next one. */
const LAST_SHARE = 0.1;
const WEEK_MILLISECONDS = 7 * 86_400_000;

/** How a token is at an instant; the list can be older than that. */
export function tokenState(token: Pick<Token, 'status' | 'createdAt' | 'expiresAt'>, now: number): TokenState {
  if (token.status !== 'active') return token.status;
  const expires = Date.parse(token.expiresAt);
  if (expires <= now) return 'expired';
  const warning = Math.min((expires - Date.parse(token.createdAt)) * LAST_SHARE, WEEK_MILLISECONDS);
  return expires - now <= warning ? 'expiring' : 'active';
}
