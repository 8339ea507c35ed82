import { describe, expect, it } from '@jest/globals';
import { assign, byPrecedence, type TierRules } from './assignment.js';

function tier(name: string, level: number, ...groups: string[]): TierRules {
  return {
    name,
    displayName: name.toUpperCase(),
    level,
    groups: new Set(groups),
    requestsPerMinute: null,
    tokensPerMinute: null,
    maxTokensPerRequest: null,
    maxConcurrentRequests: null,
    limitsWhenUnavailable: null,
    usageWhenUnwritable: null,
  };
}

const tiers = [
  tier('free', 0, 'everyone'),
  tier('premium', 10, 'payers', 'friends'),
  tier('zeta', 20, 'research'),
  tier('alpha', 20, 'research', 'lab'),
  tier('negative', -1, 'everyone', 'guests'),
].sort(byPrecedence);

describe('the tier of somebody', () => {
  it.each([
    [['everyone'], 'free', 'everyone'],
    [['everyone', 'payers'], 'premium', 'payers'],
    [['payers', 'everyone'], 'premium', 'payers'],
    [['guests'], 'negative', 'guests'],
    [['lab'], 'alpha', 'lab'],
    [['everyone', 'friends', 'research'], 'alpha', 'research'],
  ])('in the groups %j is %s, because of the group %s', (groups, name, group) => {
    expect(assign(tiers, groups)?.assignment).toEqual({
      name,
      displayName: name.toUpperCase(),
      reason: 'group',
      group,
    });
    expect(assign(tiers, groups)?.tier.name).toBe(name);
  });

  it('of equal level is the first by name, in whatever order the tiers are kept', () => {
    for (const kept of [tiers, tiers.toReversed()]) {
      expect(assign(kept.toSorted(byPrecedence), ['research'])?.tier.name).toBe('alpha');
    }
  });

  it('names the first of their groups that the tier holds', () => {
    expect(assign(tiers, ['everyone', 'friends', 'payers'])?.assignment.group).toBe('friends');
  });

  it.each([[[]], [['unknown']], [['Everyone']], [['every']], [['']], [['__proto__']]])(
    'is none in the groups %j: names are compared whole and exactly',
    (groups) => {
      expect(assign(tiers, groups)).toBeUndefined();
    },
  );

  it('is none where there are no tiers', () => {
    expect(assign([], ['everyone'])).toBeUndefined();
  });
});
