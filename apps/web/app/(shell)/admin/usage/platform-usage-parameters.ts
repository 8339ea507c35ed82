import { parseAsString, parseAsStringLiteral, useQueryStates } from 'nuqs';
import { usageRanges } from '@/lib/usage-range';

export const platformGroups = ['model', 'user', 'tier', 'token', 'none'] as const;
export type PlatformGroup = (typeof platformGroups)[number];
export const usageTabs = ['tokens', 'requests', 'problems', 'latency'] as const;
export type UsageTab = (typeof usageTabs)[number];
export const usageOrders = ['totalTokens', 'requests', 'refused', 'errors'] as const;

/** What the page shows, in the URL, so that it can be linked to. */
export function usePlatformUsageParameters() {
  return useQueryStates({
    range: parseAsStringLiteral(usageRanges).withDefault('7d'),
    /** First and last day of a custom range, in UTC. */
    from: parseAsString,
    to: parseAsString,
    by: parseAsStringLiteral(['hour', 'day']),
    group: parseAsStringLiteral(platformGroups).withDefault('model'),
    /** By what the groups are the largest ones. */
    top: parseAsStringLiteral(usageOrders).withDefault('totalTokens'),
    metric: parseAsStringLiteral(usageTabs).withDefault('tokens'),
    user: parseAsString,
    model: parseAsString,
    tier: parseAsString,
    token: parseAsString,
  });
}
