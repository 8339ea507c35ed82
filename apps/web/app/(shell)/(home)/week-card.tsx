'use client';

import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import type { ReactNode } from 'react';
import { useFormatter, useTranslations } from 'use-intl';
import type { UsageReport } from '@maas/contracts/usage';
import { Card } from '@/components/card';
import { ErrorState } from '@/components/error-state';
import { NumberText } from '@/components/number-text';
import { Skeleton } from '@/components/skeleton';
import { Sparkline } from '@/components/sparkline';
import { api } from '@/lib/api';
import { lastDays } from '@/lib/days';
import { every } from '@/lib/query-client';

/** The last seven days in three numbers and a shape. */
export function WeekCard() {
  const t = useTranslations('home');
  const format = useFormatter();
  const { data, error, refetch } = useQuery({ queryKey: ['/usage', 'week'], queryFn: readWeek, ...every(30) });
  const values = data?.map(({ requests }) => requests) ?? [];
  return (
    <Card
      title={t('week')}
      description={t('weekUtc')}
      aside={
        <Link href="/usage" className="text-sm text-accent hover:underline">
          {t('allUsage')}
        </Link>
      }
    >
      {error && !data ? (
        <ErrorState error={error} retry={() => void refetch()} />
      ) : (
        <>
          <dl className="mb-4 grid grid-cols-3 gap-4">
            <Figure label={t('weekRequests')} value={data && sum(data, 'requests')} />
            <Figure label={t('weekTokens')} value={data && sum(data, 'totalTokens')} />
            <Figure label={t('weekRefused')} value={data && sum(data, 'refused')} />
          </dl>
          <Sparkline
            values={data ? values : []}
            label={t('weekChart', { values: format.list(values.map(String)) })}
            className="h-16"
          />
        </>
      )}
    </Card>
  );
}

function Figure({ label, value }: { label: string; value: number | undefined }): ReactNode {
  return (
    <div>
      <dt className="text-xs text-muted">{label}</dt>
      <dd className="mt-0.5 h-8 text-2xl font-semibold">
        {value === undefined ? <Skeleton className="mt-1.5 h-6 w-16" /> : <NumberText value={value} />}
      </dd>
    </div>
  );
}

type Sums = Record<'requests' | 'totalTokens' | 'refused', number>;

/** Days without a request have no row in the report; here they are zero. */
async function readWeek({ signal }: { signal: AbortSignal }): Promise<Sums[]> {
  const days = lastDays(7, new Date());
  const report = await api.get<UsageReport>('/usage', {
    query: { groupBy: 'day', from: `${days[0] ?? ''}T00:00:00Z` },
    signal,
  });
  const rows = new Map(report.data.map((row) => [row.day, row]));
  return days.map((day) => rows.get(day) ?? { requests: 0, totalTokens: 0, refused: 0 });
}

function sum(days: readonly Sums[], field: keyof Sums): number {
  return days.reduce((total, day) => total + day[field], 0);
}
