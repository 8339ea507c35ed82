import { describe, expect, it } from '@jest/globals';
import type { UsageRow } from '@maas/contracts/usage';
import { changeOf, usageMetrics, usageTotals } from './usage-metrics';
import { bucketsOf, groupSeries, metricSeries } from './usage-series';

function row(values: Partial<UsageRow>): UsageRow {
  const promptTokens = values.promptTokens ?? 0;
  const completionTokens = values.completionTokens ?? 0;
  return {
    requests: 1,
    errors: 0,
    refused: 0,
    averageDurationMs: null,
    averageFirstByteMs: null,
    ...values,
    promptTokens,
    completionTokens,
    totalTokens: promptTokens + completionTokens,
  };
}

const days = bucketsOf('2026-01-01T00:00:00Z', '2026-01-03T15:00:00Z', 'day');
const byModel = {
  id: ({ model = '' }: UsageRow) => model,
  label: ({ model = '' }: UsageRow) => model,
  other: 'Other',
};

describe('the buckets of a range', () => {
  it('are whole days of UTC, with the one that is under way', () =>
    expect(days).toEqual(['2026-01-01T00:00:00.000Z', '2026-01-02T00:00:00.000Z', '2026-01-03T00:00:00.000Z']));

  it('are whole hours, without the one that begins with its end', () =>
    expect(bucketsOf('2026-01-01T22:00:00Z', '2026-01-02T01:00:00Z', 'hour').map((at) => at.slice(11, 16))).toEqual([
      '22:00',
      '23:00',
      '00:00',
    ]));

  it('are none of an empty range', () =>
    expect(bucketsOf('2026-01-02T00:00:00Z', '2026-01-01T00:00:00Z', 'day')).toEqual([]));
});

describe('series by metric', () => {
  const rows = [
    row({ day: '2026-01-03', promptTokens: 10, completionTokens: 5, averageDurationMs: 200, requests: 1 }),
    row({ day: '2026-01-01', promptTokens: 1, averageDurationMs: 100, requests: 3 }),
    row({ day: '2025-12-31', promptTokens: 99 }),
  ];

  it('have a 0 where there is no row, and nothing of what is outside', () =>
    expect(
      metricSeries(rows, days, [{ id: 'in', label: 'In', metric: usageMetrics.promptTokens }]).series[0]?.values,
    ).toEqual([1, 0, 10]));

  it('have a gap where there is nothing to average', () =>
    expect(
      metricSeries(rows, days, [{ id: 'avg', label: 'Avg', metric: usageMetrics.averageDurationMs }]).series[0]?.values,
    ).toEqual([100, null, 200]));
});

describe('series by group', () => {
  it('come the largest first, without those of nothing', () => {
    const rows = [
      row({ day: '2026-01-01', model: 'small', promptTokens: 1 }),
      row({ day: '2026-01-02', model: 'large', promptTokens: 3 }),
      row({ day: '2026-01-03', model: 'small', promptTokens: 1 }),
      row({ day: '2026-01-03', model: 'refused', refused: 4 }),
    ];
    expect(groupSeries(rows, days, { ...byModel, metric: usageMetrics.totalTokens }).series).toEqual([
      { id: 'large', label: 'large', values: [0, 3, 0] },
      { id: 'small', label: 'small', values: [1, 0, 1] },
    ]);
  });

  it('are at most eight, of which the last one is all that is left', () => {
    const rows = Array.from({ length: 20 }, (_, index) =>
      row({ day: '2026-01-02', model: `m${index}`, promptTokens: 100 - index }),
    );
    const { series } = groupSeries(rows, days, { ...byModel, metric: usageMetrics.totalTokens });
    expect(series).toHaveLength(8);
    expect(series.at(-1)).toEqual({
      id: 'other',
      label: 'Other',
      values: [0, Array.from({ length: 13 }, (_, index) => 93 - index).reduce((sum, value) => sum + value), 0],
    });
  });

  it('keep all eight names when there are eight', () => {
    const rows = Array.from({ length: 8 }, (_, index) =>
      row({ day: '2026-01-02', model: `m${index}`, promptTokens: 8 - index }),
    );
    const { series } = groupSeries(rows, days, { ...byModel, metric: usageMetrics.totalTokens });
    expect(series.map(({ id }) => id)).toEqual(['m0', 'm1', 'm2', 'm3', 'm4', 'm5', 'm6', 'm7']);
  });

  it('weigh averages by their requests where they fall together', () => {
    const rows = Array.from({ length: 9 }, (_, index) =>
      row({
        day: '2026-01-01',
        model: `m${index}`,
        requests: 10 - index,
        averageDurationMs: index < 7 ? 1 : index * 100,
      }),
    );
    const { series } = groupSeries(rows, days, {
      ...byModel,
      metric: usageMetrics.averageDurationMs,
      size: usageMetrics.requests,
    });
    expect(series.at(-1)?.values).toEqual([(700 * 3 + 800 * 2) / 5, null, null]);
  });
});

describe('totals', () => {
  it('add up, and average by requests', () =>
    expect(
      usageTotals([
        row({ requests: 3, errors: 1, promptTokens: 4, averageDurationMs: 100, averageFirstByteMs: 10 }),
        row({ requests: 1, refused: 2, completionTokens: 6, averageDurationMs: 200 }),
      ]),
    ).toEqual({
      promptTokens: 4,
      completionTokens: 6,
      totalTokens: 10,
      requests: 4,
      errors: 1,
      refused: 2,
      problems: 3,
      averageDurationMs: 125,
      averageFirstByteMs: 10,
    }));

  it('change by a share, where there was something before', () => {
    expect(changeOf(150, 100)).toBe(0.5);
    expect(changeOf(0, 100)).toBe(-1);
    expect([changeOf(1, 0), changeOf(null, 1), changeOf(1, null)]).toEqual([null, null, null]);
  });
});
