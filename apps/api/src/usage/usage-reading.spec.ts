import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readingOf } from './usage-reading.js';

const DAY = 86_400_000;
const HOUR = 3_600_000;
const day = (number: number) => number * DAY;

describe('where the sums of a range are read', () => {
  it('is the whole days that are summed, and the hours before and after', () => {
    const range = { from: day(10) + 5 * HOUR, to: day(14) + HOUR };
    expect(readingOf(range, [day(9), day(10), day(11), day(12), day(13), day(14)], [])).toEqual({
      months: undefined,
      days: [{ from: day(11), to: day(14) }],
      hours: [
        { from: day(10) + 5 * HOUR, to: day(11) },
        { from: day(14), to: day(14) + HOUR },
      ],
    });
  });

  it('is the hours of a day that has changed since it was summed', () => {
    expect(readingOf({ from: day(1), to: day(4) }, [day(1), day(3)], [])).toEqual({
      months: undefined,
      days: [{ from: day(1), to: day(4) }],
      hours: [{ from: day(2), to: day(3) }],
    });
  });

  it('is hours alone where no day is summed, or too many are not', () => {
    const range = { from: day(0), to: day(200) };
    expect(readingOf(range, [], [])).toEqual({ months: undefined, days: [], hours: [range] });
    const everyOther = Array.from({ length: 100 }, (_, index) => day(2 * index));
    expect(readingOf(range, everyOther, [])).toEqual({ months: undefined, days: [], hours: [range] });
  });

  it('is whole months where all their days are summed, and the days around them', () => {
    const days = Array.from({ length: 365 }, (_, index) => day(index));
    // 1970: February begins on the 31st day, March on the 59th, April on the 90th.
    const range = { from: day(20), to: day(100) + HOUR };
    expect(readingOf(range, days, [day(0), day(31), day(59), day(90)])).toEqual({
      months: { from: day(31), to: day(90) },
      days: [
        { from: day(20), to: day(31) },
        { from: day(90), to: day(100) },
      ],
      hours: [{ from: day(100), to: day(100) + HOUR }],
    });
  });

  it('counts every hour of the range exactly once', () => {
    const anything = fc.record({
      first: fc.integer({ min: 0, max: 3000 }),
      length: fc.integer({ min: 1, max: 3000 }),
      unsummed: fc.uniqueArray(fc.integer({ min: 0, max: 260 }), { maxLength: 20 }),
      unsummedMonths: fc.uniqueArray(fc.integer({ min: 0, max: 8 })),
    });
    fc.assert(
      fc.property(anything, ({ first, length, unsummed, unsummedMonths }) => {
        const range = { from: first * HOUR, to: (first + length) * HOUR };
        const days = Array.from({ length: 260 }, (_, index) => index).filter((each) => !unsummed.includes(each));
        const starts = days.map(day);
        const endOf = (month: number) => Date.UTC(1970, month + 1);
        const months = Array.from({ length: 8 }, (_, month) => month)
          .filter((month) => !unsummedMonths.includes(month))
          .filter((month) => !unsummed.some((each) => new Date(day(each)).getUTCMonth() === month))
          .map((month) => ({ from: Date.UTC(1970, month), to: endOf(month) }));
        const reading = readingOf(range, starts, months.map(({ from }) => from)); // prettier-ignore
        const read = new Map<number, number>();
        const count = (from: number, to: number) => {
          for (let hour = from; hour < to; hour += HOUR) read.set(hour, (read.get(hour) ?? 0) + 1);
        };
        for (const { from, to } of reading.hours) count(from, to);
        for (const { from, to } of reading.days) {
          for (const start of starts) if (start >= from && start < to) count(start, start + DAY);
        }
        if (reading.months) {
          const { from, to } = reading.months;
          for (const month of months) if (month.from >= from && month.from < to) count(month.from, month.to);
        }
        expect([...read.keys()].toSorted((a, b) => a - b)).toEqual(
          Array.from({ length }, (_, index) => range.from + index * HOUR),
        );
        expect([...read.values()].every((times) => times === 1)).toBe(true);
      }),
    );
  });
});
