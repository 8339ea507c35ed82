import type { Tier } from '@maas/contracts/tiers';
import type { Tier as TierRow } from '@maas/database/client';

/** A tier as administrators see it. */
export function shownTier({ leftConfigMap, ...row }: TierRow): Tier {
  const configMap = leftConfigMap ? null : row.configMap;
  return {
    object: 'tier',
    ...row,
    configMap,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}
