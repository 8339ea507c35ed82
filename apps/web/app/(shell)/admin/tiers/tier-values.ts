import type { CreateTier, Tier, UpdateTier } from '@maas/contracts/tiers';

/** What the form holds: all that can be set of a tier. */
export type TierValues = Required<CreateTier>;

const fields = [
  'displayName',
  'description',
  'level',
  'groups',
  'requestsPerMinute',
  'tokensPerMinute',
  'maxTokensPerRequest',
  'maxConcurrentRequests',
  'limitsWhenUnavailable',
  'usageWhenUnwritable',
  'features',
] as const satisfies readonly (keyof UpdateTier)[];

const blank: TierValues = {
  name: '',
  displayName: '',
  description: '',
  level: 0,
  groups: [],
  requestsPerMinute: 20,
  tokensPerMinute: 50_000,
  maxTokensPerRequest: null,
  maxConcurrentRequests: null,
  limitsWhenUnavailable: null,
  usageWhenUnwritable: null,
  features: [],
};

export function valuesOf(tier: Tier | null): TierValues {
  if (tier === null) return blank;
  return { name: tier.name, ...Object.fromEntries(fields.map((field) => [field, tier[field]])) } as TierValues;
}

/** What differs from the tier that was read, as a PATCH takes it: so that nobody else's change is undone by the way. */
export function changesOf(values: TierValues, tier: Tier): UpdateTier {
  const changed = fields.filter((field) => JSON.stringify(values[field]) !== JSON.stringify(tier[field]));
  return Object.fromEntries(changed.map((field) => [field, values[field]]));
}
