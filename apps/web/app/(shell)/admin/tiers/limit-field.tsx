'use client';

import { type Ref, useState } from 'react';
import { useTranslations } from 'use-intl';
import { Field } from '@/components/field';
import { Input } from '@/components/input';
import { Switch } from '@/components/switch';

interface LimitFieldProps {
  label: string;
  hint?: string;
  /** null is unlimited; NaN: nothing was entered yet. */
  value: number | null;
  onChange: (value: number | null) => void;
  error: string | undefined;
  /** Of the number, which gets the focus when it is wrong. */
  inputRef: Ref<HTMLInputElement>;
}

/** A limit: a number, or none. Switching “unlimited” off again brings the number back. */
export function LimitField({ label, hint, value, onChange, error, inputRef }: LimitFieldProps) {
  const t = useTranslations('adminTiers');
  const [kept, setKept] = useState(value === null ? '' : String(value));
  const unlimited = value === null;
  // A value that did not come from here was set from outside, and takes the place of what was written.
  const shown = value === null || Number.isNaN(value) || value === numberOf(kept) ? kept : String(value);
  return (
    <Field
      label={label}
      hint={hint}
      error={error}
      aside={
        <span className="flex items-center gap-2 text-muted">
          {t('unlimited')}
          <Switch
            label={t('unlimitedOf', { limit: label })}
            checked={unlimited}
            onChange={(on) => (setKept(shown), onChange(on ? null : numberOf(shown)))}
          />
        </span>
      }
    >
      <Input
        ref={inputRef}
        type="text"
        inputMode="numeric"
        disabled={unlimited}
        value={unlimited ? '' : shown}
        placeholder={unlimited ? '∞' : ''}
        onChange={({ target }) => (setKept(target.value), onChange(numberOf(target.value)))}
        autoComplete="off"
        className="tabular-nums"
      />
    </Field>
  );
}

/** Digits, with the separators that people write between them. */
function numberOf(text: string): number {
  const digits = text.replaceAll(/[\s,._']/g, '');
  return /^\d+$/.test(digits) ? Number(digits) : Number.NaN;
}
