import { type Placed, UnderWay } from '../http/under-way.js';

/** So often in the allowed time is looked: a deadline passes by a 64th of it too late at most. */
const LOOKS = 64;

/** The time of a request is over. */
export class DeadlinePassed extends Error {
  constructor() {
    super('the total time is over');
  }
}

/** What may take only so long. */
export interface Timed extends Placed {
  /** When its time is over, in milliseconds of `performance.now()`. */
  expiresAt: number;
  /** Its time is over. */
  expire(): void;
}

/**
 * Ends what has gone on for too long: all of it after the same time. One timer looks after all, because a timer for each
 * request would be set and cleared at every request and would go off at none.
 */
export class Deadlines {
  private readonly running = new UnderWay<Timed>();
  private readonly timer: NodeJS.Timeout;

  /** @param milliseconds that each may take */
  constructor(private readonly milliseconds: number) {
    this.timer = setInterval(() => this.look(), milliseconds / LOOKS);
    this.timer.unref();
  }

  begin(timed: Timed): void {
    timed.expiresAt = performance.now() + this.milliseconds;
    this.running.add(timed);
  }

  end(timed: Timed): void {
    this.running.delete(timed);
  }

  close(): void {
    clearInterval(this.timer);
  }

  private look(): void {
    const now = performance.now();
    for (const timed of this.running) {
      if (timed.expiresAt > now) continue;
      this.running.delete(timed);
      timed.expire();
    }
  }
}
