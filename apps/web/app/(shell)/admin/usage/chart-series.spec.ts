import { describe, expect, it } from '@jest/globals';
import type { UsageRow } from '@maas/contracts/usage';
import { usageMetrics } from '@/lib/usage-metrics';
import { seriesOfGroups } from './chart-series';

const row = (day: string, requests: number, averageDurationMs: number | null = null): UsageRow => ({
  day,
  requests,
  errors: 0,
  refused: 0,
  promptTokens: 0,
  completionTokens: 0,
  totalTokens: 0,
  averageDurationMs,
  averageFirstByteMs: null,
});
const buckets = ['2026-01-01T00:00:00.000Z', '2026-01-02T00:00:00.000Z'];
const all = [row('2026-01-01', 10, 200), row('2026-01-02', 4, 100)];
const ada = { id: 'a', label: 'ada', rows: [row('2026-01-01', 7, 300)] };

describe('the series of the largest groups', () => {
  it('have one for the others, which is what is left of all', () => {
    const { series } = seriesOfGroups([ada], all, buckets, { metric: usageMetrics.requests, other: 'Other' });
    expect(series).toEqual([
      { id: 'a', label: 'ada', values: [7, 0] },
      { id: 'other', label: 'Other', values: [3, 4] },
    ]);
  });

  it('have none for the others where nothing is left, also when a group was counted later than all', () => {
    const later = { ...ada, rows: [row('2026-01-01', 11), row('2026-01-02', 4)] };
    const { series } = seriesOfGroups([later], all, buckets, { metric: usageMetrics.requests, other: 'Other' });
    expect(series.map(({ id }) => id)).toEqual(['a']);
  });

  it('have none for the others of an average', () => {
    const metric = usageMetrics.averageDurationMs;
    const { series } = seriesOfGroups([ada], all, buckets, { metric, other: 'Other' });
    expect(series).toEqual([{ id: 'a', label: 'ada', values: [300, null] }]);
  });
});
