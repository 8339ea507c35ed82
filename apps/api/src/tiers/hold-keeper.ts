import { inTime } from './in-time.js';
import { producedBy, type Progress } from './limits.js';
import type { HoldState, LimitStore, Settlement } from './limit-store.js';

const RENEWED_AT_ONCE = 256;
const SETTLED_AT_ONCE = 128;
/** Beyond that the oldest are forgotten: their holds expire by themselves. */
const MOST_WAITING = 50_000;
/** What the store refuses that often, it will never take. */
const MOST_ATTEMPTS = 10;

/** A request under way, as the store is to know it. */
export interface KeptHold {
  readonly userId: string;
  readonly holdId: string;
  readonly reserved: number;
  charged: number;
  progress: Progress | undefined;
  /** It was admitted without the store, which does not know of it yet. */
  isLocal: boolean;
  /** The store is being told of it: what ends now is settled after that. */
  isRenewing: boolean;
  /** What it came to; undefined while it runs. */
  total: number | undefined;
}

/** What the keeper needs to know of the connection. */
export interface Reachability {
  readonly isOpen: boolean;
  failed(error: unknown): void;
}

/**
 * Tells the store how the requests of this process go on: what streams have produced, that they still run, what they came
 * to. All of that is sent in the background, and again until the store has it; none of it counts twice, because the store
 * knows each hold by its id.
 */
export class HoldKeeper {
  private readonly open = new Set<KeptHold>();
  private waiting: Settlement[] = [];
  private readonly sending = new Set<readonly Settlement[]>();
  private renewing: Promise<void> | undefined;
  private isScheduled = false;
  private onSent: (() => void)[] = [];

  constructor(
    private readonly store: LimitStore,
    private readonly reach: Reachability,
  ) {}

  /** @param isLocal admitted without the store */
  begin(userId: string, holdId: string, reserved: number, isLocal: boolean): KeptHold {
    const hold: KeptHold = {
      userId, holdId, reserved, charged: 0, progress: undefined, isLocal, isRenewing: false, total: undefined,
    }; // prettier-ignore
    this.open.add(hold);
    return hold;
  }

  /**
   * Only the first call for a hold counts.
   * @returns whether the store is told; if not, it has never heard of the request and is away
   */
  settle(hold: KeptHold, total: number): boolean {
    if (hold.total !== undefined) return true;
    hold.total = total;
    this.open.delete(hold);
    if (hold.isLocal && !hold.isRenewing && this.reach.isOpen) return false;
    if (!hold.isRenewing) this.enqueue(hold, total);
    return true;
  }

  /** What the store counted for nobody, because who asked had gone on without its answer. */
  cancel(userId: string, holdId: string): void {
    this.add({ userId, holdId, total: 0, charged: 0, attempts: 1 });
  }

  /**
   * Moves what streams have produced from what is held to what is used, and keeps the holds from expiring. Once at a time: two
   * would charge twice what ends between them.
   */
  renew(): Promise<void> {
    this.renewing ??= this.renewAll().finally(() => (this.renewing = undefined));
    return this.renewing;
  }

  private async renewAll(): Promise<void> {
    const holds = [...this.open];
    for (let start = 0; start < holds.length && !this.reach.isOpen; start += RENEWED_AT_ONCE) {
      await this.renewSome(holds.slice(start, start + RENEWED_AT_ONCE).filter((hold) => hold.total === undefined));
    }
  }

  /** Whether a settlement of somebody has not reached the store yet. */
  owes(userId: string): boolean {
    const isTheirs = (settlement: Settlement) => settlement.userId === userId;
    return this.waiting.some(isTheirs) || [...this.sending].some((batch) => batch.some(isTheirs));
  }

  /** Waits until nothing of somebody is to be settled any more. @returns false: not so within that many milliseconds */
  async settledOf(userId: string, milliseconds: number): Promise<boolean> {
    const end = performance.now() + milliseconds;
    while (this.owes(userId)) {
      const isSent = inTime(this.nextSent(), end - performance.now());
      if (!(await isSent.then(() => true, () => false))) return false; // prettier-ignore
    }
    return true;
  }

  /** Resolves when nothing waits to be settled, or the store is away. */
  async settled(): Promise<void> {
    while (this.sending.size > 0 || (this.waiting.length > 0 && !this.reach.isOpen)) await this.nextSent();
  }

  /** Sends what has waited for the store, one batch after the other: it has just come back. Rejects when it is away again. */
  async catchUp(): Promise<void> {
    while (this.waiting.length > 0) {
      const batch = this.waiting.slice(0, SETTLED_AT_ONCE);
      const isOther = (settlement: Settlement) => !batch.includes(settlement);
      try {
        await this.store.settle(batch);
      } catch (error) {
        this.waiting = [...batch.map(sentInVain), ...this.waiting.filter(isOther)];
        throw error;
      }
      this.waiting = this.waiting.filter(isOther);
    }
  }

  /** Sends what waits, as far as the store takes more at once. */
  flush(): void {
    this.isScheduled = false;
    while (this.waiting.length > 0 && this.sending.size < this.store.settling && !this.reach.isOpen) {
      void this.send(this.waiting.splice(0, SETTLED_AT_ONCE));
    }
    for (const resolve of this.onSent.splice(0)) resolve();
  }

  /** Resolves when something was sent, or cannot be. */
  private nextSent(): Promise<void> {
    return new Promise((resolve) => this.onSent.push(resolve));
  }

  private enqueue({ userId, holdId, charged }: KeptHold, total: number): void {
    this.add({ userId, holdId, total, charged, attempts: 0 });
  }

  private add(settlement: Settlement): void {
    this.waiting.push(settlement);
    if (this.waiting.length > MOST_WAITING) this.waiting.shift();
    if (this.isScheduled) return;
    this.isScheduled = true;
    // What ends in one turn goes out together, and still before any answer of that turn.
    queueMicrotask(() => this.flush());
  }

  private async send(settlements: Settlement[]): Promise<void> {
    this.sending.add(settlements);
    try {
      await this.store.settle(settlements);
    } catch (error) {
      this.waiting.unshift(...settlements.map(sentInVain).filter(({ attempts }) => attempts < MOST_ATTEMPTS));
      this.reach.failed(error);
    } finally {
      this.sending.delete(settlements);
      this.flush();
    }
  }

  private async renewSome(holds: KeptHold[]): Promise<void> {
    if (holds.length === 0) return;
    const states = holds.map(stateOf);
    for (const hold of holds) hold.isRenewing = true;
    try {
      await this.store.renew(states);
      for (const [index, hold] of holds.entries()) {
        hold.charged = states[index]?.total ?? hold.charged;
        hold.isLocal = false;
      }
    } catch (error) {
      this.reach.failed(error);
    } finally {
      for (const hold of holds) {
        hold.isRenewing = false;
        if (hold.total !== undefined) this.enqueue(hold, hold.total);
      }
    }
  }
}

/** To be sent again: it may have been done, with only the answer lost. */
function sentInVain(settlement: Settlement): Settlement {
  return { ...settlement, attempts: settlement.attempts + 1 };
}

function stateOf({ userId, holdId, reserved, charged, progress }: KeptHold): HoldState {
  return { userId, holdId, reserved, charged, total: Math.max(charged, producedBy(progress)) };
}
