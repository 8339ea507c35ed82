'use client';

import { useMemo } from 'react';
import { useTranslations } from 'use-intl';
import type { UsageReport, UsageRow } from '@maas/contracts/usage';
import { Card } from '@/components/card';
import { BarSeries } from '@/components/charts/bar-series';
import type { ChartData } from '@/components/charts/chart-data';
import { LineSeries } from '@/components/charts/line-series';
import { ErrorState } from '@/components/error-state';
import { Tabs } from '@/components/tabs';
import { useLatency } from '@/lib/latency';
import { usageMetrics } from '@/lib/usage-metrics';
import { bucketsOf, metricSeries } from '@/lib/usage-series';
import { seriesOfGroups } from './chart-series';
import { useGroupLabel } from './group-label';
import { type UsageTab, usageTabs, usePlatformUsageParameters } from './platform-usage-parameters';
import { type GroupOverTime, groupId, usePlatformRange, useGroupsOverTime } from './use-platform-usage';

interface PlatformChartProps {
  totals: UsageReport | undefined;
  groups: readonly UsageRow[] | undefined;
  /** Why there are no groups. */
  error: Error | null;
  onRetry: () => void;
}

/** The range as a chart, one metric at a time: the largest groups, and all others as one. */
export function PlatformChart(props: PlatformChartProps) {
  const t = useTranslations('usage');
  const [{ metric }, setParameters] = usePlatformUsageParameters();
  const tabs = usageTabs.map((id) => ({
    id,
    label: t(`tabs.${id}`),
    content: <Plot tab={id} {...props} />,
  }));
  return (
    <Card title={t('chart')} description={t('utc')}>
      <Tabs
        label={t('metric')}
        tabs={tabs}
        value={metric}
        onChange={(id) => void setParameters({ metric: id, ...largestBy[id] })}
      />
    </Card>
  );
}

function Plot({ tab, totals, groups, error, onRetry }: PlatformChartProps & { tab: UsageTab }) {
  const t = useTranslations('usage');
  const latency = useLatency();
  const { shown: granularity } = usePlatformRange();
  const overTime = useGroupsOverTime(groups);
  const data = useChartData(tab, totals, overTime.data);
  const failure = groups === undefined ? error : overTime.error;
  const shared = { label: t(`tabs.${tab}`), data, granularity, className: 'h-56 sm:h-72' };
  if (data === undefined && failure !== null) return <ErrorState error={failure} retry={onRetry} />;
  if (tab === 'latency') return <LineSeries {...shared} format={latency} formatTick={latency} empty={t('empty')} />;
  return (
    <BarSeries
      {...shared}
      format={(value) => t(`value.${tab}`, { value })}
      empty={t(tab === 'problems' ? 'noProblems' : 'empty')}
    />
  );
}

/** The groups that have a series of their own are the largest ones by what is shown. */
const largestBy = {
  tokens: { top: 'totalTokens' },
  requests: { top: 'requests' },
  problems: { top: 'refused' },
  latency: {},
} as const;

const metrics = {
  tokens: usageMetrics.totalTokens,
  requests: usageMetrics.requests,
  problems: usageMetrics.problems,
  latency: usageMetrics.averageDurationMs,
};

const parts = {
  tokens: ['promptTokens', 'completionTokens'],
  requests: ['requests'],
  problems: ['errors', 'refused'],
  latency: ['averageDurationMs', 'averageFirstByteMs'],
} as const;

function useChartData(
  tab: UsageTab,
  totals: UsageReport | undefined,
  overTime: GroupOverTime[] | undefined,
): ChartData | undefined {
  const t = useTranslations('usage');
  const [{ group }] = usePlatformUsageParameters();
  const label = useGroupLabel(group);
  const { from, to, shown } = usePlatformRange();
  return useMemo(() => {
    if (!totals) return undefined;
    const buckets = bucketsOf(from, to, shown);
    if (group === 'none') {
      const series = parts[tab].map((id) => ({ id, label: t(`series.${id}`), metric: usageMetrics[id] }));
      return metricSeries(totals.data, buckets, series);
    }
    const named = overTime?.map(({ group: row, rows }) => ({ id: groupId(row, group), label: label(row), rows }));
    return named && seriesOfGroups(named, totals.data, buckets, { metric: metrics[tab], other: t('other') });
  }, [totals, overTime, group, label, tab, from, to, shown, t]);
}
