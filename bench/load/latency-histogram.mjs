// @ts-check

const BUCKET_MS = 0.02;
const BUCKETS = 100_000;

/** Latencies in buckets of 20 µs up to 2 s: of one size, however long the run. */
export class LatencyHistogram {
  #buckets = new Uint32Array(BUCKETS);
  #count = 0;

  /** @param {number} ms */
  add(ms) {
    const bucket = Math.min(BUCKETS - 1, Math.floor(ms / BUCKET_MS));
    this.#buckets[bucket] = (this.#buckets[bucket] ?? 0) + 1;
    this.#count += 1;
  }

  /**
   * @param {number} q between 0 and 1
   * @returns {number} milliseconds
   */
  quantile(q) {
    let left = Math.ceil(q * this.#count);
    for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
      left -= this.#buckets[bucket] ?? 0;
      if (left <= 0) return (bucket + 0.5) * BUCKET_MS;
    }
    return 0;
  }
}
