'use client';

import { ChevronsUpDown } from 'lucide-react';
import { classNames } from '@/lib/class-names';
import { controlClass } from './control-class';
import { useField } from './field';

export interface Choice<Value extends string> {
  value: Value;
  label: string;
  /** A second line that helps to choose; in a `Combobox`. */
  hint?: string;
}

interface SelectProps<Value extends string> {
  choices: readonly Choice<Value>[];
  value: Value;
  onChange: (value: Value) => void;
  /** Its name, where there is no `Field` around it that gives one: in a row of filters. */
  label?: string;
  disabled?: boolean;
  className?: string;
}

/**
 * One of a few choices (up to some fifteen; above that, `Combobox`). The browser's own, so that a phone shows its own list;
 * drawn by our style sheet where the browser allows it (`appearance: base-select`).
 */
export function Select<Value extends string>(props: SelectProps<Value>) {
  const { choices, value, onChange, label, disabled = false, className } = props;
  return (
    <span className={classNames('relative block', className)}>
      <select
        {...useField()}
        aria-label={label}
        disabled={disabled}
        value={value}
        onChange={(event) => onChange(event.target.value as Value)}
        className={classNames(controlClass, 'select cursor-pointer truncate pe-8')}
      >
        {choices.map((choice) => (
          <option key={choice.value} value={choice.value}>
            {choice.label}
          </option>
        ))}
      </select>
      <ChevronsUpDown
        aria-hidden
        className="pointer-events-none absolute end-2.5 top-1/2 size-3.5 -translate-y-1/2 text-faint"
      />
    </span>
  );
}
