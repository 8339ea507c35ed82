import type { Controls } from './controls.js';
import { createRandom, type Random } from './random.js';

export interface Pace {
  /** Milliseconds until the first token. */
  ttftMs: number;
  /** Milliseconds from each token to the next. */
  tokenMs: number;
  /** How much each wait varies at random, as a share of it. */
  jitter: number;
}

/** No waiting at all. */
export const AT_ONCE: Pace = { ttftMs: 0, tokenMs: 0, jitter: 0 };

/** A schedule that is further behind than this does not hurry to catch up: the client was not reading. */
const MAX_LAG_MS = 100;

/** The pace of a server with what one request sets of its own. */
export function paceFor(pace: Pace, controls: Controls): Pace {
  return {
    ttftMs: controls.ttft_ms ?? pace.ttftMs,
    tokenMs: controls.token_ms ?? pace.tokenMs,
    jitter: controls.jitter ?? pace.jitter,
  };
}

/**
 * When each token of one answer is due. Waits are measured from the moment the one before was due, so that timers which
 * fire late do not slow the whole answer down.
 */
export class Schedule {
  readonly #pace: Pace;
  readonly #random: Random;
  readonly #now: () => number;
  #due: number;

  /** @param now a clock in milliseconds that never runs backwards */
  constructor(pace: Pace, seed: number, now: () => number = () => performance.now()) {
    this.#pace = pace;
    this.#random = createRandom(seed);
    this.#now = now;
    this.#due = now();
  }

  /** Milliseconds still to wait for the first token. */
  firstToken(): number {
    return this.#advance(this.#vary(this.#pace.ttftMs));
  }

  /** Milliseconds still to wait for the next token; 0 or less when it is due. */
  nextToken(): number {
    if (this.#pace.tokenMs === 0) return 0;
    this.#due = Math.max(this.#due, this.#now() - MAX_LAG_MS);
    return this.#advance(this.#vary(this.#pace.tokenMs));
  }

  /** Milliseconds still to wait for so many further tokens together. */
  furtherTokens(count: number): number {
    return this.#advance(this.#vary(this.#pace.tokenMs * count));
  }

  #vary(ms: number): number {
    return ms * (1 + this.#pace.jitter * (2 * this.#random() - 1));
  }

  #advance(ms: number): number {
    this.#due += ms;
    return this.#due - this.#now();
  }
}
