import type { TierAssignment } from '@maas/contracts/auth';
import type { UsagePolicy } from '@maas/contracts/tiers';
import type { TierLimits, UnavailablePolicy } from './limits.js';

/** What a tier grants, and to whom. */
export interface TierRules extends TierLimits {
  readonly name: string;
  readonly displayName: string;
  readonly level: number;
  readonly groups: ReadonlySet<string>;
  readonly maxTokensPerRequest: number | null;
  readonly limitsWhenUnavailable: UnavailablePolicy | null;
  /** While the usage journal takes no rows; null: as the installation is set. */
  readonly usageWhenUnwritable: UsagePolicy | null;
}

/** A tier's rules from its row. */
export function rulesOf<Row extends Omit<TierRules, 'groups'> & { groups: readonly string[] }>(row: Row) {
  return { ...row, groups: new Set(row.groups) };
}

/** The highest level first; of equal level, by name. */
export function byPrecedence(a: Pick<TierRules, 'level' | 'name'>, b: Pick<TierRules, 'level' | 'name'>): number {
  return b.level - a.level || (a.name < b.name ? -1 : 1);
}

/**
 * The tier of highest level that holds one of the groups, and which group it was.
 * @param tiers in order of precedence
 */
export function assign(
  tiers: readonly TierRules[],
  groups: readonly string[],
): { tier: TierRules; assignment: TierAssignment } | undefined {
  for (const tier of tiers) {
    const group = groups.find((name) => tier.groups.has(name));
    if (group === undefined) continue;
    return { tier, assignment: { name: tier.name, displayName: tier.displayName, reason: 'group', group } };
  }
  return undefined;
}

/** What of a person decides about their tier. */
export interface Assignee {
  readonly groups: readonly string[];
  readonly tierOverride: string | null;
  /** Unix milliseconds; null: no end. */
  readonly tierOverrideExpiresAt: number | null;
}

/** The tier that a person's override gives while it lasts. @param now Unix milliseconds */
export function overrideOf(
  tiers: readonly TierRules[],
  person: Assignee,
  now: number,
): { tier: TierRules; assignment: TierAssignment } | undefined {
  if (person.tierOverride === null) return undefined;
  if (person.tierOverrideExpiresAt !== null && person.tierOverrideExpiresAt <= now) return undefined;
  const tier = tiers.find(({ name }) => name === person.tierOverride);
  if (!tier) return undefined;
  return {
    tier,
    assignment: { name: tier.name, displayName: tier.displayName, reason: 'override', group: null },
  };
}
