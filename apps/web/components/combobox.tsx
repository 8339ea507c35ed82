'use client';

import { Combobox as BaseCombobox } from '@base-ui/react/combobox';
import { Check, ChevronsUpDown, X } from 'lucide-react';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { classNames } from '@/lib/class-names';
import { choiceClass, controlClass, popupClass } from './control-class';
import { useField } from './field';
import type { Choice } from './select';

interface ComboboxProps<Value extends string> {
  choices: readonly Choice<Value>[];
  value: Value | null;
  onChange: (value: Value | null) => void;
  /** Called with what is being written, where the choices come from the server; absent: the choices are filtered here. */
  onSearch?: (text: string) => void;
  placeholder?: string;
  label?: string;
  disabled?: boolean;
  className?: string;
}

/** One of many choices, found by writing a part of it: a model, a user. */
export function Combobox<Value extends string>(props: ComboboxProps<Value>) {
  const { choices, value, onChange, onSearch, placeholder, label, disabled = false, className } = props;
  const t = useTranslations('action');
  const field = useField();
  const chosen = useChosen(choices, value);
  return (
    <BaseCombobox.Root
      items={choices}
      value={chosen}
      onValueChange={(choice) => onChange(choice?.value ?? null)}
      isItemEqualToValue={(one, other) => one.value === other.value}
      disabled={disabled}
      {...(onSearch && { filter: null, onInputValueChange: onSearch })}
    >
      <BaseCombobox.InputGroup className={classNames('relative', className)}>
        <BaseCombobox.Input
          {...field}
          aria-label={label}
          placeholder={placeholder}
          className={classNames(controlClass, 'pe-14')}
        />
        <div className="absolute end-1 top-1/2 flex -translate-y-1/2 items-center text-faint">
          <BaseCombobox.Clear
            aria-label={t('clear')}
            className="grid size-6 cursor-pointer place-items-center hover:text-ink"
          >
            <X className="size-3.5" />
          </BaseCombobox.Clear>
          <BaseCombobox.Trigger
            aria-label={t('open')}
            className="grid size-6 cursor-pointer place-items-center hover:text-ink"
          >
            <ChevronsUpDown className="size-3.5" />
          </BaseCombobox.Trigger>
        </div>
      </BaseCombobox.InputGroup>
      <BaseCombobox.Portal>
        <BaseCombobox.Positioner sideOffset={4} className="z-50 outline-none">
          <BaseCombobox.Popup className={classNames(popupClass, 'w-(--anchor-width) min-w-48')}>
            <BaseCombobox.Empty className="px-2 py-2 text-muted empty:hidden">{t('noMatch')}</BaseCombobox.Empty>
            <BaseCombobox.List className="max-h-[min(20rem,var(--available-height))] overflow-y-auto outline-none">
              {(choice: Choice<Value>) => (
                <BaseCombobox.Item key={choice.value} value={choice} className={choiceClass}>
                  <span className="min-w-0 flex-1 truncate">
                    {choice.label}
                    {choice.hint !== undefined && <span className="block text-xs text-muted">{choice.hint}</span>}
                  </span>
                  <BaseCombobox.ItemIndicator className="text-accent">
                    <Check aria-hidden />
                  </BaseCombobox.ItemIndicator>
                </BaseCombobox.Item>
              )}
            </BaseCombobox.List>
          </BaseCombobox.Popup>
        </BaseCombobox.Positioner>
      </BaseCombobox.Portal>
    </BaseCombobox.Root>
  );
}

/** The same object for as long as it says the same: what is being written goes back to the choice whenever that is another. */
function useChosen<Value extends string>(choices: readonly Choice<Value>[], value: Value | null): Choice<Value> | null {
  const found = choices.find((choice) => choice.value === value);
  const [chosen, setChosen] = useState(found ?? null);
  if (found?.value === chosen?.value && found?.label === chosen?.label && found?.hint === chosen?.hint) return chosen;
  setChosen(found ?? null);
  return found ?? null;
}
