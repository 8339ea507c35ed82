import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { CONFIG, type Config } from '../config.js';
import { Clock } from '../http/clock.js';
import { Account, type Hold, type Limits, type Refusal, type Standing } from './limits.js';

const SWEEP_MILLISECONDS = 60_000;
const HOLD_GRACE_MILLISECONDS = 15_000;

/** An admitted request: to be settled once, however it ends. */
export interface Admission {
  readonly admitted: true;
  /** Says what the request came to, in tokens. Only the first call counts. */
  settle(tokens: number): void;
}

/** A refused request: it has used nothing. */
export interface Denial extends Refusal {
  readonly admitted: false;
}

/** Admits requests within the limits of the caller's tier. Kept in this process: exact for one process. */
@Injectable()
export class Limiter implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly accounts = new Map<string, Account>();
  private readonly holdLifetime: number;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    @Inject(CONFIG) config: Config,
    @Inject(Clock) private readonly clock: Clock,
  ) {
    // No request lives longer than its deadline, so a hold that does was forgotten.
    this.holdLifetime = config.UPSTREAM_TOTAL_TIMEOUT + HOLD_GRACE_MILLISECONDS;
  }

  /** @param estimate the most tokens that the request may come to */
  admit(userId: string, limits: Limits, estimate: number): Admission | Denial {
    const account = this.accountOf(userId);
    const outcome = account.admit(limits, estimate, this.clock.monotonic(), this.holdLifetime);
    if ('limit' in outcome) return { admitted: false, ...outcome };
    return new OpenAdmission(account, outcome, this.clock);
  }

  /** How the limits of somebody stand, without using any of them. */
  standing(userId: string, limits: Limits): Standing {
    return (this.accounts.get(userId) ?? new Account()).standing(limits, this.clock.monotonic());
  }

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => this.sweep(), SWEEP_MILLISECONDS);
    this.timer.unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  private accountOf(userId: string): Account {
    let account = this.accounts.get(userId);
    if (!account) this.accounts.set(userId, (account = new Account()));
    return account;
  }

  private sweep(): void {
    const now = this.clock.monotonic();
    for (const [userId, account] of this.accounts) if (account.isIdle(now)) this.accounts.delete(userId);
  }
}

class OpenAdmission implements Admission {
  readonly admitted = true;

  constructor(
    private readonly account: Account,
    private readonly hold: Hold,
    private readonly clock: Clock,
  ) {}

  settle(tokens: number): void {
    this.account.settle(this.hold, tokens, this.clock.monotonic());
  }
}
