const DAY = 86_400_000;
/** Beyond so many gaps the hours are read throughout. */
const MOST_GAPS = 50;

/** A range of Unix milliseconds, the end exclusive. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** Where the sums of a range are read: which days whole, and the hours of the rest. */
export interface Reading {
  /** The first and the day after the last that may be read whole; undefined: none. */
  readonly days: Range | undefined;
  readonly hours: readonly Range[];
}

/**
 * Divides a range into the days whose sums are kept and the hours around and between them.
 * @param summed the beginnings of days that are summed, in Unix milliseconds, ascending
 */
export function readingOf({ from, to }: Range, summed: readonly number[]): Reading {
  const whole = summed.filter((day) => day >= from && day + DAY <= to);
  const hours: Range[] = [];
  let at = from;
  for (const day of whole) {
    if (day > at) hours.push({ from: at, to: day });
    at = day + DAY;
  }
  if (at < to) hours.push({ from: at, to });
  const [first] = whole;
  if (first === undefined || hours.length > MOST_GAPS) return { days: undefined, hours: [{ from, to }] };
  return { days: { from: first, to: at }, hours };
}
