import { useQuery } from '@tanstack/react-query';
import type { UsageReport } from '@maas/contracts/usage';
import { api } from '@/lib/api';
import { lastDays } from '@/lib/days';
import { useNow } from '@/lib/now';
import { withoutPrevious } from '@/lib/query-client';

/** The longest range that a report covers. */
const LONGEST_DAYS = 366;

/**
 * The last day of the year behind us on which one used a model.
 * @returns a day of UTC; null: there is none; undefined: not known yet
 */
export function useLastUse(): string | null | undefined {
  const [from] = lastDays(LONGEST_DAYS, new Date(useNow()));
  const query = { from: `${from}T00:00:00.000Z`, groupBy: 'day' };
  const { data } = useQuery({
    queryKey: ['/usage', query],
    queryFn: ({ signal }) => api.get<UsageReport>('/usage', { query, signal }),
    ...withoutPrevious,
  });
  return data && (data.data.at(-1)?.day ?? null);
}
