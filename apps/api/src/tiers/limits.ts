import { SlidingWindow, WINDOW_MILLISECONDS } from './window.js';

/** The limits of a tier; null is unlimited. */
export interface Limits {
  readonly requestsPerMinute: number | null;
  readonly tokensPerMinute: number | null;
  readonly maxConcurrentRequests: number | null;
}

/** What a process does with requests that cannot be counted with those of the others: refuse, grant its share, let pass. */
export type UnavailablePolicy = 'strict' | 'share' | 'open';

/** The limits of a tier, and what becomes of them while they cannot be counted with the other processes. */
export interface TierLimits extends Limits {
  /** Absent or null: as the installation is set. */
  readonly limitsWhenUnavailable?: UnavailablePolicy | null;
}

export type LimitName = 'requests' | 'tokens' | 'concurrency';

/** How a limit stands; `limit` null: unlimited. */
export interface LimitStanding {
  readonly limit: number | null;
  readonly remaining: number | null;
  /** Milliseconds until all of it is back if nothing more is used. */
  readonly resetMs: number;
}

export interface Standing {
  readonly requests: LimitStanding;
  readonly tokens: LimitStanding;
}

/** What of an answer has been produced so far; grows while the answer passes. */
export interface Progress {
  /** Pieces of the answer: a token each or several, or one of two names of the same token. */
  readonly pieces: number;
}

/** Tokens set aside for a request that is under way. */
export interface Hold {
  readonly reserved: number;
  readonly expiresAt: number;
  open: boolean;
  /** What of it counts as used already, because it was produced. */
  charged: number;
  progress: Progress | undefined;
}

export interface Used {
  readonly requests: number;
  readonly tokens: number;
}

export interface Refusal {
  readonly limit: LimitName;
  readonly size: number;
  /** This process counted alone, and granted its share of that size. */
  readonly isShare?: boolean;
  /** Who waits that long, and does nothing else meanwhile, is let in. At most 60,000. */
  readonly retryAfterMs: number;
}

/** Of a limit by its name; null: unlimited. */
export function sizeOf(limits: Limits, name: LimitName): number | null {
  const { requestsPerMinute: requests, tokensPerMinute: tokens, maxConcurrentRequests: concurrency } = limits;
  return { requests, tokens, concurrency }[name];
}

const CONCURRENCY_RETRY_MILLISECONDS = 1000;

/**
 * What one person has used and has under way, over all their tokens and models.
 *
 * A request is admitted while fewer requests than the limit came in the last 60 seconds, and while the tokens used in them
 * plus those set aside are below the limit. What is set aside may go beyond what is left: so the first request of a fresh
 * minute is always let in. It is set aside in full, so that what other requests give back covers it before anybody else is
 * let in: all that run at once exceed the limit by less than one request's worth.
 *
 * Times are milliseconds of a clock that never goes back.
 */
export class Account {
  private readonly requests = new SlidingWindow();
  private readonly tokens = new SlidingWindow();
  private readonly holds = new Set<Hold>();
  private held = 0;

  /**
   * Admits a request or says why not; who is refused has used nothing.
   * @param estimate the most tokens that the request may come to
   * @param lifetime milliseconds after which the hold is let go though nobody settled it
   */
  admit(limits: Limits, estimate: number, now: number, lifetime: number): Hold | Refusal {
    this.dropExpired(now);
    const refusal = this.refuse(limits, now);
    return refusal ?? this.note(estimate, now, lifetime);
  }

  /** Counts a request that was admitted elsewhere, whatever its limits. */
  note(estimate: number, now: number, lifetime: number): Hold {
    const hold: Hold = { reserved: estimate, expiresAt: now + lifetime, open: true, charged: 0, progress: undefined };
    this.requests.add(now, 1);
    this.holds.add(hold);
    this.held += estimate;
    return hold;
  }

