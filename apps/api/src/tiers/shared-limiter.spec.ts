import { describe, expect, it } from '@jest/globals';
import type { LimitStore, StoreDecision, StoreStanding } from './limit-store.js';
import { SharedLimiter } from './shared-limiter.js';

const standing: StoreStanding = {
  at: 0,
  requestsUsed: 1,
  requestsResetMs: 1000,
  tokensUsed: 0,
  tokensResetMs: 0,
  held: 100,
};
const limits = { requestsPerMinute: null, tokensPerMinute: 100, maxConcurrentRequests: null };

const admitting: StoreDecision = { refusal: undefined, standing };
const refusing: StoreDecision = { refusal: { limit: 'tokens', size: 100, retryAfterMs: 1000 }, standing };

/** A store of which the test says what it decides, the last of it for ever, and when it has taken what it is told. */
class ScriptedStore {
  readonly budget = 30;
  readonly settling = Number.POSITIVE_INFINITY;
  asked = 0;
  decisions: (() => Promise<StoreDecision>)[] = [];
  take: () => void = () => undefined;

  admit(): Promise<StoreDecision> {
    this.asked += 1;
    const decide = this.decisions.length > 1 ? this.decisions.shift() : this.decisions[0];
    return decide?.() ?? Promise.reject(new Error('nothing is decided'));
  }

  settle(): Promise<void> {
    return new Promise((resolve) => (this.take = resolve));
  }

  standing(): Promise<StoreStanding> {
    this.asked += 1;
    return new Promise(() => undefined);
  }

  troubleOf(): 'error' {
    return 'error';
  }
}

/** Somebody has had a request, and what it came to is on its way to the store. */
async function make(policy: 'open' | 'share' | 'strict', ...decisions: (() => Promise<StoreDecision>)[]) {
  const store = new ScriptedStore();
  const limiter = new SharedLimiter(store as unknown as LimitStore, {
    policy,
    processes: 2,
    longestRequest: 60_000,
    monotonic: () => performance.now(),
    calendar: () => Date.now(),
    onChange: () => undefined,
    onLoss: () => undefined,
  });
  store.decisions = [() => Promise.resolve(admitting), ...decisions];
  const first = await limiter.admit('somebody', limits, 100);
  if (!('kept' in first)) throw new Error('the first is let in');
  limiter.settle(first, 10);
  await new Promise((resolve) => setImmediate(resolve));
  store.asked = 0;
  return { store, limiter };
}

const refuse = () => Promise.resolve(refusing);

describe('a question for a standing that the store does not answer in time', () => {
  it('is asked once at a time, is answered by what is known here, and takes the store from nobody', async () => {
    const { store, limiter } = await make('share');
    const standings = Array.from({ length: 20 }, () => limiter.standing('somebody', limits));
    for (const each of await Promise.all(standings)) expect(each.tokens.limit).toBe(100);
    expect([store.asked, limiter.breaker.isOpen]).toEqual([1, false]);
  });
});

describe('a refusal by the store, while it takes what has ended here', () => {
  it.each(['open', 'share', 'strict'] as const)(
    'is one, if that lasts, and the store is not away: %s',
    async (policy) => {
      const { store, limiter } = await make(policy, refuse);
      for (let time = 0; time < 5; time += 1) {
        expect(await limiter.admit('somebody', limits, 100)).toMatchObject({ refusal: { limit: 'tokens' } });
      }
      expect([limiter.breaker.isOpen, limiter.timeouts, limiter.uncounted, store.asked]).toEqual([false, 0, 0, 5]);
    },
  );

  it('is asked for again once it has', async () => {
    const { store, limiter } = await make('share', refuse, () => Promise.resolve(admitting));
    const decision = limiter.admit('somebody', limits, 100);
    setImmediate(() => store.take());
    expect(await decision).toHaveProperty('kept');
    expect(store.asked).toBe(2);
  });

  it('is one also if it cannot be asked for again', async () => {
    const { store, limiter } = await make('open', refuse, () => Promise.reject(new Error('gone')));
    const decision = limiter.admit('somebody', limits, 100);
    setImmediate(() => store.take());
    expect(await decision).toMatchObject({ refusal: { limit: 'tokens' } });
    expect([store.asked, limiter.breaker.isOpen]).toEqual([2, true]);
  });

  it('is one at once for whom nothing is on its way', async () => {
    const { store, limiter } = await make('share', refuse);
    expect(await limiter.admit('another', limits, 100)).toMatchObject({ refusal: { limit: 'tokens' } });
    expect(store.asked).toBe(1);
  });
});
