import { type Placed, UnderWay } from '../http/under-way.js';

/** Into so many the allowed time is divided: a deadline passes at most one of them too late. */
const TURNS = 64;

/** What may take only so long. */
export interface Timed extends Placed {
  /** The turn in which its time is over. */
  lastTurn: number;
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
  private turn = 0;

  /** @param milliseconds that each may take */
  constructor(milliseconds: number) {
    this.timer = setInterval(() => this.next(), milliseconds / TURNS);
    this.timer.unref();
  }

  begin(timed: Timed): void {
    timed.lastTurn = this.turn + TURNS + 1;
    this.running.add(timed);
  }

  end(timed: Timed): void {
    this.running.delete(timed);
  }

  close(): void {
    clearInterval(this.timer);
  }

  private next(): void {
    this.turn += 1;
    for (const timed of this.running) {
      if (timed.lastTurn > this.turn) continue;
      this.running.delete(timed);
      timed.expire();
    }
  }
}
