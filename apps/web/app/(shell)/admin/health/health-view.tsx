'use client';

import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { Banner } from '@/components/banner';
import { Card } from '@/components/card';
import { ErrorState } from '@/components/error-state';
import { Page } from '@/components/page';
import { PageHeader } from '@/components/page-header';
import { Skeleton } from '@/components/skeleton';
import { StatusChip } from '@/components/status-chip';
import { messageOf } from '@/lib/message-of';
import { every } from '@/lib/query-client';
import { HealthFacts } from './health-facts';
import { healthQuery } from './health-query';
import { PartList } from './part-list';
import { UpdatedAgo } from './updated-ago';

const REFRESH_SECONDS = 5;

/** How the platform is, part by part; asks again by itself until it is told not to (WCAG 2.2.2). */
export function HealthView() {
  const t = useTranslations('adminHealth');
  const [paused, setPaused] = useState(false);
  const { data, error, dataUpdatedAt, isFetching, refetch } = useQuery({
    ...healthQuery,
    ...(paused ? {} : every(REFRESH_SECONDS)),
  });
  return (
    <Page>
      <PageHeader
        title={t('title')}
        description={t('lead')}
        actions={
          data && (
            <UpdatedAgo
              at={dataUpdatedAt}
              paused={paused}
              onPause={setPaused}
              refreshing={isFetching}
              onRefresh={() => void refetch()}
            />
          )
        }
      />
      {data ? (
        <div className="flex flex-col gap-4">
          {error ? (
            <Banner kind="warning">{t('stale', { message: messageOf(error) })}</Banner>
          ) : (
            <Overall status={data.status} />
          )}
          <PartList health={data} />
          <HealthFacts health={data} />
        </div>
      ) : error ? (
        <Card>
          <ErrorState error={error} retry={() => void refetch()} />
        </Card>
      ) : (
        <div className="flex flex-col gap-4">
          <Skeleton className="h-11" />
          <Skeleton className="h-96" />
        </div>
      )}
    </Page>
  );
}

function Overall({ status }: { status: 'ok' | 'degraded' | 'down' }) {
  const t = useTranslations('adminHealth.overall');
  if (status !== 'ok') return <Banner kind={status === 'down' ? 'danger' : 'warning'}>{t(status)}</Banner>;
  return (
    <p role="status" className="rounded-lg bg-success-soft px-4 py-2.5 text-sm">
      <StatusChip tone="success">{t('ok')}</StatusChip>
    </p>
  );
}
