import { useFormatter } from 'use-intl';

/** Writes an instant with its zone, in the zone that the person has set (`IntlProvider` has it). */
export function useAbsoluteTime(): (instant: Date) => string {
  const format = useFormatter();
  return (instant) =>
    format.dateTime(instant, {
      day: 'numeric',
      month: 'short',
      year: 'numeric',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
      timeZoneName: 'short',
    });
}
