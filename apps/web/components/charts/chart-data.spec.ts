import { describe, expect, it } from '@jest/globals';
import { bucketSum, type ChartData, colourOf, dashOf, isEmpty, OTHER, peakOf, sumOf } from './chart-data';

const data: ChartData = {
  buckets: ['2026-01-01', '2026-01-02', '2026-01-03'],
  series: [
    { id: 'a', label: 'A', values: [1, 5, null] },
    { id: 'b', label: 'B', values: [3, 0, 4], colour: 5 },
    { id: OTHER, label: 'Other', values: [0, 0, 1] },
  ],
};

it('sums a series and a bucket, with nothing where nothing is known', () => {
  expect(data.series.map(sumOf)).toEqual([6, 7, 1]);
  expect([0, 1, 2].map((index) => bucketSum(data, index))).toEqual([4, 5, 5]);
});

describe('the peak', () => {
  it('is that of the sums where series add up, the first of equal ones', () =>
    expect(peakOf(data, true)).toEqual({ bucket: '2026-01-02', value: 5 }));

  it('is that of any series where they do not', () =>
    expect(peakOf({ ...data, series: data.series.slice(1) }, false)).toEqual({ bucket: '2026-01-03', value: 4 }));

  it('is nowhere when nothing is known', () =>
    expect(peakOf({ buckets: ['2026-01-01'], series: [{ id: 'a', label: 'A', values: [null] }] }, false)).toBe(
      undefined,
    ));
});

it('is empty without a value other than zero', () => {
  expect(isEmpty(data)).toBe(false);
  expect(isEmpty({ buckets: ['2026-01-01'], series: [{ id: 'a', label: 'A', values: [0] }] })).toBe(true);
  expect(isEmpty({ buckets: [], series: [] })).toBe(true);
});

it('keeps the colour of a series when others are hidden, and gives the last one to the rest', () => {
  expect(['a', 'b', OTHER].map((id) => colourOf(data.series, id))).toEqual([
    'var(--chart-1)',
    'var(--chart-5)',
    'var(--chart-8)',
  ]);
});

it('gives neighbouring lines other dashes', () =>
  expect(['a', 'b', OTHER].map((id) => dashOf(data.series, id))).toEqual(['', '6 4', '2 3']));
