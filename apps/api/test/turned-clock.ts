import { Clock } from '../src/http/clock.js';

/** A clock that stands still until it is turned. */
export class TurnedClock extends Clock {
  private elapsed = 0;

  constructor(private readonly start = Date.now()) {
    super();
  }

  /** @param milliseconds forward */
  turn(milliseconds: number): void {
    this.elapsed += milliseconds;
  }

  now(): number {
    return this.start + this.elapsed;
  }

  monotonic(): number {
    return this.elapsed;
  }
}
