import type { UsageRow } from '@maas/contracts/usage';
import { type ChartColour, type ChartData, type Granularity, OTHER } from '../components/charts/chart-data';

/** What is read out of a row. With `weight` it is an average, which does not add up. */
export interface Metric {
  value: (row: UsageRow) => number | null;
  weight?: (row: UsageRow) => number;
}

/** Which series a row belongs to. */
export interface Grouping {
  id: (row: UsageRow) => string;
  label: (row: UsageRow) => string;
}

const HOUR = 3_600_000;
const lengths: Record<Granularity, number> = { hour: HOUR, day: 24 * HOUR };
const MOST_SERIES = 8;

/** The beginnings of all buckets of a range, in UTC, the oldest first. @param to exclusive */
export function bucketsOf(from: string, to: string, granularity: Granularity): string[] {
  const length = lengths[granularity];
  const start = Math.floor(Date.parse(from) / length) * length;
  const count = Math.max(0, Math.ceil((Date.parse(to) - start) / length));
  return Array.from({ length: count }, (_, index) => new Date(start + index * length).toISOString());
}

/** What rows come to: their sum, or their average by weight; null: an average of nothing. */
export function measure(rows: readonly UsageRow[], { value, weight }: Metric): number | null {
  if (!weight) return rows.reduce((sum, row) => sum + (value(row) ?? 0), 0);
  let sum = 0;
  let weights = 0;
  for (const row of rows) {
    const average = value(row);
    if (average === null) continue;
    sum += average * weight(row);
    weights += weight(row);
  }
  return weights === 0 ? null : sum / weights;
}

/**
 * One series for each metric. Rows are sparse: a bucket without one gets 0, or null where the metric is an average.
 */
export function metricSeries(
  rows: readonly UsageRow[],
  buckets: readonly string[],
  metrics: readonly { id: string; label: string; metric: Metric; colour?: ChartColour }[],
): ChartData {
  const byBucket = inBuckets(rows, buckets);
  return {
    buckets,
    series: metrics.map(({ metric, ...series }) => ({
      ...series,
      values: byBucket.map((bucket) => measure(bucket, metric)),
    })),
  };
}

/**
 * One series for each group, the largest first. Of more than eight, the last one stands for all that are smaller.
 * @param size by what groups are large; absent: by the metric
 */
export function groupSeries(
  rows: readonly UsageRow[],
  buckets: readonly string[],
  options: Grouping & { metric: Metric; size?: Metric; other: string },
): ChartData {
  const { metric, size = metric, other } = options;
  const groups = Map.groupBy(rows, options.id);
  const ordered = [...groups]
    .map(([id, own]) => ({ id, label: options.label(own[0]!), rows: own, size: measure(own, size) ?? 0 }))
    .filter((group) => group.size > 0)
    .toSorted((one, another) => another.size - one.size || (one.label < another.label ? -1 : 1));
  const kept = ordered.length > MOST_SERIES ? ordered.slice(0, MOST_SERIES - 1) : ordered;
  const rest = ordered.slice(kept.length).flatMap((group) => group.rows);
  const shown = rest.length === 0 ? kept : [...kept, { id: OTHER, label: other, rows: rest }];
  return {
    buckets,
    series: shown.map(({ id, label, rows: own }) => ({
      id,
      label,
      values: inBuckets(own, buckets).map((bucket) => measure(bucket, metric)),
    })),
  };
}

/** The rows of each bucket; what is before the first or after the last is left out. */
function inBuckets(rows: readonly UsageRow[], buckets: readonly string[]): UsageRow[][] {
  const places = new Map(buckets.map((bucket, index) => [Date.parse(bucket), index]));
  const filled: UsageRow[][] = buckets.map(() => []);
  for (const row of rows) {
    const place = places.get(Date.parse(row.hour ?? row.day ?? ''));
    if (place !== undefined) filled[place]?.push(row);
  }
  return filled;
}
