import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Heard, hearing, isTooSmall, shareOf } from './process-share.js';

const told = (at: number, requestsUsed: number) => {
  return { at, requestsUsed, requestsResetMs: 0, tokensUsed: 10 * requestsUsed, tokensResetMs: 0, held: 5 };
};
const limits = { requestsPerMinute: 100, tokensPerMinute: 10_000, maxConcurrentRequests: 9 };

describe('the share of a process', () => {
  it('is the limit divided by the processes, rounded down', () => {
    expect(shareOf(limits, 3, undefined, 0)).toEqual({
      requestsPerMinute: 33,
      tokensPerMinute: 3333,
      maxConcurrentRequests: 3,
    });
    const unlimited = { requestsPerMinute: null, tokensPerMinute: null, maxConcurrentRequests: null };
    expect(shareOf(unlimited, 3, undefined, 0)).toEqual(unlimited);
  });

  it('is what this process had, and a part of what was left, for a minute after the store was heard', () => {
    const heard = { at: 0, storeAt: 0, everywhere: { requests: 90, tokens: 9000 }, here: { requests: 5, tokens: 100 } };
    expect(shareOf(limits, 4, heard, 59_999)).toMatchObject({ requestsPerMinute: 7, tokensPerMinute: 350 });
    expect(shareOf(limits, 4, heard, 60_000)).toMatchObject({ requestsPerMinute: 25, tokensPerMinute: 2500 });
    const used = { at: 0, storeAt: 0, everywhere: { requests: 140, tokens: 0 }, here: { requests: 0, tokens: 0 } };
    expect(shareOf(limits, 4, used, 1).requestsPerMinute).toBe(0);
  });

  it('never adds up to more than the limit, whoever had used what when the store was lost', () => {
    const uses = fc.array(fc.integer({ min: 0, max: 60 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(uses, fc.integer({ min: 1, max: 300 }), fc.integer({ min: 0, max: 4 }), (used, limit, spare) => {
        const everywhere = used.reduce((sum, here) => sum + here, 0);
        fc.pre(everywhere <= limit);
        const tight = { requestsPerMinute: limit, tokensPerMinute: limit, maxConcurrentRequests: null };
        const total = used.reduce((sum, here) => {
          const heard = {
            at: 0,
            storeAt: 0,
            everywhere: { requests: everywhere, tokens: everywhere },
            here: { requests: here, tokens: here },
          };
          const share = shareOf(tight, used.length + spare, heard, 1);
          return sum + Math.max(here, share.requestsPerMinute ?? 0);
        }, 0);
        expect(total).toBeLessThanOrEqual(limit);
      }),
    );
  });

  it('exceeds the limit by a part of what others were let in for since each was told, and no more', () => {
    const answers = fc.array(fc.record({ to: fc.integer({ min: 0, max: 3 }), isLost: fc.boolean() }), {
      maxLength: 120,
    });
    fc.assert(
      fc.property(answers, fc.integer({ min: 1, max: 120 }), fc.integer({ min: 0, max: 3 }), (given, limit, spare) => {
        const processes = 4 + spare;
        const admitted = given.slice(0, limit);
        const members = [0, 1, 2, 3].map((member) => {
          let heard: Heard | undefined;
          let here = 0;
          let others = 0;
          for (const [index, { to, isLost }] of admitted.entries()) {
            if (isLost) continue;
            if (to !== member) {
              others += 1;
              continue;
            }
            here += 1;
            others = 0;
            heard = hearing(heard, told(1_000_000 + index, index + 1), { requests: here, tokens: 0 }, 0);
          }
          const tight = { requestsPerMinute: limit, tokensPerMinute: null, maxConcurrentRequests: null };
          const share = shareOf(tight, processes, heard, 1).requestsPerMinute ?? Number.NaN;
          expect(share).toBeLessThanOrEqual(limit / processes);
          return { total: Math.max(here, share), others };
        });
        const total = members.reduce((sum, each) => sum + each.total, 0);
        const unheard = members.reduce((sum, each) => sum + each.others, 0);
        expect(total).toBeLessThanOrEqual(limit + unheard / processes);
      }),
    );
  });

  it('does not exist of a limit that is smaller than the number of processes', () => {
    expect(isTooSmall(limits, 9)).toBe(false);
    expect(isTooSmall(limits, 10)).toBe(true);
  });

  it('goes by the latest answer, also where an earlier one comes after it', () => {
    const here = (requests: number) => ({ requests, tokens: 0 });
    const latest = hearing(undefined, told(2_000_000, 60), here(20), 7);
    expect(latest).toEqual({ at: 7, storeAt: 2_000_000, everywhere: { requests: 60, tokens: 605 }, here: here(20) });
    expect(hearing(latest, told(1_900_000, 40), here(33), 8)).toEqual({ ...latest, here: here(33) });
    // What has left the window counts no more, and a clock that was set back says what is true from then on.
    expect(hearing(latest, told(2_000_001, 50), here(20), 9).everywhere.requests).toBe(50);
    expect(hearing(latest, told(500_000, 30), here(20), 9).everywhere.requests).toBe(30);
  });
});
