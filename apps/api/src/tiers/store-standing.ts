import type { Limits, Standing } from './limits.js';
import type { StoreStanding } from './limit-store.js';
import { WINDOW_MILLISECONDS } from './window.js';

/**
 * How somebody's limits stand by what the store said.
 * @param elapsed milliseconds since it said so
 */
export function standingFor(limits: Limits, standing: StoreStanding, elapsed: number): Standing {
  const { requestsPerMinute, tokensPerMinute } = limits;
  const left = (limit: number | null, used: number) => (limit === null ? null : Math.max(0, limit - used));
  const { requestsUsed, requestsResetMs, tokensUsed, tokensResetMs, held } = standing;
  return {
    requests: {
      limit: requestsPerMinute,
      remaining: left(requestsPerMinute, requestsUsed),
      resetMs: Math.max(0, requestsResetMs - elapsed),
    },
    tokens: {
      limit: tokensPerMinute,
      remaining: left(tokensPerMinute, tokensUsed + held),
      resetMs: held > 0 ? WINDOW_MILLISECONDS : Math.max(0, tokensResetMs - elapsed),
    },
  };
}
