import { useCallback } from 'react';
import { useFormatter } from 'use-intl';

const units = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
] as const;

/** Writes a length of time in the largest unit that it is a whole number of: `30 days`, `90 minutes`. */
export function useSpan(): (seconds: number) => string {
  const format = useFormatter();
  return useCallback(
    (seconds) => {
      const [unit, size] = units.find(([, length]) => seconds >= length && seconds % length === 0) ?? ['second', 1];
      return format.number(seconds / size, { style: 'unit', unit, unitDisplay: 'long', maximumFractionDigits: 1 });
    },
    [format],
  );
}
