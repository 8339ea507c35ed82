import type { TierAssignment } from '@maas/contracts/auth';
import type { Limits } from './limits.js';

/** What a tier grants, and to whom. */
export interface TierRules extends Limits {
  readonly name: string;
  readonly displayName: string;
  readonly level: number;
  readonly groups: ReadonlySet<string>;
  readonly maxTokensPerRequest: number | null;
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
