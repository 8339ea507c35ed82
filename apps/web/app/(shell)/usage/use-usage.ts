import { useQuery } from '@tanstack/react-query';
import type { UsageReport } from '@maas/contracts/usage';
import { api } from '@/lib/api';
import { type ChosenRange, useChosenRange } from '@/lib/chosen-range';
import { every } from '@/lib/query-client';
import { useUsageParameters } from './usage-parameters';

const REFRESH_SECONDS = 30;

/** The range that the URL asks for, at this moment. */
export function useUsageRange(): ChosenRange {
  const [parameters] = useUsageParameters();
  return useChosenRange(parameters);
}

/** What the report of the page is asked for; the same for its download. */
export function useReportQuery(): Record<string, string> {
  const [{ group }] = useUsageParameters();
  const range = useUsageRange();
  return {
    from: range.from,
    // A range that ends now has no end, so that the name of its file says today.
    ...(!range.live && { to: range.to }),
    groupBy: group === 'none' ? range.shown : `${range.shown},${group}`,
  };
}

/** One's usage of the range. What is shown is read from the report, which for a moment can be that of the range before. */
export function useUsageReport() {
  const query = useReportQuery();
  const { live } = useUsageRange();
  return useQuery({
    queryKey: ['/usage', query],
    queryFn: ({ signal }) => api.get<UsageReport>('/usage', { query, signal }),
    ...(live && every(REFRESH_SECONDS)),
  });
}

/** The range before, to compare with. It does not change any more. */
export function usePreviousReport() {
  const { previous } = useUsageRange();
  const query = { ...previous, groupBy: 'model' };
  return useQuery({
    queryKey: ['/usage', query],
    queryFn: ({ signal }) => api.get<UsageReport>('/usage', { query, signal }),
    staleTime: 600_000,
  });
}
