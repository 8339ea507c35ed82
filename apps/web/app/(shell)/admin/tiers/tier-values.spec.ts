import { describe, expect, it } from '@jest/globals';
import type { Tier } from '@maas/contracts/tiers';
import { changesOf, valuesOf } from './tier-values';

const tier: Tier = {
  object: 'tier',
  name: 'free',
  displayName: 'Free',
  description: '',
  level: 0,
  groups: ['a', 'b'],
  requestsPerMinute: 5,
  tokensPerMinute: null,
  maxTokensPerRequest: null,
  maxConcurrentRequests: null,
  limitsWhenUnavailable: null,
  usageWhenUnwritable: null,
  features: [],
  configMap: null,
  version: 3,
  createdAt: '2026-01-01T00:00:00.000Z',
  updatedAt: '2026-01-01T00:00:00.000Z',
};

describe('the changes of a tier', () => {
  it('are none where nothing was touched', () => expect(changesOf(valuesOf(tier), tier)).toEqual({}));

  it('are the fields that differ, and only those', () => {
    const values = { ...valuesOf(tier), groups: ['a'], requestsPerMinute: null };
    expect(changesOf(values, tier)).toEqual({ groups: ['a'], requestsPerMinute: null });
    const strict = { ...valuesOf(tier), limitsWhenUnavailable: 'strict' as const };
    expect(changesOf(strict, tier)).toEqual({ limitsWhenUnavailable: 'strict' });
  });
});
