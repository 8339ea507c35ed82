import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { formatDuration } from '@maas/contracts/duration';
import { createPool } from '@maas/database/client';
import { CONFIG, type Config } from '../config.js';
import { DatabaseService } from '../database/database.service.js';
import { ProcessMarks } from '../database/process-marks.service.js';
import { Clock } from '../http/clock.js';
import { type Admission, type Denial, OwnAdmission, OwnDenial, SharedAdmission } from './admission.js';
import { CountingClaim } from './counting-claim.js';
import { Account, type Standing, type TierLimits } from './limits.js';
import type { LimitStore, StoreTrouble } from './limit-store.js';
import { BUDGET_MILLISECONDS, PostgresLimitStore } from './postgres-limit-store.js';
import { RedisLimitStore } from './redis-limit-store.js';
import { type SharedHold, SharedLimiter, type SharedRefusal } from './shared-limiter.js';
import type { StoreState } from './store-breaker.js';

const TICK_MILLISECONDS = 1000;
/** A store that answers is still asked now and then whether it knows what it knew. */
const TICKS_BETWEEN_PROBES = 5;
const SWEEP_TICKS = 60;
const HOLD_GRACE_MILLISECONDS = 15_000;
const STORE_CONNECTIONS = 4;
/** Whether all processes on the database count in one place is looked at so often. */
const REVIEW_MILLISECONDS = 10_000;
/** In which a process whose answers have ended ends, too. */
const ENDING_MILLISECONDS = 5000;
/** Beyond the budget of a statement: only an answer that got lost takes so long. */
const STORE_ANSWER_MILLISECONDS = 850;

/** Where limits are counted, and how that is going. */
export interface LimiterState {
  readonly mode: Config['LIMITS'];
  /** `process`: in this process alone, as it is to be. `fallback`: the shared store is away. */
  readonly state: 'process' | 'shared' | 'fallback';
  /** ISO 8601. */
  readonly since: string;
  readonly why?: StoreTrouble;
  /** What is done with requests during the fallback, where their tier says nothing of its own. */
  readonly whenUnavailable: Config['LIMITS_WHEN_UNAVAILABLE'];
  /** Requests that were let in during fallbacks since the start. */
  readonly admittedInFallback: number;
  /** Answers of the shared store that did not come in time, since the start. */
  readonly timeouts: number;
  /** Another process on the database counts elsewhere, so that people get more than their limits: who, and what to do. */
  readonly conflict?: string;
}

/**
 * Admits requests within the limits of the caller's tier: counted in this process, where it is the only one, or else with
 * all others in a store that they share.
 */
