const FIRST_MILLISECONDS = 500;
const LONGEST_MILLISECONDS = 30_000;
/** However long an API server asks to be left alone. */
const LONGEST_ASKED_MILLISECONDS = 300_000;

/** How long is waited before the API server is asked again: twice as long each time, until it answers. */
export class RetryDelay {
  private failures = 0;

  /** @param random from 0 to 1, so that many processes do not come back together */
  constructor(private readonly random: () => number = Math.random) {}

  /** @param asked milliseconds that the server named (`Retry-After`), which is never cut short @returns milliseconds */
  after(asked: number | undefined): number {
    this.failures += 1;
    const longest = Math.min(FIRST_MILLISECONDS * 2 ** (this.failures - 1), LONGEST_MILLISECONDS);
    const own = longest * (0.5 + this.random() / 2);
    return Math.max(own, Math.min(asked ?? 0, LONGEST_ASKED_MILLISECONDS));
  }

  /** It answered. */
  reset(): void {
    this.failures = 0;
  }
}
