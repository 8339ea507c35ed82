/** The time, so that tests can turn it. */
export abstract class Clock {
  /** Milliseconds since the Unix epoch, by the calendar. */
  abstract now(): number;
  /** Milliseconds since some fixed instant, never going back: what limits and durations are measured by. */
  abstract monotonic(): number;
}

export class SystemClock extends Clock {
  now(): number {
    return Date.now();
  }

  monotonic(): number {
    return performance.now();
  }
}
