import { describe, expect, it } from '@jest/globals';
import { rangeWith, resolveRange } from './usage-range';

const now = Date.parse('2026-03-02T14:25:00Z');

describe('a range of days', () => {
  it('begins with a day of UTC and ends with the hour that is under way', () =>
    expect(resolveRange({ range: '7d' }, now)).toMatchObject({
      from: '2026-02-24T00:00:00.000Z',
      to: '2026-03-02T15:00:00.000Z',
      granularity: 'day',
      byHour: true,
      live: true,
    }));

  it('is compared with the same hours before it', () =>
    expect(resolveRange({ range: '30d' }, now).previous).toEqual({
      from: '2026-01-02T00:00:00.000Z',
      to: '2026-01-31T15:00:00.000Z',
    }));

  it('is not by the hour when it is long', () => expect(resolveRange({ range: '90d' }, now).byHour).toBe(false));
});

it('takes the last 24 hours by the hour', () =>
  expect(resolveRange({ range: '24h' }, now)).toMatchObject({
    from: '2026-03-01T15:00:00.000Z',
    to: '2026-03-02T15:00:00.000Z',
    granularity: 'hour',
  }));

describe('a custom range', () => {
  it('holds its first and its last day', () =>
    expect(resolveRange({ range: 'custom', first: '2026-02-01', last: '2026-02-03' }, now)).toMatchObject({
      from: '2026-02-01T00:00:00.000Z',
      to: '2026-02-04T00:00:00.000Z',
      previous: { from: '2026-01-29T00:00:00.000Z', to: '2026-02-01T00:00:00.000Z' },
      live: false,
    }));

  it('grows while its last day is not over', () =>
    expect(resolveRange({ range: 'custom', first: '2026-03-02', last: '2026-03-02' }, now).live).toBe(true));

  it.each([
    [null, '2026-02-01'],
    ['2026-02-01', null],
    ['2026-02-03', '2026-02-01'],
    ['2027-01-01', '2027-01-02'],
    ['2020-01-01', '2026-01-02'],
    ['2026-02-31', '2026-99-99'],
    ['yesterday', 'today'],
  ])('of %s to %s is the last 7 days', (first, last) =>
    expect(resolveRange({ range: 'custom', first, last }, now)).toEqual(resolveRange({ range: '7d' }, now)),
  );
});

describe('the range that shows a day', () => {
  const opened = Date.parse('2026-11-22T02:30:00Z');

  it.each([
    ['2026-11-22', { range: '7d', from: null, to: null }],
    ['2026-11-16', { range: '7d', from: null, to: null }],
    ['2026-11-15', { range: '30d', from: null, to: null }],
    ['2026-10-24', { range: '30d', from: null, to: null }],
    ['2026-10-23', { range: '90d', from: null, to: null }],
    ['2026-08-24', { range: 'custom', from: '2026-07-26', to: '2026-08-24' }],
  ])('%s is %j', (day, expected) => {
    const range = rangeWith(day, opened);
    expect(range).toEqual(expected);
    const { from, to } = resolveRange({ range: range.range, first: range.from, last: range.to }, opened);
    expect(from <= `${day}T00:00:00.000Z` && `${day}T00:00:00.000Z` < to).toBe(true);
  });
});
