import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Account, type Hold, type Limits, type Refusal } from './limits.js';

const unlimited: Limits = { requestsPerMinute: null, tokensPerMinute: null, maxConcurrentRequests: null };
const LIFETIME = 600_000;

function admitted(outcome: Hold | Refusal): Hold {
  if ('limit' in outcome) throw new Error(`refused by ${outcome.limit}`);
  return outcome;
}

function refused(outcome: Hold | Refusal): Refusal {
  if ('limit' in outcome) return outcome;
  throw new Error('admitted');
}

describe('requests per minute', () => {
  it('admits exactly as many as the limit, and the next one when the first has left the window', () => {
    const account = new Account();
    const limits = { ...unlimited, requestsPerMinute: 3 };
    for (const now of [0, 10_000, 20_000]) admitted(account.admit(limits, 0, now, LIFETIME));
    expect(refused(account.admit(limits, 0, 30_000, LIFETIME))).toEqual({
      limit: 'requests',
      size: 3,
      retryAfterMs: 30_000,
    });
    refused(account.admit(limits, 0, 59_999, LIFETIME));
    admitted(account.admit(limits, 0, 60_000, LIFETIME));
    refused(account.admit(limits, 0, 60_000, LIFETIME));
  });

  it('takes nothing for a refused request', () => {
    const account = new Account();
    const limits = { ...unlimited, requestsPerMinute: 1, tokensPerMinute: 100 };
    account.settle(admitted(account.admit(limits, 10, 0, LIFETIME)), 10, 0);
    for (let now = 0; now < 60_000; now += 100) refused(account.admit(limits, 10, now, LIFETIME));
    expect(account.standing(limits, 59_999)).toMatchObject({ requests: { remaining: 0 }, tokens: { remaining: 90 } });
    admitted(account.admit(limits, 10, 60_000, LIFETIME));
  });
});