@Injectable()
export class Limiter implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger('Limits');
  private readonly accounts = new Map<string, Account>();
  private readonly longestRequest: number;
  private shared: SharedLimiter | undefined;
  private claim: CountingClaim | undefined;
  private readonly startedAt: number;
  private timers: NodeJS.Timeout[] = [];
  private ticks = 0;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(DatabaseService) private readonly database: DatabaseService,
    @Inject(ProcessMarks) private readonly marks: ProcessMarks,
  ) {
    // No request lives longer than its deadline, so a hold that does was forgotten.
    this.longestRequest = config.UPSTREAM_TOTAL_TIMEOUT + HOLD_GRACE_MILLISECONDS;
    this.startedAt = clock.now();
  }

  /**
   * Takes up the connections that the mode needs.
   * @throws CountedElsewhere when another process on the same database counts elsewhere
   */
  async start(): Promise<void> {
    const { LIMITS: mode, DATABASE_URL: external, REDIS_URL } = this.config;
    if (REDIS_URL !== undefined && mode !== 'redis') {
      this.logger.warn(`REDIS_URL is set and not used, because LIMITS is ${mode}: leave out LIMITS to count in Redis`);
    }
    const store = mode === 'process' ? undefined : this.openStore();
    if (store) await this.share(store);
    // The embedded database has one process, or workers that have the same settings.
    if (external === undefined) return;
    const { DRAIN_DELAY, DRAIN_TIMEOUT } = this.config;
    const patience = DRAIN_DELAY + DRAIN_TIMEOUT + ENDING_MILLISECONDS;
    const counting = {
      mode,
      identity: () => store?.identity,
      onWaiting: (message: string) =>
        this.logger.warn(`Waiting up to ${formatDuration(patience)} for another process to end. ${message}`),
      onTrouble: (message: string | undefined) =>
        message === undefined
          ? this.logger.log('All processes on this database count limits in one place again')
          : this.logger.error(message),
    };
    this.claim = new CountingClaim(this.marks, counting, patience);
    await this.claim.start();
    this.every(REVIEW_MILLISECONDS, () => void this.claim?.review());
  }

  private async share(store: LimitStore): Promise<void> {
    const mode = store.name;
    this.shared = new SharedLimiter(store, {
      policy: this.config.LIMITS_WHEN_UNAVAILABLE,
      processes: this.config.MAAS_MAX_PROCESSES,
      longestRequest: this.longestRequest,
      monotonic: () => this.clock.monotonic(),
      calendar: () => this.clock.now(),
      onChange: (state) => this.log(state),
      onLoss: () =>
        this.logger.warn(
          `${mode} has lost what it counted; it is told again what this process let in within the last minute`,
        ),
    });
    await this.shared.start();
    this.every(this.config.LIMITS_HOLD / 3, () => void this.shared?.keeper.renew());
  }

  /**
   * Decides at once where limits are counted in this process, and else as soon as the store has answered.
   * @param estimate the most tokens that the request may come to
   * @throws LimitsUnavailable, also by the promise
   */
  admit(userId: string, limits: TierLimits, estimate: number): Admission | Denial | Promise<Admission | Denial> {
    if (this.shared) return this.admitShared(this.shared, userId, limits, estimate);
    const account = this.accountOf(userId);
    const outcome = account.admit(limits, estimate, this.clock.monotonic(), this.longestRequest);
    if ('limit' in outcome) return new OwnDenial(outcome, account, limits, this.clock);
    return new OwnAdmission(account, outcome, limits, this.clock);
  }

  /** How the limits of somebody stand, without using any of them. */
  standing(userId: string, limits: TierLimits): Standing | Promise<Standing> {
    if (this.shared) return this.shared.standing(userId, limits);
    return (this.accounts.get(userId) ?? new Account()).standing(limits, this.clock.monotonic());
  }

  /** For probes, the administration and metrics. */
  state(): LimiterState {
    const { LIMITS: mode, LIMITS_WHEN_UNAVAILABLE: whenUnavailable } = this.config;
    const known: StoreState | undefined = this.shared?.breaker.state;
    return {
      mode,
      state: known?.state ?? 'process',
      since: new Date(known?.since ?? this.startedAt).toISOString(),
      ...(known?.state === 'fallback' ? { why: known.why } : {}),
      whenUnavailable,
      admittedInFallback: this.shared?.uncounted ?? 0,
      timeouts: this.shared?.timeouts ?? 0,
      ...(this.claim?.trouble === undefined ? {} : { conflict: this.claim.trouble }),
    };
  }

  onApplicationBootstrap(): void {
    this.every(TICK_MILLISECONDS, () => this.tick());
  }

  async onApplicationShutdown(): Promise<void> {
    for (const timer of this.timers) clearInterval(timer);
    await this.shared?.close();
  }

  private admitShared(
    shared: SharedLimiter,
    userId: string,
    limits: TierLimits,
    estimate: number,
  ): Admission | Denial | Promise<Admission | Denial> {
    const shown = (outcome: SharedHold | SharedRefusal): Admission | Denial => {
      if ('refusal' in outcome) return { admitted: false, ...outcome.refusal, standing: () => outcome.standing };
      return new SharedAdmission(shared, outcome, limits, this.clock);
    };
    const outcome = shared.admit(userId, limits, estimate);
    return outcome instanceof Promise ? outcome.then(shown) : shown(outcome);
  }

  private openStore(): LimitStore {
    const { LIMITS: mode, REDIS_URL, LIMITS_HOLD: holdLifetime, LIMITS_TIMEOUT: given } = this.config;
    if (mode === 'redis' && REDIS_URL !== undefined) {
      return new RedisLimitStore(REDIS_URL, { holdLifetime, budget: given });
    }
    const budget = given ?? BUDGET_MILLISECONDS;
    const pool = createPool({
      url: this.database.url,
      maxConnections: STORE_CONNECTIONS,
      applicationName: 'maas-limits',
      statementTimeoutMs: budget,
      queryTimeoutMs: budget + STORE_ANSWER_MILLISECONDS,
    });
    return new PostgresLimitStore(pool, { holdLifetime, budget });
  }

  private log(state: StoreState): void {
    const { LIMITS: mode, LIMITS_WHEN_UNAVAILABLE: policy, MAAS_MAX_PROCESSES: processes } = this.config;
    if (state.state === 'shared') {
      return this.logger.log(
        `Limits are counted in ${mode} again; ${this.shared?.uncounted} requests were let in without`,
      );
    }
    const meaning = {
      strict: 'requests are refused with 503',
      share: `this process grants one part in ${processes} of each limit (MAAS_MAX_PROCESSES)`,
      open: 'requests are let in without limits',
    };
    this.logger.error(
      `Limits cannot be counted in ${mode} (${state.why}): until they can, ${meaning[policy]}, unless their tier says otherwise`,
    );
  }

  private tick(): void {
    this.ticks += 1;
    if (this.shared) {
      this.shared.sweep();
      if (this.shared.breaker.isOpen || this.ticks % TICKS_BETWEEN_PROBES === 0) void this.shared.probe();
      return;
    }
    const now = this.clock.monotonic();
    const isSweep = this.ticks % SWEEP_TICKS === 0;
    for (const [userId, account] of this.accounts) {
      account.chargeProduced(now);
      if (isSweep && account.isIdle(now)) this.accounts.delete(userId);
    }
  }

  private every(milliseconds: number, work: () => void): void {
    const timer = setInterval(work, milliseconds);
    timer.unref();
    this.timers.push(timer);
  }

  private accountOf(userId: string): Account {
    let account = this.accounts.get(userId);
    if (!account) this.accounts.set(userId, (account = new Account()));
    return account;
  }
}
