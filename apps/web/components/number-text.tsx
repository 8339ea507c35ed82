'use client';

import { useFormatter } from 'use-intl';

interface NumberTextProps {
  value: number;
  /** What is counted, behind the number: `tokens`, `ms`. */
  unit?: string;
  /** All digits, however many. */
  exact?: boolean;
}

/** `12.4K`, with the exact number on hover. Digits of one width, so that columns stand. */
export function NumberText({ value, unit, exact = false }: NumberTextProps) {
  const format = useFormatter();
  const full = format.number(value, { maximumFractionDigits: 2 });
  const shown =
    exact || Math.abs(value) < 10_000 ? full : format.number(value, { notation: 'compact', maximumFractionDigits: 1 });
  return (
    <span className="whitespace-nowrap tabular-nums" title={shown === full ? undefined : full}>
      {shown}
      {unit !== undefined && <span className="text-muted"> {unit}</span>}
    </span>
  );
}