describe('tokens per minute', () => {
  const limits = { ...unlimited, tokensPerMinute: 100 };

  it('always lets the first request of a fresh minute in, however large', () => {
    const account = new Account();
    admitted(account.admit(limits, 1_000_000, 0, LIFETIME));
    expect(account.standing(limits, 0).tokens).toEqual({ limit: 100, remaining: 0, resetMs: 60_000 });
  });

  it('settles once', () => {
    const account = new Account();
    const first = admitted(account.admit(limits, 60, 0, LIFETIME));
    account.settle(first, 20, 1000);
    account.settle(first, 20, 1000);
    expect(account.standing(limits, 1000).tokens.remaining).toBe(80);
  });

  it('charges what a stream has produced when it was produced, and the rest when it ends', () => {
    const account = new Account();
    const hold = admitted(account.admit(limits, 60, 0, LIFETIME));
    const progress = { pieces: 41 };
    hold.progress = progress;
    account.chargeProduced(1000);
    expect(account.used(1000)).toEqual({ requests: 1, tokens: 60 });
    progress.pieces = 140;
    account.chargeProduced(31_000);
    expect(account.used(31_000).tokens).toBe(70);
    account.settle(hold, 75, 40_000);
    account.settle(hold, 75, 40_000);
    expect(account.used(40_000).tokens).toBe(75);
    expect(account.used(61_000).tokens).toBe(55);
    expect(account.used(91_000).tokens).toBe(5);
    expect(account.isIdle(100_000)).toBe(true);
  });

  it('takes nothing back of what was charged, when a backend reports less in the end', () => {
    const account = new Account();
    const hold = admitted(account.admit(limits, 60, 0, LIFETIME));
    hold.progress = { pieces: 40 };
    account.chargeProduced(1000);
    account.settle(hold, 15, 2000);
    expect(account.used(2000).tokens).toBe(20);
  });

  it('covers what was let in beyond the limit before it lets anybody else in', () => {
    const account = new Account();
    const [first, second] = [1, 2].map(() => admitted(account.admit(limits, 60, 0, LIFETIME)));
    refused(account.admit(limits, 1, 0, LIFETIME));
    if (first) account.settle(first, 50, 1000);
    refused(account.admit(limits, 1, 1000, LIFETIME));
    if (second) account.settle(second, 40, 2000);
    admitted(account.admit(limits, 1, 2000, LIFETIME));
  });

  it('asks who is refused to wait until what is under way could have left the window', () => {
    const account = new Account();
    admitted(account.admit(limits, 100, 0, LIFETIME));
    expect(refused(account.admit(limits, 1, 5000, LIFETIME)).retryAfterMs).toBe(60_000);
  });

  it('lets go of what nobody settled when its time is over', () => {
    const account = new Account();
    const forgotten = admitted(account.admit(limits, 100, 0, 90_000));
    refused(account.admit(limits, 1, 89_999, 90_000));
    admitted(account.admit(limits, 1, 90_000, 90_000));
    account.settle(forgotten, 50, 90_001);
    expect(account.standing(limits, 90_001).tokens.remaining).toBe(49);
  });

  it('counts what was used under another tier', () => {
    const account = new Account();
    account.settle(admitted(account.admit(unlimited, 500, 0, LIFETIME)), 500, 0);
    refused(account.admit(limits, 1, 1, LIFETIME));
    expect(account.standing(limits, 1).tokens.remaining).toBe(0);
  });

  it('exceeds the limit by one request at most, however many run at once', () => {
    const request = fc.record({
      gap: fc.constantFrom(0, 0, 0, 1, 50, 20_000, 59_999, 60_000),
      estimate: fc.integer({ min: 1, max: 200 }),
      share: fc.constantFrom(0, 0.5, 0.9, 0.95, 1),
      settleAfter: fc.integer({ min: 0, max: 10 }),
    });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 400 }), fc.array(request, { maxLength: 200 }), (limit, requests) => {
        const account = new Account();
        const tight = { ...unlimited, tokensPerMinute: limit };
        const running: { hold: Hold; tokens: number; left: number }[] = [];
        const used: { at: number; tokens: number }[] = [];
        let now = 0;
        const settle = (index: number) => {
          const [ended] = running.splice(index, 1);
          if (!ended) return;
          account.settle(ended.hold, ended.tokens, now);
          used.push({ at: now, tokens: ended.tokens });
        };
        for (const { gap, estimate, share, settleAfter } of requests) {
          now += gap;
          for (let index = running.length - 1; index >= 0; index -= 1) {
            const run = running[index];
            if (run && (run.left -= 1) < 0) settle(index);
          }
          const outcome = account.admit(tight, estimate, now, Number.MAX_SAFE_INTEGER);
          // A request never comes to more than its estimate.
          if (!('limit' in outcome))
            running.push({ hold: outcome, tokens: Math.round(estimate * share), left: settleAfter });
        }
        while (running.length > 0) settle(0);
        for (const { at } of used) {
          const inWindow = used.filter((use) => use.at > at - 60_000 && use.at <= at);
          const total = inWindow.reduce((sum, use) => sum + use.tokens, 0);
          expect(total).toBeLessThan(limit + Math.max(...requests.map(({ estimate }) => estimate)));
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('concurrency', () => {
  it('admits no more at once than the limit, and again when one has ended', () => {
    const account = new Account();
    const limits = { ...unlimited, maxConcurrentRequests: 2 };
    const first = admitted(account.admit(limits, 1, 0, LIFETIME));
    admitted(account.admit(limits, 1, 0, LIFETIME));
    expect(refused(account.admit(limits, 1, 0, LIFETIME))).toMatchObject({ limit: 'concurrency', size: 2 });
    account.settle(first, 0, 5);
    admitted(account.admit(limits, 1, 5, LIFETIME));
  });
});

describe('several limits', () => {
  it('names the one that refuses longest, for waiting less would not help', () => {
    const account = new Account();
    const limits = { requestsPerMinute: 2, tokensPerMinute: 10, maxConcurrentRequests: null };
    account.settle(admitted(account.admit(limits, 1, 0, LIFETIME)), 1, 0);
    account.settle(admitted(account.admit(limits, 9, 30_000, LIFETIME)), 9, 30_000);
    expect(refused(account.admit(limits, 1, 40_000, LIFETIME))).toEqual({
      limit: 'requests',
      size: 2,
      retryAfterMs: 20_000,
    });
    expect(refused(account.admit({ ...limits, tokensPerMinute: 9 }, 1, 40_000, LIFETIME))).toEqual({
      limit: 'tokens',
      size: 9,
      retryAfterMs: 50_000,
    });
  });

  it('has nothing to remember once all has left the window', () => {
    const account = new Account();
    account.settle(admitted(account.admit(unlimited, 1, 0, LIFETIME)), 1, 10);
    expect(account.isIdle(60_009)).toBe(false);
    expect(account.isIdle(60_010)).toBe(true);
  });
});
