import type { Limits, Used } from './limits.js';
import type { StoreStanding } from './limit-store.js';
import { WINDOW_MILLISECONDS } from './window.js';

/** What the store was last heard to have counted for somebody, in all processes, and what this process had by then. */
export interface Heard {
  readonly at: number;
  /** When the store said so, in microseconds of its clock. */
  readonly storeAt: number;
  readonly everywhere: Used;
  readonly here: Used;
}

/** Answers that were given on several connections overtake each other by no more than a request waits for one. */
const OVERTAKEN_MICROSECONDS = 1_000_000;

/**
 * What is known when one more answer has come. One that was given before another that has come already is no news: what it
 * counts is among what that one counted.
 * @param here what this process had let in, with what the answer let in
 * @param now monotonic milliseconds
 */
export function hearing(known: Heard | undefined, told: StoreStanding, here: Used, now: number): Heard {
  if (known && told.at < known.storeAt && known.storeAt - told.at < OVERTAKEN_MICROSECONDS) return { ...known, here };
  const everywhere = { requests: told.requestsUsed, tokens: told.tokensUsed + told.held };
  return { at: now, storeAt: told.at, everywhere, here };
}

/**
 * What one process may let in on its own while the store is away: its share of each limit, rounded down, so that all
 * processes together stay within the limit. For a window after the store was heard last, no more than a share of what was
 * left then is added to what this process had used: others may have used more than their shares.
 * @param now monotonic milliseconds
 * @returns limits for what this process counts itself
 */
export function shareOf(limits: Limits, processes: number, heard: Heard | undefined, now: number): Limits {
  const recent = heard && now - heard.at < WINDOW_MILLISECONDS ? heard : undefined;
  const share = (limit: number | null, everywhere: number, here: number): number | null => {
    if (limit === null) return null;
    const fair = Math.floor(limit / processes);
    if (!recent) return fair;
    return Math.min(fair, here + Math.floor(Math.max(0, limit - everywhere) / processes));
  };
  const { requestsPerMinute, tokensPerMinute, maxConcurrentRequests } = limits;
  return {
    requestsPerMinute: share(requestsPerMinute, recent?.everywhere.requests ?? 0, recent?.here.requests ?? 0),
    tokensPerMinute: share(tokensPerMinute, recent?.everywhere.tokens ?? 0, recent?.here.tokens ?? 0),
    maxConcurrentRequests: maxConcurrentRequests === null ? null : Math.floor(maxConcurrentRequests / processes),
  };
}

/** Whether a limit is too small to be shared: no process may let anybody in on its own. */
export function isTooSmall(limits: Limits, processes: number): boolean {
  return [limits.requestsPerMinute, limits.tokensPerMinute, limits.maxConcurrentRequests].some(
    (limit) => limit !== null && limit > 0 && limit < processes,
  );
}
