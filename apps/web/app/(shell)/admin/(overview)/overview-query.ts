import type { UsageReport } from '@maas/contracts/usage';
import { api, type Call } from '@/lib/api';
import { every } from '@/lib/query-client';

const REFRESH_SECONDS = 30;

/** A report for the overview, which is asked for again as long as the page is in sight. */
export function overviewReport(query: NonNullable<Call['query']>) {
  return {
    queryKey: ['/admin/usage', query],
    queryFn: ({ signal }: { signal: AbortSignal }) => api.get<UsageReport>('/admin/usage', { query, signal }),
    staleTime: 15_000,
    ...every(REFRESH_SECONDS),
  };
}
