import type { UsageRow } from '@maas/contracts/usage';
import { type Metric, measure } from './usage-series';

const admitted = (row: UsageRow) => row.requests;

/** What usage can be measured by. Averages are weighted by the requests that they are of. */
export const usageMetrics = {
  promptTokens: { value: (row) => row.promptTokens },
  completionTokens: { value: (row) => row.completionTokens },
  totalTokens: { value: (row) => row.totalTokens },
  requests: { value: admitted },
  errors: { value: (row) => row.errors },
  refused: { value: (row) => row.refused },
  /** All that did not go well. */
  problems: { value: (row) => row.errors + row.refused },
  averageDurationMs: { value: (row) => row.averageDurationMs, weight: admitted },
  averageFirstByteMs: { value: (row) => row.averageFirstByteMs, weight: admitted },
} as const satisfies Record<string, Metric>;

export type UsageMetric = keyof typeof usageMetrics;

/** What all rows come to. */
export function usageTotals(rows: readonly UsageRow[]): Record<UsageMetric, number | null> {
  const totals = Object.entries(usageMetrics).map(([name, metric]) => [name, measure(rows, metric)] as const);
  return Object.fromEntries(totals) as Record<UsageMetric, number | null>;
}

/** How much more a value is than the one before, as a share; null where there is nothing to compare with. */
export function changeOf(now: number | null, before: number | null): number | null {
  if (now === null || before === null || before === 0) return null;
  return (now - before) / before;
}
