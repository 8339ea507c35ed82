'use client';

import { useQueryClient } from '@tanstack/react-query';
import dynamic from 'next/dynamic';
import { useTranslations } from 'use-intl';
import { Card } from '@/components/card';
import { ErrorState } from '@/components/error-state';
import { Page } from '@/components/page';
import { PageHeader } from '@/components/page-header';
import { Skeleton } from '@/components/skeleton';
import { UpdatedAt } from '@/components/updated-at';
import { PlatformExport } from './platform-export';
import { PlatformStats } from './platform-stats';
import { PlatformUsageFilters } from './platform-usage-filters';
import { usePlatformUsageParameters } from './platform-usage-parameters';
import { useTopGroups, useTotals, useUsageFilter } from './use-platform-usage';

// The first load brings the numbers; what is below them comes right after it, into the place that is kept for it.
const PlatformChart = dynamic(() => import('./platform-chart').then((file) => file.PlatformChart), {
  ssr: false,
  loading: () => <Skeleton className="h-112" />,
});
const GroupTable = dynamic(() => import('./group-table').then((file) => file.GroupTable), {
  ssr: false,
  loading: () => <Skeleton className="h-96" />,
});
const TopUsers = dynamic(() => import('../top-users').then((file) => file.TopUsers), {
  ssr: false,
  loading: () => <Skeleton className="h-80" />,
});

/** What all together have used: how much, of what, who, and when. */
export function PlatformUsageView() {
  const t = useTranslations('adminUsage');
  const [{ group, user }] = usePlatformUsageParameters();
  const filter = useUsageFilter();
  const totals = useTotals();
  const groups = useTopGroups();
  const queryClient = useQueryClient();
  const refresh = () => void queryClient.invalidateQueries({ queryKey: ['/admin/usage'] });
  // Of the grouping that was chosen before, there is nothing to be read here.
  const current = groups.data?.groupBy[0] === group ? groups.data.data : undefined;
  const list = {
    rows: current,
    error: groups.error,
    retry: () => void groups.refetch(),
  };
  return (
    <Page>
      <PageHeader
        title={t('title')}
        description={t('lead')}
        actions={
          <>
            <UpdatedAt at={totals.dataUpdatedAt} refreshing={totals.isFetching} onRefresh={refresh} />
            <PlatformExport />
          </>
        }
      />
      <PlatformUsageFilters />
      {totals.error && !totals.data ? (
        <Card>
          <ErrorState error={totals.error} retry={refresh} />
        </Card>
      ) : (
        <div className="flex flex-col gap-4" aria-busy={totals.isPending || totals.isPlaceholderData}>
          <PlatformStats report={totals.data} />
          <PlatformChart totals={totals.data} groups={current} error={groups.error} onRetry={refresh} />
          {group !== 'none' && <GroupTable group={group} list={list} total={totals.data} />}
          {user === null && (
            <div className="grid gap-4 lg:grid-cols-2">
              <TopUsers by="totalTokens" filter={filter} />
              <TopUsers by="refused" filter={filter} />
            </div>
          )}
        </div>
      )}
    </Page>
  );
}
