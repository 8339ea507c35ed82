const FIRST_MILLISECONDS = 500;
const LONGEST_MILLISECONDS = 30_000;
/** Who served for so long did not fail at its start. */
const STEADY_MILLISECONDS = 60_000;

/** How long is waited before a worker is replaced: longer each time, for as long as none of them serves for a minute. */
export class RestartDelay {
  private failures = 0;

  /** @param lived milliseconds for which the worker that ended had run @returns milliseconds */
  after(lived: number): number {
    this.failures = lived >= STEADY_MILLISECONDS ? 1 : this.failures + 1;
    return Math.min(FIRST_MILLISECONDS * 2 ** (this.failures - 1), LONGEST_MILLISECONDS);
  }
}
