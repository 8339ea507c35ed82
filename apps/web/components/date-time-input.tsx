'use client';

import { useState } from 'react';
import { useTimeZone } from 'use-intl';
import { fromZonedInput, toZonedInput } from '@/lib/zoned-input';
import { Input } from './input';

interface DateTimeInputProps {
  /** RFC 3339 in UTC; null: none. */
  value: string | null;
  onChange: (value: string | null) => void;
  label?: string;
  className?: string;
}

/** An instant, entered with the browser's own picker, in the zone that the person has set. */
export function DateTimeInput({ value, onChange, label, className }: DateTimeInputProps) {
  const zone = useTimeZone() ?? 'UTC';
  const shown = value === null ? '' : toZonedInput(value, zone);
  // While it is half written, the browser gives nothing; what is there must not be taken away.
  const [draft, setDraft] = useState(shown);
  const [seen, setSeen] = useState(shown);
  if (seen !== shown) {
    setSeen(shown);
    setDraft(shown);
  }
  return (
    <Input
      type="datetime-local"
      aria-label={label === undefined ? undefined : `${label} (${zone})`}
      value={draft}
      onChange={({ target }) => {
        setDraft(target.value);
        onChange(fromZonedInput(target.value, zone) ?? null);
      }}
      className={className ?? ''}
    />
  );
}
