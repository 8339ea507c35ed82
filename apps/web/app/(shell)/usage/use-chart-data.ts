import { useMemo } from 'react';
import { useTranslations } from 'use-intl';
import type { UsageReport, UsageRow } from '@maas/contracts/usage';
import type { ChartData, Granularity } from '@/components/charts/chart-data';
import { usageMetrics } from '@/lib/usage-metrics';
import { bucketsOf, groupSeries, type Grouping, metricSeries } from '@/lib/usage-series';
import { tokenLabels } from './token-labels';
import type { UsageTab } from './usage-parameters';

/** By which steps of time a report is. */
export function granularityOf(report: UsageReport | undefined): Granularity {
  return report?.groupBy.includes('hour') ? 'hour' : 'day';
}

/** How the rows of a report are grouped beside time; undefined: they are not. */
export function useGrouping(report: UsageReport | undefined): Grouping | undefined {
  const t = useTranslations('usage');
  return useMemo(() => {
    if (report?.groupBy.includes('model')) return { id: modelOf, label: modelOf };
    if (!report?.groupBy.includes('token')) return undefined;
    const labels = tokenLabels(report.data, t('unnamed'));
    return { id: tokenOf, label: (row) => labels.get(tokenOf(row)) ?? tokenOf(row) };
  }, [report, t]);
}

/** What a tab draws of a report. */
export function useChartData(report: UsageReport | undefined, tab: UsageTab): ChartData | undefined {
  const t = useTranslations('usage');
  const grouping = useGrouping(report);
  return useMemo(() => {
    if (!report) return undefined;
    const buckets = bucketsOf(report.from, report.to, granularityOf(report));
    if (!grouping)
      return metricSeries(
        report.data,
        buckets,
        ungrouped(tab, (name) => t(`series.${name}`)),
      );
    return groupSeries(report.data, buckets, { ...grouping, ...grouped[tab], other: t('other') });
  }, [report, tab, grouping, t]);
}

const modelOf = (row: UsageRow) => row.model ?? '';
const tokenOf = (row: UsageRow) => row.token ?? '';

const { totalTokens, requests, problems, averageDurationMs, averageFirstByteMs } = usageMetrics;

const grouped = {
  tokens: { metric: totalTokens },
  requests: { metric: requests },
  problems: { metric: problems },
  latency: { metric: averageDurationMs, size: requests },
};

function ungrouped(tab: UsageTab, label: (name: keyof typeof usageMetrics) => string) {
  const all = {
    tokens: [
      { id: 'in', label: label('promptTokens'), metric: usageMetrics.promptTokens, colour: 1 },
      { id: 'out', label: label('completionTokens'), metric: usageMetrics.completionTokens, colour: 3 },
    ],
    requests: [{ id: 'requests', label: label('requests'), metric: requests, colour: 1 }],
    problems: [
      { id: 'errors', label: label('errors'), metric: usageMetrics.errors, colour: 4 },
      { id: 'refused', label: label('refused'), metric: usageMetrics.refused, colour: 5 },
    ],
    latency: [
      { id: 'duration', label: label('averageDurationMs'), metric: averageDurationMs, colour: 1 },
      { id: 'firstByte', label: label('averageFirstByteMs'), metric: averageFirstByteMs, colour: 3 },
    ],
  } as const;
  return all[tab];
}
