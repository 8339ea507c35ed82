'use client';

import { Search, X } from 'lucide-react';
import { useTranslations } from 'use-intl';
import { useEffect, useRef, useState } from 'react';
import { classNames } from '@/lib/class-names';
import { useSingleKey } from '@/lib/shortcuts';
import { controlClass } from './control-class';

interface SearchInputProps {
  label: string;
  value: string;
  /** Called when the person has stopped writing for a moment. */
  onChange: (value: string) => void;
  className?: string;
}

/** The search of a list. `/` goes to it; what is written takes effect by itself. */
export function SearchInput({ label, value, onChange, className }: SearchInputProps) {
  const t = useTranslations('action');
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useDelayedValue(value, onChange);
  useSingleKey('/', () => input.current?.focus());
  return (
    <div className={classNames('relative', className)} role="search">
      <Search
        aria-hidden
        className="pointer-events-none absolute start-2.5 top-1/2 size-4 -translate-y-1/2 text-faint"
      />
      <input
        ref={input}
        type="text"
        aria-label={label}
        placeholder={label}
        value={text}
        autoComplete="off"
        spellCheck={false}
        maxLength={200}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => event.key === 'Escape' && text !== '' && (event.preventDefault(), setText(''))}
        className={classNames(controlClass, 'ps-8 pe-8')}
      />
      {text !== '' && (
        <button
          type="button"
          aria-label={t('clear')}
          onClick={() => (setText(''), input.current?.focus())}
          className="absolute end-1 top-1/2 grid size-6 -translate-y-1/2 cursor-pointer place-items-center rounded-sm text-faint hover:text-ink"
        >
          <X className="size-3.5" />
        </button>
      )}
    </div>
  );
}

const PAUSE_MILLISECONDS = 200;

/** A text that follows `value` from outside, and tells of its own changes after a pause. */
function useDelayedValue(value: string, onChange: (value: string) => void) {
  const [text, setText] = useState(value);
  const [seen, setSeen] = useState(value);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  if (seen !== value) {
    setSeen(value);
    if (value !== text.trim()) setText(value);
  }
  useEffect(() => () => clearTimeout(timer.current), []);
  const change = (next: string) => {
    setText(next);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => onChange(next.trim()), next === '' ? 0 : PAUSE_MILLISECONDS);
  };
  return [text, change] as const;
}
