import { parseDuration } from '@maas/contracts/duration';
import type { LimitState } from '@maas/contracts/tiers';

/** How one's limits stood when an answer began. An unlimited one has no headers. */
export interface RateStanding {
  requests: LimitState;
  tokens: LimitState;
}

/** Reads OpenAI's rate-limit headers, of an answer or of a refusal; undefined where there are none. */
export function readStanding(headers: Pick<Headers, 'get'>): RateStanding | undefined {
  const requests = stateOf(headers, 'requests');
  const tokens = stateOf(headers, 'tokens');
  if (!requests && !tokens) return undefined;
  return { requests: requests ?? unlimited, tokens: tokens ?? unlimited };
}

const unlimited: LimitState = { limit: null, remaining: null, resetSeconds: 0 };

function stateOf(headers: Pick<Headers, 'get'>, name: string): LimitState | undefined {
  const limit = Number(headers.get(`x-ratelimit-limit-${name}`) ?? Number.NaN);
  const remaining = Number(headers.get(`x-ratelimit-remaining-${name}`) ?? Number.NaN);
  if (!Number.isFinite(limit) || !Number.isFinite(remaining)) return undefined;
  const reset = parseDuration(headers.get(`x-ratelimit-reset-${name}`) ?? '');
  return { limit, remaining, resetSeconds: (reset ?? 0) / 1000 };
}
