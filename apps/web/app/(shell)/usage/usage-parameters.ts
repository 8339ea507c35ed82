import { parseAsString, parseAsStringLiteral, useQueryStates } from 'nuqs';
import { usageRanges } from '@/lib/usage-range';

export const usageGroups = ['model', 'token', 'none'] as const;
export const usageTabs = ['tokens', 'requests', 'problems', 'latency'] as const;
export type UsageTab = (typeof usageTabs)[number];
export const requestStatuses = ['2xx', '4xx', '5xx', 'error'] as const;

/** What the page shows, in the URL, so that it can be linked to. */
export function useUsageParameters() {
  return useQueryStates({
    range: parseAsStringLiteral(usageRanges).withDefault('30d'),
    /** First and last day of a custom range, in UTC. */
    from: parseAsString,
    to: parseAsString,
    by: parseAsStringLiteral(['hour', 'day']),
    group: parseAsStringLiteral(usageGroups).withDefault('model'),
    metric: parseAsStringLiteral(usageTabs).withDefault('tokens'),
    status: parseAsStringLiteral(requestStatuses),
  });
}
