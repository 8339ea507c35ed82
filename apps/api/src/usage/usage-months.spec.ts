import { describe, expect, it } from '@jest/globals';
import { monthOf, monthOfTable, monthsBetween } from './usage-months.js';

const names = (first: string, last: string) => monthsBetween(new Date(first), new Date(last)).map(({ table }) => table);

describe('the month of a usage row', () => {
  it('is that of UTC, from its first millisecond to its last', () => {
    for (const instant of ['2026-12-01T00:00:00.000Z', '2026-12-31T23:59:59.999Z']) {
      expect(monthOf(new Date(instant))).toEqual({
        table: 'usage_event_2026_12',
        from: new Date('2026-12-01T00:00:00Z'),
        to: new Date('2027-01-01T00:00:00Z'),
      });
    }
  });

  it('can be told from its table, and from no other table', () => {
    const month = monthOf(new Date('2024-02-29T12:00:00Z'));
    expect(monthOfTable(month.table)).toEqual(month);
    expect(['usage_event_rest', 'usage_event', 'usage_event_2024_2'].map(monthOfTable)).toEqual(
      Array(3).fill(undefined),
    );
  });

  it('is followed by the next over the end of a year, whatever the day', () => {
    expect(monthOf(new Date('2026-11-30T00:00:00Z'), 3).table).toBe('usage_event_2027_02');
    expect(names('2026-11-30T23:00:00Z', '2027-01-01T00:00:00Z')).toEqual([
      'usage_event_2026_11',
      'usage_event_2026_12',
      'usage_event_2027_01',
    ]);
    expect(names('2026-11-01T00:00:00Z', '2026-11-30T00:00:00Z')).toEqual(['usage_event_2026_11']);
  });
});
