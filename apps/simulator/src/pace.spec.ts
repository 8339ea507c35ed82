import { describe, expect, it } from '@jest/globals';
import { paceFor, Schedule } from './pace.js';

/** A clock that a test moves by hand. */
function manualClock() {
  const clock = { now: 0 };
  return { clock, now: () => clock.now };
}

describe('Schedule', () => {
  it('spaces tokens by the pace, however late each of them was written', () => {
    const { clock, now } = manualClock();
    const schedule = new Schedule({ ttftMs: 40, tokenMs: 10, jitter: 0 }, 1, now);
    expect(schedule.firstToken()).toBe(40);
    clock.now = 43;
    expect(schedule.nextToken()).toBe(7);
    clock.now = 50;
    expect(schedule.nextToken()).toBe(10);
  });

  it('does not hurry after a client that did not read for a long time', () => {
    const { clock, now } = manualClock();
    const schedule = new Schedule({ ttftMs: 0, tokenMs: 10, jitter: 0 }, 1, now);
    clock.now = 60_000;
    const waits = Array.from({ length: 11 }, () => schedule.nextToken());
    expect(waits.filter((wait) => wait < 0)).toHaveLength(9);
    expect(waits.at(-1)).toBe(10);
  });

  it('varies each wait by no more than the jitter, and repeats for the same seed', () => {
    const waits = (seed: number) => {
      const schedule = new Schedule({ ttftMs: 0, tokenMs: 100, jitter: 0.2 }, seed, () => 0);
      const dues = Array.from({ length: 50 }, () => schedule.nextToken());
      return dues.map((due, index) => due - (dues[index - 1] ?? 0));
    };
    for (const wait of waits(1)) {
      expect(wait).toBeGreaterThanOrEqual(80 - 1e-6);
      expect(wait).toBeLessThanOrEqual(120 + 1e-6);
    }
    expect(waits(1)).toEqual(waits(1));
    expect(waits(1)).not.toEqual(waits(2));
  });

  it('never waits when the pace is nothing', () => {
    const schedule = new Schedule({ ttftMs: 0, tokenMs: 0, jitter: 1 }, 1, () => 0);
    expect([schedule.firstToken(), schedule.nextToken(), schedule.furtherTokens(1000)]).toEqual([0, 0, 0]);
  });
});

describe('paceFor', () => {
  it('takes from the request what it sets, also 0, and the rest from the server', () => {
    const server = { ttftMs: 40, tokenMs: 15, jitter: 0.2 };
    expect(paceFor(server, { ttft_ms: 0, token_ms: null })).toEqual({ ttftMs: 0, tokenMs: 15, jitter: 0.2 });
  });
});
