'use client';

import { useId } from 'react';
import { classNames } from '@/lib/class-names';
import type { Choice } from './select';

interface SegmentedProps<Value extends string> {
  /** What is chosen, for a screen reader. */
  label: string;
  choices: readonly Choice<Value>[];
  value: Value;
  onChange: (value: Value) => void;
}

/** One of a handful of choices that are all in sight. The browser's own radio buttons, so that the arrow keys work. */
export function Segmented<Value extends string>({ label, choices, value, onChange }: SegmentedProps<Value>) {
  const name = useId();
  return (
    <div
      role="radiogroup"
      aria-label={label}
      className="inline-flex h-8 max-w-full items-stretch gap-px overflow-x-auto rounded-md border border-line bg-sunken p-0.5 max-sm:h-10"
    >
      {choices.map((choice) => (
        <label
          key={choice.value}
          className={classNames(
            'relative inline-flex cursor-pointer items-center rounded-[0.25rem] px-2.5 text-sm font-medium whitespace-nowrap transition-colors duration-100',
            'has-focus-visible:outline-2 has-focus-visible:-outline-offset-1 has-focus-visible:outline-accent',
            choice.value === value ? 'bg-surface text-ink shadow-card dark:bg-selected' : 'text-muted hover:text-ink',
          )}
        >
          <input
            type="radio"
            name={name}
            value={choice.value}
            checked={choice.value === value}
            onChange={() => onChange(choice.value)}
            className="absolute inset-0 cursor-pointer appearance-none outline-none"
          />
          {choice.label}
        </label>
      ))}
    </div>
  );
}
