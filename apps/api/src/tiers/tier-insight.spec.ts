import { describe, expect, it } from '@jest/globals';
import type { TierRules } from './assignment.js';
import { explain, type KnownPerson, preview } from './tier-insight.js';

const NOW = Date.UTC(2026, 0, 15);

function tier(name: string, level: number, groups: string[], requestsPerMinute: number | null = null): TierRules {
  const limits = { requestsPerMinute, tokensPerMinute: null, maxTokensPerRequest: null, maxConcurrentRequests: null };
  return {
    name,
    displayName: name,
    level,
    groups: new Set(groups),
    limitsWhenUnavailable: null,
    usageWhenUnwritable: null,
    ...limits,
  };
}
const person = (username: string, groups: string[], override: Partial<KnownPerson> = {}): KnownPerson => ({
  username,
  groups,
  tierOverride: null,
  tierOverrideExpiresAt: null,
  ...override,
});
const tiers = [tier('gold', 20, ['g']), tier('silver', 10, ['s', 'x']), tier('all', 0, ['a'])];

describe('an explanation', () => {
  it('names the group that gave the tier and what it comes before', () => {
    const found = explain(tiers, person('ada', ['a', 's', 'x']), NOW);
    expect(found.tier).toMatchObject({ name: 'silver', group: 's' });
    expect(found.matches.map(({ name, groups }) => [name, groups])).toEqual([
      ['silver', ['s', 'x']],
      ['all', ['a']],
    ]);
    expect(found.reason).toContain('before all (level 0)');
  });

  it('says that an override rules, until when, and that one has expired', () => {
    const until = (time: number) =>
      explain(tiers, person('ada', ['a'], { tierOverride: 'gold', tierOverrideExpiresAt: time }), NOW);
    expect(until(NOW + 1)).toMatchObject({ tier: { name: 'gold', reason: 'override' }, override: { expired: false } });
    expect(until(NOW + 1).reason).toContain('2026-01-15T00:00:00.001Z');
    expect(until(NOW)).toMatchObject({ tier: { name: 'all', reason: 'group' }, override: { expired: true } });
  });

  it('of nobody’s groups is that there is no tier', () => {
    expect(explain(tiers, person('ada', ['other']), NOW)).toMatchObject({ tier: null, matches: [], override: null });
  });
});

describe('a preview', () => {
  const people = [person('b', ['s']), person('a', ['s']), person('c', ['a', 's']), person('d', ['g'])];
  const without = tiers.filter(({ name }) => name !== 'silver');

  it('sorts those who move by where to, the most first, with their names in order', () => {
    const found = preview({ name: 'silver', before: tiers, after: without }, people, NOW);
    expect(found).toMatchObject({ users: 4, moved: 3, limits: null });
    expect(found.moves).toEqual([
      { from: 'silver', to: null, users: 2, usernames: ['a', 'b'] },
      { from: 'silver', to: 'all', users: 1, usernames: ['c'] },
    ]);
  });

  it('counts for other limits only those who stay', () => {
    const after = [tier('gold', 20, ['g', 's']), tier('silver', 10, ['x'], 5), tier('all', 0, ['a'])];
    const found = preview({ name: 'silver', before: tiers, after }, [...people, person('e', ['x'])], NOW);
    expect(found.moved).toBe(3);
    expect(found.limits).toMatchObject({ users: 1, usernames: ['e'], after: { requestsPerMinute: 5 } });
  });

  it('leaves alone whom an override holds, and counts them where it is to this tier', () => {
    const held = person('a', ['s'], { tierOverride: 'gold' });
    const there = person('b', ['a'], { tierOverride: 'silver' });
    const found = preview({ name: 'silver', before: tiers, after: without }, [held, there], NOW);
    expect(found).toMatchObject({ moved: 1, overridden: 1 });
    expect(found.moves).toMatchObject([{ from: 'silver', to: 'all', usernames: ['b'] }]);
  });
});
