'use client';

import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import type { ReactNode } from 'react';
import { useFormatter, useTranslations } from 'use-intl';
import { ErrorState } from '@/components/error-state';
import { Card } from '@/components/card';
import { NumberText } from '@/components/number-text';
import { StatCard } from '@/components/stat-card';
import { changeOf, type UsageMetric, usageTotals } from '@/lib/usage-metrics';
import type { ResolvedRange } from '@/lib/usage-range';
import { refusedShare } from '../refused-share';
import { overviewReport } from './overview-query';

/** So many users are told from one another; beyond that there are “100+”. */
const MOST_COUNTED = 100;

/** The period in six numbers, against the one before. */
export function OverviewTotals({ range, href }: { range: ResolvedRange; href: string }) {
  const t = useTranslations('adminOverview');
  const format = useFormatter();
  const { from, to, previous, granularity } = range;
  const now = useQuery(overviewReport({ from, to, groupBy: granularity }));
  const before = useQuery({ ...overviewReport({ ...previous, groupBy: granularity }), refetchInterval: false });
  const users = useQuery(overviewReport({ from, to, groupBy: 'user', orderBy: 'requests', limit: MOST_COUNTED }));
  if (now.error && !now.data) {
    return (
      <Card>
        <ErrorState error={now.error} retry={() => void now.refetch()} />
      </Card>
    );
  }
  const totals = now.data && usageTotals(now.data.data);
  const earlier = before.isPlaceholderData ? undefined : before.data && usageTotals(before.data.data);
  const change = (metric: UsageMetric) => totals && earlier && changeOf(totals[metric], earlier[metric]);
  const share = (value: number) => format.number(value, { style: 'percent', maximumFractionDigits: 1 });
  const comparedWith = t('comparedWith');
  const number = (value: number | null | undefined) => totals && <NumberText value={value ?? 0} />;
  const link = (query: string, value: ReactNode) => value !== undefined && <Link href={`${href}${query}`} className="hover:underline">{value}</Link>; // prettier-ignore
  const errorRate = totals?.requests ? (totals.errors ?? 0) / totals.requests : 0;
  const active = users.data?.data.length;
  return (
    <dl className="grid grid-cols-2 gap-3 sm:grid-cols-3 xl:grid-cols-6">
      <StatCard
        label={t('requests')}
        value={link('&metric=requests', number(totals?.requests)) || undefined}
        change={change('requests')}
        comparedWith={comparedWith}
      />
      <StatCard
        label={t('tokensIn')}
        value={link('&group=none', number(totals?.promptTokens)) || undefined}
        change={change('promptTokens')}
        comparedWith={comparedWith}
      />
      <StatCard
        label={t('tokensOut')}
        value={link('&group=none', number(totals?.completionTokens)) || undefined}
        change={change('completionTokens')}
        comparedWith={comparedWith}
      />
      <StatCard
        label={t('errorRate')}
        value={link('&metric=problems&top=errors', totals && share(errorRate)) || undefined}
        detail={totals && t('errors', { count: totals.errors ?? 0 })}
      />
      <StatCard
        label={t('refusedShare')}
        value={link('&metric=problems&group=user&top=refused', totals && share(refusedShare(totals))) || undefined}
        detail={totals && t('refused', { count: totals.refused ?? 0 })}
      />
      <StatCard
        label={t('activeUsers')}
        value={
          link('&group=user&top=requests', active !== undefined && (active < MOST_COUNTED ? active : `${active}+`)) ||
          undefined
        }
      />
    </dl>
  );
}
