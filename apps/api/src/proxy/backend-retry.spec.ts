import { describe, expect, it } from '@jest/globals';
import type { TroubleKind } from '../models/backend-health.js';
import { RetryBudget, RetryPolicy } from './backend-retry.js';

describe('the retry budget', () => {
  const taken = (active: number): number => {
    const budget = new RetryBudget();
    for (let request = 0; request < active; request += 1) budget.requestBegins();
    let count = 0;
    while (budget.takeRetry()) count += 1;
    return count;
  };

  it.each([
    [1, 3],
    [15, 3],
    [19, 3],
    [20, 4],
    [1000, 200],
  ])('of %i active requests lets %i be retries', (active, retries) => {
    expect(taken(active)).toBe(retries);
  });

  it('has room again when a retry has ended', () => {
    const budget = new RetryBudget();
    while (budget.takeRetry());
    budget.retryEnds();
    expect([budget.takeRetry(), budget.takeRetry()]).toEqual([true, false]);
  });
});

describe('one request', () => {
  const retriesOf = (...kinds: TroubleKind[]): number => {
    const policy = new RetryPolicy();
    let retries = 0;
    for (const kind of kinds) {
      if (!policy.allows(kind)) break;
      policy.noteRetry();
      retries += 1;
    }
    return retries;
  };

  it.each<[string, TroubleKind[], number]>([
    ['that was never sent twice', ['connect', 'dns', 'tls'], 2],
    ['that was refused twice', ['status 429', 'status 503', 'status 502'], 2],
    ['whose credential was refused twice', ['status 401', 'status 403', 'status 407'], 2],
    ['that was perhaps executed once', ['reset', 'reset'], 1],
    ['that was perhaps executed, and then never sent', ['connect', 'reset', 'connect'], 2],
    ['that perhaps is still executed never', ['timeout'], 0],
    ['that the backend failed at never', ['status 500'], 0],
    ['that was answered by nonsense never', ['answer'], 0],
  ])('%s is sent again', (_what, kinds, retries) => {
    expect(retriesOf(...kinds)).toBe(retries);
  });
});
