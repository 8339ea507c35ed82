import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readingOf } from './summed-days.js';

const DAY = 86_400_000;
const HOUR = 3_600_000;
const day = (number: number) => number * DAY;

describe('where the sums of a range are read', () => {
  it('is the whole days that are summed, and the hours before and after', () => {
    const range = { from: day(10) + 5 * HOUR, to: day(14) + HOUR };
    expect(readingOf(range, [day(9), day(10), day(11), day(12), day(13), day(14)])).toEqual({
      days: { from: day(11), to: day(14) },
      hours: [
        { from: day(10) + 5 * HOUR, to: day(11) },
        { from: day(14), to: day(14) + HOUR },
      ],
    });
  });

  it('is the hours of a day that has changed since it was summed', () => {
    expect(readingOf({ from: day(1), to: day(4) }, [day(1), day(3)])).toEqual({
      days: { from: day(1), to: day(4) },
      hours: [{ from: day(2), to: day(3) }],
    });
  });

  it('is hours alone where no day is summed, or too many are not', () => {
    const range = { from: day(0), to: day(200) };
    expect(readingOf(range, [])).toEqual({ days: undefined, hours: [range] });
    const everyOther = Array.from({ length: 100 }, (_, index) => day(2 * index));
    expect(readingOf(range, everyOther)).toEqual({ days: undefined, hours: [range] });
  });

  it('counts every hour of the range exactly once', () => {
    const anything = fc.record({
      first: fc.integer({ min: 0, max: 400 }),
      length: fc.integer({ min: 1, max: 400 }),
      summed: fc.uniqueArray(fc.integer({ min: 0, max: 20 }), { maxLength: 20 }),
    });
    fc.assert(
      fc.property(anything, ({ first, length, summed }) => {
        const range = { from: first * HOUR, to: (first + length) * HOUR };
        const starts = summed.toSorted((a, b) => a - b).map(day);
        const { days, hours } = readingOf(range, starts);
        const read = new Map<number, number>();
        const count = (from: number, to: number) => {
          for (let hour = from; hour < to; hour += HOUR) read.set(hour, (read.get(hour) ?? 0) + 1);
        };
        for (const { from, to } of hours) count(from, to);
        if (days) for (const start of starts) if (start >= days.from && start < days.to) count(start, start + DAY);
        expect([...read.keys()].toSorted((a, b) => a - b)).toEqual(
          Array.from({ length }, (_, index) => range.from + index * HOUR),
        );
        expect([...read.values()].every((times) => times === 1)).toBe(true);
      }),
    );
  });
});
