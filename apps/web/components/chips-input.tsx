'use client';

import { X } from 'lucide-react';
import { type ClipboardEvent, type KeyboardEvent, useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import { classNames } from '@/lib/class-names';
import { controlClass } from './control-class';
import { useField } from './field';

interface ChipsInputProps {
  values: readonly string[];
  onChange: (values: string[]) => void;
  placeholder?: string;
  label?: string;
  mono?: boolean;
}

/**
 * Several short texts: groups, features. Enter, a comma or leaving the field adds one, a list with a line for each can be
 * pasted; Backspace takes the last one back.
 */
export function ChipsInput({ values, onChange, placeholder, label, mono = false }: ChipsInputProps) {
  const t = useTranslations('chips');
  const field = useField();
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState('');
  const add = (written: string) => {
    const added = written.split(/[,\n]/).map((part) => part.trim()).filter(Boolean); // prettier-ignore
    setText('');
    if (added.length > 0) onChange([...new Set([...values, ...added])]);
  };
  const remove = (value: string) => {
    onChange(values.filter((one) => one !== value));
    input.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && text.trim() !== '') {
      event.preventDefault();
      add(text);
    }
    const last = values.at(-1);
    if (event.key === 'Backspace' && text === '' && last !== undefined) remove(last);
  };
  // A field of one line makes a space of the end of a line: a list that was copied would be one text.
  const onPaste = (event: ClipboardEvent<HTMLInputElement>) => {
    const pasted = event.clipboardData.getData('text');
    if (!pasted.includes('\n')) return;
    event.preventDefault();
    const { selectionStart, selectionEnd } = event.currentTarget;
    add(text.slice(0, selectionStart ?? text.length) + pasted + text.slice(selectionEnd ?? text.length));
  };
  return (
    <div
      className={classNames(
        controlClass,
        'flex h-auto! min-h-8 flex-wrap items-center gap-1 px-1! py-1 focus-within:border-accent focus-within:outline-1 focus-within:-outline-offset-2 focus-within:outline-accent',
        field['aria-invalid'] && 'border-danger',
      )}
    >
      {values.map((value) => (
        <span
          key={value}
          className={classNames(
            'inline-flex h-6 max-w-full items-center rounded-sm bg-selected ps-2 text-xs',
            mono && 'font-mono',
          )}
        >
          <span className="truncate">{value}</span>
          <button
            type="button"
            aria-label={t('remove', { value })}
            onClick={() => remove(value)}
            className="grid size-6 shrink-0 cursor-pointer place-items-center text-faint hover:text-ink"
          >
            <X aria-hidden className="size-3" />
          </button>
        </span>
      ))}
      <input
        ref={input}
        {...field}
        aria-label={label}
        value={text}
        onChange={({ target }) => (target.value.includes(',') ? add(target.value) : setText(target.value))}
        onKeyDown={onKeyDown}
        onPaste={onPaste}
        onBlur={() => add(text)}
        placeholder={values.length === 0 ? placeholder : undefined}
        autoComplete="off"
        spellCheck={false}
        className={classNames(
          'h-6 min-w-24 flex-1 bg-transparent px-1.5 outline-none placeholder:text-faint',
          mono && 'font-mono',
        )}
      />
    </div>
  );
}
