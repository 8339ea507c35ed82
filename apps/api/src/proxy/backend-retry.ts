import type { TroubleKind } from '../models/backend-health.js';

/** Further attempts of one request. */
const MOST_RETRIES = 2;
/** Retries that are always allowed at the same time, so that a quiet process retries too. */
const FEWEST_AT_ONCE = 3;
/** One retry for so many active requests. */
const ACTIVE_PER_RETRY = 5;

/**
 * Allows at most a fifth of the requests that are under way in this process to be retries: when everything fails, retries
 * must not multiply the load.
 */
export class RetryBudget {
  private active = 0;
  private retrying = 0;

  requestBegins(): void {
    this.active += 1;
  }

  requestEnds(): void {
    this.active -= 1;
  }

  /** Takes room for a retry, which `retryEnds` gives back. */
  takeRetry(): boolean {
    if (this.retrying >= Math.max(FEWEST_AT_ONCE, Math.floor(this.active / ACTIVE_PER_RETRY))) return false;
    this.retrying += 1;
    return true;
  }

  retryEnds(): void {
    this.retrying -= 1;
  }
}

const neverSent: ReadonlySet<TroubleKind> = new Set(['connect', 'dns', 'address', 'tls', 'busy']);
/** The backend says that it did not do it, or whoever stands before it says that it is not there. */
const refused: ReadonlySet<TroubleKind> = new Set([
  // Of our credential, which another backend has one of its own for.
  'status 401',
  'status 403',
  'status 407',
  'status 429',
  'status 502',
  'status 503',
  'status 504',
  'status 529',
]);

/**
 * Whether one request may be sent again after an attempt failed before its answer began. What was not executed may be sent
 * again; what perhaps was (the connection closed before an answer) once, because it costs tokens; what the backend still
 * may be at (no answer in time) never.
 */
export class RetryPolicy {
  private retries = 0;
  private wasReset = false;

  /** Says so, and counts it when it is allowed. */
  allows(kind: TroubleKind): boolean {
    if (this.retries >= MOST_RETRIES) return false;
    const again = neverSent.has(kind) || refused.has(kind) || (kind === 'reset' && !this.wasReset);
    if (!again) return false;
    if (kind === 'reset') this.wasReset = true;
    return true;
  }

  noteRetry(): void {
    this.retries += 1;
  }
}
