'use client';

import dynamic from 'next/dynamic';
import { useTranslations } from 'use-intl';
import { Card } from '@/components/card';
import { ErrorState } from '@/components/error-state';
import { Page } from '@/components/page';
import { PageHeader } from '@/components/page-header';
import { UpdatedAt } from '@/components/updated-at';
import { classNames } from '@/lib/class-names';
import { ExportButton } from './export-button';
import { RecentRequests } from './recent-requests';
import { UsageBreakdown } from './usage-breakdown';
import { UsageChartSkeleton } from './usage-chart-skeleton';
import { UsageFilters } from './usage-filters';
import { UsageStats } from './usage-stats';
import { useUsageReport } from './use-usage';

const UsageChart = dynamic(() => import('./usage-chart'), { ssr: false, loading: UsageChartSkeleton });

/** What one has used: how much, of what, when, and the single requests. */
export function UsageView() {
  const t = useTranslations('usage');
  const { data, error, refetch, isFetching, isPlaceholderData, dataUpdatedAt } = useUsageReport();
  const refresh = () => void refetch();
  return (
    <Page>
      <PageHeader title={t('title')} description={t('lead')} actions={<ExportButton />} />
      <UsageFilters />
      <div className="flex flex-col gap-4">
        {error && !data ? (
          <Card>
            <ErrorState error={error} retry={refresh} />
          </Card>
        ) : (
          <div
            className={classNames('flex flex-col gap-4 transition-opacity', isPlaceholderData && 'opacity-60')}
            aria-busy={data === undefined || isPlaceholderData}
          >
            <UsageStats report={data} />
            <UsageChart
              report={data}
              aside={<UpdatedAt at={dataUpdatedAt} refreshing={isFetching} onRefresh={refresh} />}
            />
            <UsageBreakdown report={data} />
          </div>
        )}
        <RecentRequests />
      </div>
    </Page>
  );
}
