const DAY = 86_400_000;
/** Beyond so many gaps what is finer is read throughout. */
const MOST_GAPS = 50;

/** A range of Unix milliseconds, the end exclusive. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** Where the sums of a range are read: which months and days whole, and the hours of the rest. */
export interface Reading {
  /** From the first to after the last of the summed months that may be read; undefined: none. */
  readonly months: Range | undefined;
  /** Where the summed days are read. */
  readonly days: readonly Range[];
  readonly hours: readonly Range[];
}

/**
 * Divides a range into the months and days whose sums are kept and the hours around and between them.
 * @param days the beginnings of days that are summed, in Unix milliseconds, ascending
 * @param months those of months; all days of each are summed
 */
export function readingOf(range: Range, days: readonly number[], months: readonly number[]): Reading {
  const byDay = divide(range, days, (day) => day + DAY);
  if (!byDay.whole) return { months: undefined, days: [], hours: [range] };
  const byMonth = divide(byDay.whole, months, endOfMonth);
  return { months: byMonth.whole, days: byMonth.rest, hours: byDay.rest };
}

/** Divides a range into where the pieces lie that are within it, and what is around and between them. */
function divide(range: Range, starts: readonly number[], endOf: (start: number) => number) {
  const pieces = starts.filter((start) => start >= range.from && endOf(start) <= range.to);
  const rest: Range[] = [];
  let at = range.from;
  for (const start of pieces) {
    if (start > at) rest.push({ from: at, to: start });
    at = endOf(start);
  }
  const end = at;
  if (at < range.to) rest.push({ from: at, to: range.to });
  const [first] = pieces;
  if (first === undefined || rest.length > MOST_GAPS) return { whole: undefined, rest: [range] };
  return { whole: { from: first, to: end }, rest };
}

function endOfMonth(start: number): number {
  const date = new Date(start);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1);
}
