import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SlidingWindow, WINDOW_MILLISECONDS } from './window.js';

/** The most that falls into any half-open window of 60 seconds, tried at every instant at which it could be the most. */
function mostInAnyWindow(uses: readonly { at: number; amount: number }[]): number {
  return Math.max(
    0,
    ...uses.map(({ at }) =>
      uses.filter((use) => use.at + WINDOW_MILLISECONDS > at && use.at <= at).reduce((sum, use) => sum + use.amount, 0),
    ),
  );
}

/** Instants close to the edges that a careless window gets wrong: bursts, just under and just over 60 seconds. */
const gap = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(0, 0.001, 1, 29, 999, 1000, 59_999, 60_000, 60_001) },
  { weight: 2, arbitrary: fc.double({ min: 0, max: 70_000, noNaN: true }) },
);

describe('SlidingWindow', () => {
  it('counts exactly what came in the last 60 seconds, at whatever instants', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(gap, fc.integer({ min: 1, max: 1000 })), { maxLength: 300 }), (steps) => {
        const window = new SlidingWindow();
        const uses: { at: number; amount: number }[] = [];
        let now = 0;
        for (const [wait, amount] of steps) {
          now += wait;
          window.add(now, amount);
          uses.push({ at: now, amount });
          const expected = uses
            .filter(({ at }) => at + WINDOW_MILLISECONDS > now)
            .reduce((sum, use) => sum + use.amount, 0);
          expect(window.used(now)).toBe(expected);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('lets never more than N into any 60 seconds, and lets in who waited as long as it says', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.array(fc.tuple(gap, fc.boolean()), { maxLength: 300 }),
        (limit, steps) => {
          const window = new SlidingWindow();
          const admitted: { at: number; amount: number }[] = [];
          let now = 0;
          for (const [wait, patient] of steps) {
            now += wait;
            let used = window.used(now);
            if (used >= limit && patient) {
              const waited = window.waitToFree(now, used - limit + 1);
              expect(waited).toBeLessThanOrEqual(WINDOW_MILLISECONDS);
              now += waited;
              used = window.used(now);
              expect(used).toBeLessThan(limit);
            }
            if (used >= limit) continue;
            window.add(now, 1);
            admitted.push({ at: now, amount: 1 });
          }
          expect(mostInAnyWindow(admitted)).toBeLessThanOrEqual(limit);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('has let go of everything after the wait it told, also where fractions of a millisecond are lost', () => {
    const window = new SlidingWindow();
    window.add(1.928128767758608e-10, 1);
    const now = 1000.0000000001928;
    expect(window.used(now + window.waitToFree(now, 1))).toBe(0);
  });

  it('never lets more than N in when marks are shared, and holds back for 30 ms at most', () => {
    const limit = 10_000;
    const window = new SlidingWindow();
    const admitted: number[] = [];
    // Twice the limit in each minute, in steps that fall within and across shared marks.
    for (let now = 0; now < 200_000; now += 2.9) {
      if (window.used(now) >= limit) continue;
      window.add(now, 1);
      admitted.push(now);
    }
    let oldest = 0;
    admitted.forEach((at, index) => {
      while ((admitted[oldest] ?? 0) + WINDOW_MILLISECONDS <= at) oldest += 1;
      expect(index - oldest + 1).toBeLessThanOrEqual(limit);
    });
    const late = admitted.map((at, index) => at - (admitted[index - limit] ?? -Infinity) - WINDOW_MILLISECONDS);
    expect(Math.max(...late.filter(Number.isFinite))).toBeLessThan(WINDOW_MILLISECONDS / 2048 + 2 * 2.9);
  });

  it('says when it will be empty', () => {
    const window = new SlidingWindow();
    expect(window.waitToEmpty(5)).toBe(0);
    window.add(10, 3);
    window.add(40, 1);
    expect(window.waitToEmpty(100)).toBe(59_940);
    expect(window.waitToEmpty(60_039)).toBe(1);
    expect(window.waitToEmpty(60_040)).toBe(0);
  });

  it('says how long to wait for a part to leave', () => {
    const window = new SlidingWindow();
    window.add(0, 10);
    window.add(1000, 10);
    expect(window.waitToFree(2000, 0)).toBe(0);
    expect(window.waitToFree(2000, 10)).toBe(58_000);
    expect(window.waitToFree(2000, 11)).toBe(59_000);
    expect(window.waitToFree(2000, 21)).toBe(WINDOW_MILLISECONDS);
  });
});
