import { Account, type Hold, type Progress, type Refusal, sizeOf, type Standing } from './limits.js';
import type { Limits, TierLimits, UnavailablePolicy } from './limits.js';
import { HoldKeeper, type KeptHold } from './hold-keeper.js';
import type { AdmissionOrder, LimitStore, StoreDecision, StoreStanding, StoreTrouble } from './limit-store.js';
import { type Heard, hearing, isTooSmall, shareOf } from './process-share.js';
import { StoreBreaker, type StoreState } from './store-breaker.js';
import { inTime, NotInTime } from './in-time.js';
import { standingFor } from './store-standing.js';
import { Untold } from './untold.js';

/** The store is away, and the policy is to admit nobody then. */
export class LimitsUnavailable extends Error {}

/** Somebody who uses this process. */
interface Person {
  /** All that this process let in, whoever decided it. */
  readonly account: Account;
  heard: Heard | undefined;
}

/** An admission that stands in the store and in the account of this process. */
export interface SharedHold {
  readonly kept: KeptHold;
  readonly hold: Hold;
  /** How the limits stood after the admission; undefined: this process decided on its own. */
  readonly standing: StoreStanding | undefined;
  readonly at: number;
}

export interface SharedRefusal {
  readonly refusal: Refusal;
  readonly standing: Standing;
}

export interface SharedOptions {
  /** Where a tier says nothing of its own. */
  readonly policy: UnavailablePolicy;
  /** The most processes that run at once. */
  readonly processes: number;
  /** Milliseconds that a hold of this process lives at most. */
  readonly longestRequest: number;
  readonly monotonic: () => number;
  readonly calendar: () => number;
  readonly onChange: (state: StoreState) => void;
  /** The store lost what it knew. */
  readonly onLoss: () => void;
}

const UNKNOWN_PROBE_MILLISECONDS = 5000;
const FIRST_PROBE_MILLISECONDS = 2000;

/** Counts with other processes in a store; alone, by its share, while the store is away. */
export class SharedLimiter {
  readonly breaker: StoreBreaker;
  readonly keeper: HoldKeeper;
  /** Requests that were let in without being counted with the others. */
  uncounted = 0;
  /** Answers of the store that did not come in time. */
  timeouts = 0;
  private readonly people = new Map<string, Person>();
  private readonly untold = new Untold();
  /** Those that the store is asked for now. */
  private readonly standings = new Map<string, Promise<StoreStanding>>();
  /** Of this process alone: 62 random bits. */
  private readonly prefix = crypto.randomUUID().replaceAll('-', '').slice(-16);
  private nextHold = 0;
  private probing: number | undefined;

  constructor(
    private readonly store: LimitStore,
    private readonly options: SharedOptions,
  ) {
    this.breaker = new StoreBreaker(options.calendar, options.onChange);
    const { breaker } = this;
    this.keeper = new HoldKeeper(store, {
      get isOpen() {
        return breaker.isOpen;
      },
      failed: (error) => this.failed(error),
    });
  }

