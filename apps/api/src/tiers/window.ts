/** The length of the window that every limit per minute is counted in, in milliseconds. */
export const WINDOW_MILLISECONDS = 60_000;

const EXACT_MARKS = 2048;
const MERGE_MILLISECONDS = WINDOW_MILLISECONDS / EXACT_MARKS;

/**
 * What was used in the last 60 seconds, at whatever instants: the half-open window `(now - 60 s, now]`.
 *
 * Every use is a mark of its own, so the count is exact, where a fixed window would let twice the limit through at its
 * edge. Beyond 2,048 marks in a minute, uses within 29 ms share the mark of the latest of them: that can hold a request
 * back for 29 ms, but never lets one through, and bounds the memory to 64 KiB.
 *
 * Times are milliseconds of a clock that never goes back; amounts are positive integers.
 */
export class SlidingWindow {
  private times = new Float64Array(8);
  private amounts = new Float64Array(8);
  private head = 0;
  private length = 0;
  private sum = 0;
  /** When the first use of the newest mark came. */
  private newestBegan = 0;

  add(now: number, amount: number): void {
    this.expire(now);
    this.sum += amount;
    if (this.length > EXACT_MARKS && now - this.newestBegan < MERGE_MILLISECONDS) {
      const newest = this.index(this.length - 1);
      this.times[newest] = now;
      this.amounts[newest] = (this.amounts[newest] ?? 0) + amount;
      return;
    }
    if (this.length === this.times.length) this.grow();
    const next = this.index(this.length);
    this.times[next] = now;
    this.amounts[next] = amount;
    this.newestBegan = now;
    this.length += 1;
  }

  used(now: number): number {
    this.expire(now);
    return this.sum;
  }

  /**
   * Milliseconds until at least `amount` of what is counted now has left the window.
   * @param amount at most what is counted; more takes the whole window
   */
  waitToFree(now: number, amount: number): number {
    this.expire(now);
    let freed = 0;
    for (let mark = 0; mark < this.length; mark += 1) {
      if (freed >= amount) break;
      freed += this.amounts[this.index(mark)] ?? 0;
      if (freed >= amount) return this.timeLeft(mark, now);
    }
    return amount <= 0 ? 0 : WINDOW_MILLISECONDS;
  }

  /** Milliseconds until nothing is counted any more, if nothing is added. */
  waitToEmpty(now: number): number {
    this.expire(now);
    return this.length === 0 ? 0 : this.timeLeft(this.length - 1, now);
  }

  private timeLeft(mark: number, now: number): number {
    const end = (this.times[this.index(mark)] ?? now) + WINDOW_MILLISECONDS;
    const left = end - now;
    // Adding and subtracting fractions may leave a trace: too little would have the mark still counted after the wait, and
    // more than the window no wait can be.
    return Math.min(WINDOW_MILLISECONDS, now + left < end ? left + end * Number.EPSILON : left);
  }

  private expire(now: number): void {
    while (this.length > 0 && (this.times[this.head] ?? 0) + WINDOW_MILLISECONDS <= now) {
      this.sum -= this.amounts[this.head] ?? 0;
      this.head = (this.head + 1) % this.times.length;
      this.length -= 1;
    }
  }

  private index(mark: number): number {
    return (this.head + mark) % this.times.length;
  }

  private grow(): void {
    const times = new Float64Array(this.times.length * 2);
    const amounts = new Float64Array(times.length);
    for (let mark = 0; mark < this.length; mark += 1) {
      times[mark] = this.times[this.index(mark)] ?? 0;
      amounts[mark] = this.amounts[this.index(mark)] ?? 0;
    }
    this.times = times;
    this.amounts = amounts;
    this.head = 0;
  }
}
