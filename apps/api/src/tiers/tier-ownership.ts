import type { Tier } from '@maas/database/client';
import type { MappedTier } from './tier-mapping.js';

/** What the document of a ConfigMap says of a tier; its limits are kept here. */
const owned = ['displayName', 'description', 'level', 'groups'] as const;

const limits = [
  'requestsPerMinute',
  'tokensPerMinute',
  'maxTokensPerRequest',
  'maxConcurrentRequests',
  'limitsWhenUnavailable',
  'usageWhenUnwritable',
] as const;

type Limits = Pick<Tier, (typeof limits)[number]>;
export type OwnedFields = Pick<Tier, (typeof owned)[number]>;
type Known = Pick<Tier, 'name' | 'configMap' | 'leftConfigMap'> & OwnedFields & Limits;

/** Those of the guide's tier for everybody, the least that it has. */
const leastLimits: Limits = {
  requestsPerMinute: 5,
  tokensPerMinute: 100,
  maxTokensPerRequest: null,
  maxConcurrentRequests: null,
  limitsWhenUnavailable: null,
  usageWhenUnwritable: null,
};

/** What has to be done so that the tiers are as a document says. */
export interface TierPlan {
  readonly create: readonly (MappedTier & Limits)[];
  readonly update: readonly MappedTier[];
  /** Names of those that the document no longer names. */
  readonly release: readonly string[];
}

/**
 * @param known all tiers that there are
 * @param configMap `namespace/name`
 */
export function planTiers(mapped: readonly MappedTier[], known: readonly Known[], configMap: string): TierPlan {
  const byName = new Map(known.map((tier) => [tier.name, tier]));
  const named = new Set(mapped.map(({ name }) => name));
  const create: (MappedTier & Limits)[] = [];
  // From below, so that several new ones have limits one from the other.
  for (const tier of mapped.toSorted((a, b) => a.level - b.level)) {
    if (byName.has(tier.name)) continue;
    const kept = known.map((each) => ({
      ...each,
      level: mapped.find(({ name }) => name === each.name)?.level ?? each.level,
    }));
    create.push({ ...tier, ...limitsBelow(tier.level, [...kept, ...create]) });
  }
  const update = mapped.filter((tier) => {
    const before = byName.get(tier.name);
    return before !== undefined && (!isOwned(before, configMap) || changedFields(tier, before).length > 0);
  });
  const release = known
    .filter((tier) => tier.configMap !== null && !tier.leftConfigMap && !named.has(tier.name))
    .map(({ name }) => name);
  return { create, update, release };
}

function isOwned(tier: Known, configMap: string): boolean {
  return tier.configMap === configMap && !tier.leftConfigMap;
}

/** A new tier may use as much as the nearest one below it, never more than anybody decided on. */
function limitsBelow(level: number, tiers: readonly (Limits & { level: number; name: string })[]): Limits {
  const below = tiers
    .filter((tier) => tier.level <= level)
    .sort((a, b) => b.level - a.level || (a.name < b.name ? -1 : 1));
  const nearest = below[0] ?? leastLimits;
  return Object.fromEntries(limits.map((name) => [name, nearest[name]])) as Limits;
}

/** Which of the document's fields a wish would change. */
export function changedFields(wish: { readonly [Field in keyof OwnedFields]?: unknown }, tier: OwnedFields): string[] {
  return owned.filter(
    (field) => wish[field] !== undefined && JSON.stringify(wish[field]) !== JSON.stringify(tier[field]),
  );
}
