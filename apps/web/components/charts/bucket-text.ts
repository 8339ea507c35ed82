import { useFormatter } from 'use-intl';
import type { Granularity } from './chart-data';

interface BucketText {
  /** For an axis: `14:00`, or `12 Nov` where a day begins. */
  short: (bucket: string) => string;
  /** For a tooltip or a table: `12 Nov 2026, 14:00 UTC`. */
  long: (bucket: string) => string;
}

/** Writes the beginning of a bucket. Buckets are those of UTC, whatever zone the person has set. */
export function useBucketText(granularity: Granularity): BucketText {
  const format = useFormatter();
  const day = { day: 'numeric', month: 'short', timeZone: 'UTC' } as const;
  const time = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone: 'UTC' } as const;
  return {
    short: (bucket) => {
      const at = new Date(bucket);
      const isDay = granularity === 'day' || at.getUTCHours() === 0;
      return format.dateTime(at, isDay ? day : time);
    },
    long: (bucket) =>
      format.dateTime(new Date(bucket), {
        ...day,
        year: 'numeric',
        ...(granularity === 'hour' ? { ...time, timeZoneName: 'short' } : { weekday: 'short' }),
      }),
  };
}
