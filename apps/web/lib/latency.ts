import { useCallback } from 'react';
import { useFormatter } from 'use-intl';

/** Writes a latency: `850 ms`, `1.24 s`. @returns of milliseconds; `–` where nothing is known */
export function useLatency(): (milliseconds: number | null) => string {
  const format = useFormatter();
  return useCallback(
    (milliseconds) => {
      if (milliseconds === null) return '–';
      if (milliseconds < 1000) return `${format.number(milliseconds, { maximumFractionDigits: 0 })}\u00a0ms`;
      const digits = milliseconds < 10_000 ? 2 : 1;
      return `${format.number(milliseconds / 1000, { maximumFractionDigits: digits })}\u00a0s`;
    },
    [format],
  );
}