  /** Turns what was set aside into what was used. Only the first call for a hold counts. */
  settle(hold: Hold, tokens: number, now: number): void {
    if (!hold.open) return;
    hold.open = false;
    if (this.holds.delete(hold)) this.held -= outstanding(hold);
    // What was charged while it was produced stays charged, also when it comes to less in the end.
    if (tokens > hold.charged) this.tokens.add(now, tokens - hold.charged);
  }

  /** Charges what the answers under way have produced: it counts from when it was made, not from when the answer ends. */
  chargeProduced(now: number): void {
    for (const hold of this.holds) {
      const produced = producedBy(hold.progress);
      if (produced <= hold.charged) continue;
      this.held -= outstanding(hold);
      this.tokens.add(now, produced - hold.charged);
      hold.charged = produced;
      this.held += outstanding(hold);
    }
  }

  /** What was used, without what is set aside. */
  spent(now: number): Used {
    return { requests: this.requests.used(now), tokens: this.tokens.used(now) };
  }

  /** What was used and set aside, in requests and tokens. */
  used(now: number): Used {
    this.dropExpired(now);
    return { requests: this.requests.used(now), tokens: this.tokens.used(now) + this.held };
  }

  standing(limits: Limits, now: number): Standing {
    this.dropExpired(now);
    const { requestsPerMinute, tokensPerMinute } = limits;
    const used = this.tokens.used(now) + this.held;
    return {
      requests: {
        limit: requestsPerMinute,
        remaining: remaining(requestsPerMinute, this.requests.used(now)),
        resetMs: this.requests.waitToEmpty(now),
      },
      tokens: {
        limit: tokensPerMinute,
        remaining: remaining(tokensPerMinute, used),
        // What is set aside will be used at the earliest now, and counts for a window from then.
        resetMs: this.held > 0 ? WINDOW_MILLISECONDS : this.tokens.waitToEmpty(now),
      },
    };
  }

  /** Whether there is nothing to remember. */
  isIdle(now: number): boolean {
    this.dropExpired(now);
    return this.holds.size === 0 && this.requests.used(now) === 0 && this.tokens.used(now) === 0;
  }

  /** Of several limits that refuse, the one that refuses longest is named: waiting for a shorter one would not help. */
  private refuse(limits: Limits, now: number): Refusal | undefined {
    const { requestsPerMinute, tokensPerMinute, maxConcurrentRequests } = limits;
    let refusal: Refusal | undefined;
    const consider = (limit: LimitName, size: number, retryAfterMs: number) => {
      if (!refusal || retryAfterMs > refusal.retryAfterMs) refusal = { limit, size, retryAfterMs };
    };
    if (maxConcurrentRequests !== null && this.holds.size >= maxConcurrentRequests) {
      consider('concurrency', maxConcurrentRequests, CONCURRENCY_RETRY_MILLISECONDS);
    }
    const requests = this.requests.used(now);
    if (requestsPerMinute !== null && requests >= requestsPerMinute) {
      consider('requests', requestsPerMinute, this.requests.waitToFree(now, requests - requestsPerMinute + 1));
    }
    const tokens = this.tokens.used(now) + this.held;
    if (tokensPerMinute !== null && tokens >= tokensPerMinute) {
      consider('tokens', tokensPerMinute, this.tokens.waitToFree(now, tokens - tokensPerMinute + 1));
    }
    return refusal;
  }

  // All holds have the same lifetime, so the first in the set is the first to expire.
  private dropExpired(now: number): void {
    for (const hold of this.holds) {
      if (hold.expiresAt > now) return;
      this.holds.delete(hold);
      this.held -= outstanding(hold);
    }
  }
}

/** Tokens that have certainly been produced: what is charged too early would never be given back. */
export function producedBy(progress: Progress | undefined): number {
  return progress ? Math.floor(progress.pieces / 2) : 0;
}

function outstanding({ reserved, charged }: Hold): number {
  return Math.max(0, reserved - charged);
}

function remaining(limit: number | null, used: number): number | null {
  return limit === null ? null : Math.max(0, limit - used);
}
