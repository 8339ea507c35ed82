'use client';

import { Switch as BaseSwitch } from '@base-ui/react/switch';
import { useLabelledField } from './field';

interface SwitchProps {
  checked: boolean;
  onChange: (checked: boolean) => void;
  /** Its name, where there is no `Field` around it that gives one. */
  label?: string;
  disabled?: boolean;
}

/** A setting that is on or off and acts at once. What waits for a button is a `Checkbox`. */
export function Switch({ checked, onChange, label, disabled = false }: SwitchProps) {
  return (
    <BaseSwitch.Root
      {...useLabelledField()}
      aria-label={label}
      checked={checked}
      onCheckedChange={onChange}
      disabled={disabled}
      className="flex h-6 w-10 shrink-0 cursor-pointer items-center rounded-full bg-control p-0.5 transition-colors duration-150 data-checked:bg-accent data-disabled:cursor-default data-disabled:opacity-50"
    >
      <BaseSwitch.Thumb className="size-5 rounded-full bg-surface shadow-card transition-transform duration-150 ease-out data-checked:translate-x-4 dark:bg-ink dark:data-checked:bg-on-accent rtl:data-checked:-translate-x-4" />
    </BaseSwitch.Root>
  );
}
