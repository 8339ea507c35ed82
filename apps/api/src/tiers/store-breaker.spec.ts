import { describe, expect, it } from '@jest/globals';
import { StoreBreaker, type StoreState } from './store-breaker.js';
import { StoreClock } from './store-clock.js';

describe('StoreBreaker', () => {
  const make = () => {
    const changes: StoreState[] = [];
    return { breaker: new StoreBreaker(() => 5, (state) => changes.push(state)), changes }; // prettier-ignore
  };

  it('opens after three answers in a row that did not come in time', () => {
    const { breaker, changes } = make();
    for (const work of ['failed', 'failed', 'succeeded', 'failed', 'failed'] as const) {
      if (work === 'failed') breaker.failed('no answer in time');
      else breaker.succeeded();
    }
    expect(breaker.isOpen).toBe(false);
    breaker.failed('no answer in time');
    breaker.failed('no answer in time');
    expect(changes).toEqual([{ state: 'fallback', since: 5, why: 'no answer in time' }]);
  });

  it('opens at once when the store says or shows that it cannot', () => {
    for (const why of ['not connected', 'read-only', 'out of memory', 'error'] as const) {
      const { breaker } = make();
      breaker.failed(why);
      expect(breaker.state).toEqual({ state: 'fallback', since: 5, why });
    }
  });

  it('is closed by nobody but who probes, and tells of it once', () => {
    const { breaker, changes } = make();
    breaker.failed('not connected');
    breaker.succeeded();
    expect(breaker.isOpen).toBe(true);
    breaker.close();
    breaker.close();
    expect(changes.map(({ state }) => state)).toEqual(['fallback', 'shared']);
  });
});

describe('StoreClock', () => {
  it('says when a request is no longer waited for, by the clock of the store', () => {
    const clock = new StoreClock();
    expect(clock.notAfter(1000, 50)).toBe('0');
    // It was 7 s ahead when it was asked at our 1,000 ms.
    clock.heard(8_000_000, 1000, 1010, 50);
    expect(clock.notAfter(2000, 50)).toBe(String(9_000_000 + 50_000 + 5000));
  });

  it('learns nothing from an answer that took longer than anybody waits', () => {
    const clock = new StoreClock();
    clock.heard(1_000_000, 0, 51, 50);
    expect(clock.notAfter(0, 50)).toBe('0');
  });
});
