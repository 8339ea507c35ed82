import type { Granularity } from '../components/charts/chart-data';

export const usageRanges = ['24h', '7d', '30d', '90d', 'custom'] as const;
export type UsageRange = (typeof usageRanges)[number];

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const days: Record<Exclude<UsageRange, '24h' | 'custom'>, number> = { '7d': 7, '30d': 30, '90d': 90 };
/** Up to so many days can be looked at by the hour: more bars would be too thin. */
const LONGEST_BY_HOUR = 7 * DAY;
/** A longer one would ask for more than a report holds. */
const LONGEST_CUSTOM = 366 * DAY;

interface Span {
  /** RFC 3339, at a full hour. */
  from: string;
  /** Exclusive, at a full hour: the end of the hour that is under way where the range ends now. */
  to: string;
}

/** A range of usage, and the one before it that it is compared with. */
export interface ResolvedRange extends Span {
  previous: Span;
  /** Whether it ends now, so that it goes on growing. */
  live: boolean;
  /** Whether it is short enough to be looked at by the hour. */
  byHour: boolean;
  /** By what it is looked at unless somebody chooses otherwise. */
  granularity: Granularity;
}

interface Choice {
  range: UsageRange;
  /** First and last day of a custom range, both inclusive: `2026-01-31`. */
  first?: string | null;
  last?: string | null;
}

/**
 * What a choice means at an instant. Ranges of days begin with a day of UTC and end now; a day that has just begun is
 * compared with the same hours of the range before. A custom range that is not whole or not possible is the last 7 days.
 */
export function resolveRange({ range, first, last }: Choice, now: number): ResolvedRange {
  if (range === 'custom') return customRange(first, last, now) ?? resolveRange({ range: '7d' }, now);
  const to = Math.floor(now / HOUR) * HOUR + HOUR;
  const today = Math.floor(now / DAY) * DAY;
  if (range === '24h') return resolved(to - DAY, to, DAY, true);
  return resolved(today - (days[range] - 1) * DAY, to, days[range] * DAY, true);
}

/** The shortest range that shows a day: one that ends now, or 30 days up to that one. @param day of UTC: `2026-01-31` */
export function rangeWith(day: string, now: number): { range: UsageRange; from: string | null; to: string | null } {
  const at = Date.parse(`${day}T00:00:00Z`);
  const ranges = ['7d', '30d', '90d'] as const;
  const range = ranges.find((one) => Date.parse(resolveRange({ range: one }, now).from) <= at);
  if (range) return { range, from: null, to: null };
  return { range: 'custom', from: new Date(at - 29 * DAY).toISOString().slice(0, 10), to: day };
}

function customRange(first: string | null | undefined, last: string | null | undefined, now: number) {
  const from = dayOf(first);
  const end = dayOf(last);
  if (from === undefined || end === undefined || end < from || from > now) return undefined;
  const to = end + DAY;
  if (to - from > LONGEST_CUSTOM) return undefined;
  return resolved(from, to, to - from, to > now);
}

function resolved(from: number, to: number, length: number, live: boolean): ResolvedRange {
  const span = (start: number, end: number) => ({
    from: new Date(start).toISOString(),
    to: new Date(end).toISOString(),
  });
  return {
    ...span(from, to),
    previous: span(from - length, to - length),
    live,
    byHour: to - from <= LONGEST_BY_HOUR,
    granularity: to - from <= 2 * DAY ? 'hour' : 'day',
  };
}

function dayOf(text: string | null | undefined): number | undefined {
  if (!text || !/^\d{4}-\d{2}-\d{2}$/.test(text)) return undefined;
  const time = Date.parse(`${text}T00:00:00Z`);
  return Number.isNaN(time) || time < 0 ? undefined : time;
}
