import { queryOptions } from '@tanstack/react-query';
import type { Tier } from '@maas/contracts/tiers';
import { readAll } from './read-all';

/** All tiers, the one that wins first: of the highest level, and of equal ones the first by name. For administrators. */
export const tiersQuery = queryOptions({
  queryKey: ['/admin/tiers', 'all'],
  queryFn: async ({ signal }) => (await readAll<Tier>('/admin/tiers', { signal })).sort(byPrecedence),
  staleTime: 30_000,
});

export function byPrecedence(one: Tier, other: Tier): number {
  return other.level - one.level || (one.name < other.name ? -1 : 1);
}