  /** Finds out at the start whether the store is there. Never rejects. */
  async start(): Promise<void> {
    const end = performance.now() + FIRST_PROBE_MILLISECONDS;
    let trouble: StoreTrouble = 'not connected';
    while (performance.now() < end) {
      try {
        await inTime(this.store.probe(), end - performance.now());
        return;
      } catch (error) {
        trouble = error instanceof NotInTime ? 'no answer in time' : this.store.troubleOf(error);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
    for (let time = 0; time < 3; time += 1) this.breaker.failed(trouble);
  }

  /** @throws LimitsUnavailable */
  admit(
    userId: string,
    limits: TierLimits,
    estimate: number,
  ): SharedHold | SharedRefusal | Promise<SharedHold | SharedRefusal> {
    return this.breaker.isOpen
      ? this.admitAlone(userId, limits, estimate)
      : this.admitTogether(userId, limits, estimate);
  }

  settle({ kept, hold }: SharedHold, tokens: number): void {
    const now = this.options.monotonic();
    this.people.get(kept.userId)?.account.settle(hold, tokens, now);
    if (!this.keeper.settle(kept, tokens)) this.untold.add(kept.userId, { requests: 0, tokens }, now);
  }

  follow({ kept, hold }: SharedHold, progress: Progress): void {
    kept.progress = progress;
    hold.progress = progress;
  }

  async standing(userId: string, limits: TierLimits): Promise<Standing> {
    if (!this.breaker.isOpen) {
      try {
        const standing = await inTime(this.askStanding(userId), this.store.budget);
        this.hear(userId, standing, this.options.monotonic());
        return standingFor(limits, standing, 0);
      } catch (error) {
        // Who asks for nothing but this is held up by no limit, and must not be the one to take the store from all others.
        if (!(error instanceof NotInTime)) this.failed(error);
      }
    }
    return this.standingAlone(userId, limits);
  }

  /** Once at a time for each person, whoever asks meanwhile. */
  private askStanding(userId: string): Promise<StoreStanding> {
    let asked = this.standings.get(userId);
    if (asked) return asked;
    asked = this.store.standing(userId).finally(() => this.standings.delete(userId));
    this.standings.set(userId, asked);
    return asked;
  }

  /** How the limits stand as far as this process knows without asking anybody. */
  standingAlone(userId: string, limits: TierLimits): Standing {
    const now = this.options.monotonic();
    const person = this.people.get(userId);
    const own = (person?.account ?? new Account()).standing(this.shareFor(person, limits, now), now);
    return {
      requests: { ...own.requests, limit: limits.requestsPerMinute },
      tokens: { ...own.tokens, limit: limits.tokensPerMinute },
    };
  }

  /** Looks after the store while it is away, with one question at a time. */
  async probe(): Promise<void> {
    const now = performance.now();
    if (this.probing !== undefined) {
      if (now - this.probing > UNKNOWN_PROBE_MILLISECONDS) this.store.reset();
      return;
    }
    this.probing = now;
    try {
      const isLoss = !(await this.store.probe());
      if (isLoss) this.tellAgain();
      if (this.breaker.isOpen) await this.keeper.catchUp();
      await this.untold.carryTo(this.store, this.options.monotonic);
      if (!this.breaker.isOpen) {
        if (isLoss) await this.keeper.renew();
        return;
      }
      this.breaker.close();
      this.keeper.flush();
      await this.keeper.renew();
    } catch (error) {
      this.failed(error);
    } finally {
      this.probing = undefined;
    }
  }

  /** Charges what streams have produced to the account of this process, and forgets whom there is nothing to know of. */
  sweep(): void {
    const now = this.options.monotonic();
    for (const [userId, { account }] of this.people) {
      account.chargeProduced(now);
      if (account.isIdle(now)) this.people.delete(userId);
    }
    this.untold.sweep(now);
  }

  async close(): Promise<void> {
    await inTime(this.keeper.settled(), 2000).catch(() => undefined);
    await this.store.close();
  }

  private async admitTogether(
    userId: string,
    limits: TierLimits,
    estimate: number,
  ): Promise<SharedHold | SharedRefusal> {
    const order = { userId, limits, estimate, holdId: `${this.prefix}:${(this.nextHold += 1)}` };
    try {
      const { refusal, standing } = await this.decide(order);
      if (!refusal) return this.take(userId, order.holdId, estimate, standing);
      this.hear(userId, standing, this.options.monotonic());
      return { refusal, standing: standingFor(limits, standing, 0) };
    } catch (error) {
      this.failed(error);
      return this.admitAlone(userId, limits, estimate);
    }
  }

  /**
   * What has ended here may not have reached the store yet: then it is asked again once that has. Where this is not to be had
   * in time, the store has refused all the same, and is not away.
   */
  private async decide(order: AdmissionOrder): Promise<StoreDecision> {
    const first = await this.ask(order);
    if (first.refusal === undefined || first.refusal.limit === 'requests') return first;
    if (!this.keeper.owes(order.userId)) return first;
    if (!(await this.keeper.settledOf(order.userId, this.store.budget))) return first;
    try {
      return await this.ask(order);
    } catch (error) {
      this.failed(error);
      return first;
    }
  }

  private async ask(order: AdmissionOrder): Promise<StoreDecision> {
    const asked = this.store.admit(order);
    try {
      const decision = await inTime(asked, this.store.budget);
      this.breaker.succeeded();
      return decision;
    } catch (error) {
      // Should the store count it all the same, it is told that nobody uses what it has set aside.
      asked.then(
        ({ refusal }) => refusal || this.keeper.cancel(order.userId, order.holdId),
        () => undefined,
      );
      throw error;
    }
  }

  private take(userId: string, holdId: string, estimate: number, standing: StoreStanding): SharedHold {
    const now = this.options.monotonic();
    const { account } = this.personOf(userId);
    const hold = account.note(estimate, now, this.options.longestRequest);
    this.hear(userId, standing, now);
    return { kept: this.keeper.begin(userId, holdId, estimate, false), hold, standing, at: now };
  }

  private hear(userId: string, standing: StoreStanding, now: number): void {
    const person = this.personOf(userId);
    person.heard = hearing(person.heard, standing, person.account.used(now), now);
  }

  private admitAlone(userId: string, limits: TierLimits, estimate: number): SharedHold | SharedRefusal {
    const { processes, longestRequest } = this.options;
    const policy = this.policyFor(limits);
    if (policy === 'strict') throw new LimitsUnavailable();
    const now = this.options.monotonic();
    const person = this.personOf(userId);
    if (policy === 'share' && isTooSmall(limits, processes)) throw new LimitsUnavailable();
    const outcome =
      policy === 'open'
        ? person.account.note(estimate, now, longestRequest)
        : person.account.admit(this.shareFor(person, limits, now), estimate, now, longestRequest);
    if ('limit' in outcome) {
      const size = sizeOf(limits, outcome.limit) ?? outcome.size;
      return { refusal: { ...outcome, size, isShare: true }, standing: this.standingAlone(userId, limits) };
    }
    this.uncounted += 1;
    this.untold.add(userId, { requests: 1, tokens: 0 }, now);
    const kept = this.keeper.begin(userId, `${this.prefix}:${(this.nextHold += 1)}`, estimate, true);
    return { kept, hold: outcome, standing: undefined, at: now };
  }

  private shareFor(person: Person | undefined, limits: TierLimits, now: number): Limits {
    if (this.policyFor(limits) === 'open') return limits;
    return shareOf(limits, this.options.processes, person?.heard, now);
  }

  private policyFor({ limitsWhenUnavailable }: TierLimits): UnavailablePolicy {
    return limitsWhenUnavailable ?? this.options.policy;
  }

  /** The store has forgotten everybody: it is told what this process let in within the last minute. */
  private tellAgain(): void {
    const now = this.options.monotonic();
    this.untold.clear();
    for (const [userId, { account }] of this.people) {
      this.untold.add(userId, account.spent(now), now);
    }
    this.options.onLoss();
  }

  private failed(error: unknown): void {
    const trouble = error instanceof NotInTime ? 'no answer in time' : this.store.troubleOf(error);
    if (trouble === 'no answer in time') this.timeouts += 1;
    this.breaker.failed(trouble);
  }

  private personOf(userId: string): Person {
    let person = this.people.get(userId);
    if (!person) this.people.set(userId, (person = { account: new Account(), heard: undefined }));
    return person;
  }
}
