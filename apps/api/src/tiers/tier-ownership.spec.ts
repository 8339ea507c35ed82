import { describe, expect, it } from '@jest/globals';
import type { MappedTier } from './tier-mapping.js';
import { changedFields, planTiers } from './tier-ownership.js';

const REF = 'maas/tiers';
const mapped = (name: string, level: number, groups: string[] = []): MappedTier => ({
  name,
  level,
  groups,
  displayName: name,
  description: '',
});
const known = (name: string, level: number, requestsPerMinute: number | null, configMap: string | null = REF) => ({
  ...mapped(name, level),
  groups: [] as string[],
  configMap,
  leftConfigMap: false,
  requestsPerMinute,
  tokensPerMinute: 1000,
  maxTokensPerRequest: null,
  maxConcurrentRequests: 4,
  limitsWhenUnavailable: null,
  usageWhenUnwritable: null,
});
const requests = (plan: ReturnType<typeof planTiers>) => plan.create.map((tier) => [tier.name, tier.requestsPerMinute]);

describe('a tier that is new', () => {
  it('has the limits of the nearest one below it', () => {
    const plan = planTiers(
      [mapped('b', 15)],
      [known('a', 10, 20, null), known('z', 0, 5, null), known('c', 20, 50, null)],
      REF,
    );
    expect(plan.create).toEqual([
      expect.objectContaining({ name: 'b', requestsPerMinute: 20, maxConcurrentRequests: 4 }),
    ]);
  });

  it('has the least that there is, where there is none below', () => {
    const plan = planTiers([mapped('b', 1)], [known('c', 20, null, null)], REF);
    expect(plan.create[0]).toMatchObject({ requestsPerMinute: 5, tokensPerMinute: 100 });
  });

  it('may have them from another new one', () => {
    const plan = planTiers([mapped('b', 15), mapped('a', 5)], [known('free', 0, 7)], REF);
    expect(
      requests(planTiers([mapped('free', 0), mapped('b', 15), mapped('a', 5)], [known('free', 0, 7)], REF)),
    ).toEqual([
      ['a', 7],
      ['b', 7],
    ]);
    expect(requests(plan)).toHaveLength(2);
  });

  it('is measured by the levels that the document gives to the others', () => {
    const plan = planTiers(
      [mapped('vip', 100), mapped('b', 15)],
      [known('vip', 10, null, null), known('free', 0, 5, null)],
      REF,
    );
    expect(requests(plan)).toEqual([['b', 5]]);
  });
});

describe('a tier that there is', () => {
  it('is left alone while it is as the document says', () => {
    expect(planTiers([mapped('a', 1)], [known('a', 1, 5)], REF)).toEqual({ create: [], update: [], release: [] });
  });

  it.each([
    ['was kept by hand', known('a', 1, 5, null)],
    ['followed another ConfigMap', known('a', 1, 5, 'other/tiers')],
    ['had left the document', { ...known('a', 1, 5), leftConfigMap: true }],
    ['has another level', known('a', 2, 5)],
  ])('and %s is changed', (_, before) => {
    expect(planTiers([mapped('a', 1)], [before], REF).update).toEqual([mapped('a', 1)]);
  });

  it('and that the document no longer names is released, once; one that was made by hand is not', () => {
    const left = { ...known('c', 1, 5), leftConfigMap: true };
    expect(
      planTiers([mapped('a', 1)], [known('a', 1, 5), known('b', 1, 5), left, known('d', 1, 5, null)], REF).release,
    ).toEqual(['b']);
  });
});

it('a wish changes what differs from what there is, of what the document says', () => {
  const tier = { displayName: 'A', description: '', level: 1, groups: ['g'] };
  expect(changedFields({ displayName: 'A', groups: ['g'], level: 2 }, tier)).toEqual(['level']);
  expect(changedFields({ groups: [] }, tier)).toEqual(['groups']);
});
