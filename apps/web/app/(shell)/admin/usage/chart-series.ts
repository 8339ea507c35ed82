import type { UsageRow } from '@maas/contracts/usage';
import { type ChartData, type ChartSeries, OTHER } from '@/components/charts/chart-data';
import { type Metric, metricSeries } from '@/lib/usage-series';

interface NamedRows {
  id: string;
  label: string;
  rows: readonly UsageRow[];
}

/**
 * One series for each group, and one for what they do not come to of all. An average of what is left cannot be told from
 * averages, so it has no such series.
 */
export function seriesOfGroups(
  groups: readonly NamedRows[],
  all: readonly UsageRow[],
  buckets: readonly string[],
  { metric, other }: { metric: Metric; other: string },
): ChartData {
  const valuesOf = (rows: readonly UsageRow[]) =>
    metricSeries(rows, buckets, [{ id: '', label: '', metric }]).series[0]?.values ?? [];
  const series: ChartSeries[] = groups.map(({ id, label, rows }) => ({ id, label, values: valuesOf(rows) }));
  if (metric.weight) return { buckets, series };
  const rest = valuesOf(all).map((total, index) => {
    const known = series.reduce((sum, { values }) => sum + (values[index] ?? 0), 0);
    // What was asked for a moment later can already hold more.
    return Math.max(0, (total ?? 0) - known);
  });
  const anything = rest.some((value) => value > 0);
  return { buckets, series: anything ? [...series, { id: OTHER, label: other, values: rest }] : series };
}
