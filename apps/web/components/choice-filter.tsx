'use client';

import { type Choice, Select } from './select';

interface ChoiceFilterProps<Value extends string> {
  label: string;
  /** What the choice is called that narrows nothing down. */
  any: string;
  choices: readonly Choice<Value>[];
  /** null: any. */
  value: Value | null;
  onChange: (value: Value | null) => void;
  className?: string;
}

const ANY = '';

/** Narrows a list down to one of a few values. One out of a link that is not among them is shown as it is. */
export function ChoiceFilter<Value extends string>(props: ChoiceFilterProps<Value>) {
  const { label, any, choices, value, onChange, className } = props;
  const unknown = value !== null && !choices.some((choice) => choice.value === value);
  const all = unknown ? [...choices, { value, label: value }] : choices;
  return (
    <Select
      label={label}
      value={value === null ? ANY : marked(value)}
      onChange={(chosen) => onChange(chosen === ANY ? null : (chosen.slice(1) as Value))}
      choices={[{ value: ANY, label: any }, ...all.map((choice) => ({ ...choice, value: marked(choice.value) }))]}
      {...(className !== undefined && { className })}
    />
  );
}

/** So that no value, not even the empty one, is taken for “any”. */
function marked(value: string): string {
  return `=${value}`;
}
