import type { Prisma } from '@maas/database/client';
import type { TierRules } from './assignment.js';

/**
 * The people who have a tier at an instant, or none, as `TierDirectory.tierOf` would find out for each of them.
 * @param tiers in order of precedence
 * @param name of one of them; empty: who has no tier
 * @param now Unix milliseconds
 */
export function peopleOfTier(tiers: readonly TierRules[], name: string, now: number): Prisma.UserWhereInput {
  const at = new Date(now);
  const notOverridden = { OR: [{ tierOverride: null }, { tierOverrideExpiresAt: { lte: at } }] };
  const position = tiers.findIndex((tier) => tier.name === name);
  const above = position === -1 ? tiers : tiers.slice(0, position);
  const byNoneAbove = { NOT: { groups: { hasSome: groupsOf(above) } } };
  if (position === -1) return { AND: [notOverridden, byNoneAbove] };
  const byGroup = {
    AND: [notOverridden, byNoneAbove, { groups: { hasSome: groupsOf(tiers.slice(position, position + 1)) } }],
  };
  const overridden = {
    tierOverride: name,
    OR: [{ tierOverrideExpiresAt: null }, { tierOverrideExpiresAt: { gt: at } }],
  };
  return { OR: [overridden, byGroup] };
}

function groupsOf(tiers: readonly TierRules[]): string[] {
  return tiers.flatMap(({ groups }) => [...groups]);
}
