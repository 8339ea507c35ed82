import { useQueries, useQuery } from '@tanstack/react-query';
import type { UsageReport, UsageRow } from '@maas/contracts/usage';
import { api, type Call } from '@/lib/api';
import { type ChosenRange, useChosenRange } from '@/lib/chosen-range';
import { every } from '@/lib/query-client';
import { type PlatformGroup, usePlatformUsageParameters } from './platform-usage-parameters';

type Query = NonNullable<Call['query']>;
type Group = Exclude<PlatformGroup, 'none'>;

const REFRESH_SECONDS = 30;
/** So many groups have a series of their own; the others are one together. */
const SERIES = 7;
const LARGEST_LIST = 100;

/** The range that the URL asks for, at this moment. */
export function usePlatformRange(): ChosenRange {
  const [parameters] = usePlatformUsageParameters();
  return useChosenRange(parameters);
}

/** Range and filters, without what the sums are grouped by. */
export function useUsageFilter(): Query {
  const [{ user, model, tier, token }] = usePlatformUsageParameters();
  const { from, to } = usePlatformRange();
  return { from, to, user, model, tier, token };
}

/** All of the range by time alone. */
export function useTotals() {
  const filter = useUsageFilter();
  const { shown, live } = usePlatformRange();
  return useQuery({ ...reportQuery({ ...filter, groupBy: shown }), ...(live && every(REFRESH_SECONDS)) });
}

/** The largest groups of the range, at most a hundred of them. */
export function useTopGroups() {
  const [{ group, top }] = usePlatformUsageParameters();
  const filter = useUsageFilter();
  const { live } = usePlatformRange();
  return useQuery({
    ...reportQuery({ ...filter, groupBy: group, orderBy: top, limit: LARGEST_LIST }),
    enabled: group !== 'none',
    ...(live && every(REFRESH_SECONDS)),
  });
}

export interface GroupOverTime {
  group: UsageRow;
  rows: UsageRow[];
}

export interface GroupsOverTime {
  /** undefined until all of them are there. */
  data: GroupOverTime[] | undefined;
  /** Why one of them is not. */
  error: Error | null;
}

/** The largest few groups over time, one question each: all groups over time at once could be a hundred thousand rows. */
export function useGroupsOverTime(groups: readonly UsageRow[] | undefined): GroupsOverTime {
  const [{ group }] = usePlatformUsageParameters();
  const filter = useUsageFilter();
  const { shown, live } = usePlatformRange();
  const largest = group === 'none' ? [] : (groups?.slice(0, SERIES) ?? []);
  const reports = useQueries({
    queries: largest.map((row) => ({
      ...reportQuery({ ...filter, [group]: groupId(row, group as Group), groupBy: shown }),
      // As often as all of the range: what is newer there would be taken for that of others.
      ...(live && every(REFRESH_SECONDS)),
    })),
  });
  const complete = reports.flatMap(({ data }, index) => {
    const row = largest[index];
    return data && row ? [{ group: row, rows: data.data }] : [];
  });
  return {
    data: groups && complete.length === largest.length ? complete : undefined,
    error: reports.find((report) => report.isError)?.error ?? null,
  };
}

/** The id of the group that a row is the sum of. */
export function groupId(row: UsageRow, group: Group): string {
  return row[group] ?? '';
}

function reportQuery(query: Query) {
  return {
    queryKey: ['/admin/usage', query],
    queryFn: ({ signal }: { signal: AbortSignal }) => api.get<UsageReport>('/admin/usage', { query, signal }),
    staleTime: 15_000,
  };
}
