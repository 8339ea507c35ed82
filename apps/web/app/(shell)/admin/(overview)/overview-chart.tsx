'use client';

import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { parseAsStringLiteral, useQueryState } from 'nuqs';
import { useMemo } from 'react';
import { useTranslations } from 'use-intl';
import { Card } from '@/components/card';
import { BarSeries } from '@/components/charts/bar-series';
import { ErrorState } from '@/components/error-state';
import { Tabs } from '@/components/tabs';
import { usageMetrics } from '@/lib/usage-metrics';
import type { ResolvedRange } from '@/lib/usage-range';
import { bucketsOf, metricSeries } from '@/lib/usage-series';
import { overviewReport } from './overview-query';

const parts = {
  tokens: ['promptTokens', 'completionTokens'],
  requests: ['requests'],
  problems: ['errors', 'refused'],
} as const;
type Tab = keyof typeof parts;
const tabs = ['tokens', 'requests', 'problems'] as const satisfies readonly Tab[];

/** The period over time, by what came in and went out, or by what did not go well. */
export function OverviewChart({ range, href }: { range: ResolvedRange; href: string }) {
  const t = useTranslations();
  const [metric, setMetric] = useQueryState('metric', parseAsStringLiteral(tabs).withDefault('tokens'));
  return (
    <Card
      title={t('adminOverview.overTime')}
      description={t('usage.utc')}
      aside={
        <Link href={`${href}&metric=${metric}`} className="text-sm text-accent hover:underline">
          {t('adminOverview.allUsage')}
        </Link>
      }
    >
      <Tabs
        label={t('usage.metric')}
        value={metric}
        onChange={(next) => void setMetric(next)}
        tabs={tabs.map((id) => ({ id, label: t(`usage.tabs.${id}`), content: <Plot tab={id} range={range} /> }))}
      />
    </Card>
  );
}

function Plot({ tab, range }: { tab: Tab; range: ResolvedRange }) {
  const t = useTranslations('usage');
  const { from, to, granularity } = range;
  const { data: report, error, refetch } = useQuery(overviewReport({ from, to, groupBy: granularity }));
  const data = useMemo(() => {
    if (!report) return undefined;
    const series = parts[tab].map((id) => ({ id, label: t(`series.${id}`), metric: usageMetrics[id] }));
    return metricSeries(report.data, bucketsOf(from, to, granularity), series);
  }, [report, tab, from, to, granularity, t]);
  if (error && !report) return <ErrorState error={error} retry={() => void refetch()} />;
  return (
    <BarSeries
      label={t(`tabs.${tab}`)}
      data={data}
      granularity={granularity}
      format={(value) => t(`value.${tab}`, { value })}
      empty={t(tab === 'problems' ? 'noProblems' : 'empty')}
      className="h-56"
    />
  );
}
