import type { Clock } from '../http/clock.js';
import type { Account, Hold, Limits, Progress, Refusal, Standing, TierLimits } from './limits.js';
import { bounded } from './limit-store.js';
import type { SharedHold, SharedLimiter } from './shared-limiter.js';
import { standingFor } from './store-standing.js';
import { WINDOW_MILLISECONDS } from './window.js';

/** An admitted request: to be settled once, however it ends. */
export interface Admission {
  readonly admitted: true;
  /** Says what is produced, so that it is charged meanwhile. */
  follow(progress: Progress): void;
  /** Says what the request came to, in tokens. Only the first call counts. */
  settle(tokens: number): void;
  /** How the limits stand now, as far as this request knows: nobody is asked. */
  standing(): Standing;
}

/** A refused request: it has used nothing. */
export interface Denial extends Refusal {
  readonly admitted: false;
  standing(): Standing;
}

/** Counted in this process. */
export class OwnAdmission implements Admission {
  readonly admitted = true;

  constructor(
    private readonly account: Account,
    private readonly hold: Hold,
    private readonly limits: Limits,
    private readonly clock: Clock,
  ) {}

  follow(progress: Progress): void {
    this.hold.progress = progress;
  }

  settle(tokens: number): void {
    this.account.settle(this.hold, tokens, this.clock.monotonic());
  }

  standing(): Standing {
    return this.account.standing(this.limits, this.clock.monotonic());
  }
}

export class OwnDenial implements Denial {
  readonly admitted = false;
  readonly limit: Refusal['limit'];
  readonly size: number;
  readonly retryAfterMs: number;

  constructor(
    refusal: Refusal,
    private readonly account: Account,
    private readonly limits: Limits,
    private readonly clock: Clock,
  ) {
    this.limit = refusal.limit;
    this.size = refusal.size;
    this.retryAfterMs = refusal.retryAfterMs;
  }

  standing(): Standing {
    return this.account.standing(this.limits, this.clock.monotonic());
  }
}

/** Its standing is the store's at the admission, plus what is known of this request since: no second question is asked. */
export class SharedAdmission implements Admission {
  readonly admitted = true;
  private tokens: number | undefined;

  constructor(
    private readonly shared: SharedLimiter,
    private readonly hold: SharedHold,
    private readonly limits: TierLimits,
    private readonly clock: Clock,
  ) {}

  follow(progress: Progress): void {
    this.shared.follow(this.hold, progress);
  }

  settle(tokens: number): void {
    this.tokens ??= tokens;
    this.shared.settle(this.hold, tokens);
  }

  standing(): Standing {
    const { standing, kept, at } = this.hold;
    if (!standing) return this.shared.standingAlone(kept.userId, this.limits);
    const elapsed = this.clock.monotonic() - at;
    if (this.tokens === undefined) return standingFor(this.limits, standing, elapsed);
    const settled = {
      ...standing,
      tokensUsed: standing.tokensUsed + this.tokens,
      held: Math.max(0, standing.held - bounded(kept.reserved)),
      tokensResetMs: this.tokens > 0 ? WINDOW_MILLISECONDS + elapsed : standing.tokensResetMs,
    };
    return standingFor(this.limits, settled, elapsed);
  }
}
