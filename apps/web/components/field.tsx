'use client';

import { createContext, type ReactNode, use, useId, useMemo } from 'react';
import { classNames } from '@/lib/class-names';

interface FieldProps {
  label: ReactNode;
  /** What belongs in, before anything is wrong. */
  hint?: ReactNode;
  /** What is wrong and what is accepted; announced when it appears. */
  error?: string | undefined;
  /** Beside the label, such as "Optional". */
  aside?: ReactNode;
  /** One control: `Input`, `TextArea`, `Select`, `Combobox`, `Switch`, `PasswordInput`. The field names and describes it. */
  children: ReactNode;
  className?: string;
}

interface FieldAttributes {
  id?: string;
  'aria-describedby'?: string;
  'aria-invalid'?: true;
}

const FieldContext = createContext<FieldAttributes>({});

/** A control with its label, hint and error. */
export function Field({ label, hint, error, aside, children, className }: FieldProps) {
  const id = useId();
  const described = hint !== undefined || error !== undefined;
  const invalid = error !== undefined;
  const attributes = useMemo(
    () => ({
      id,
      ...(described && { 'aria-describedby': `${id}-description` }),
      ...(invalid && { 'aria-invalid': true as const }),
    }),
    [id, described, invalid],
  );
  return (
    <div className={classNames('flex flex-col gap-1.5', className)}>
      <div className="flex items-baseline justify-between gap-3">
        <label id={`${id}-label`} htmlFor={id} className="text-sm font-medium text-ink">
          {label}
        </label>
        {aside !== undefined && <span className="text-xs text-faint">{aside}</span>}
      </div>
      <FieldContext value={attributes}>{children}</FieldContext>
      {described && (
        <div id={`${id}-description`} className="text-xs">
          {invalid ? <FieldError>{error}</FieldError> : <p className="text-muted">{hint}</p>}
        </div>
      )}
    </div>
  );
}

/** What is wrong with what was entered; announced when it appears. */
export function FieldError({ children }: { children: ReactNode }) {
  return (
    <p role="alert" className="text-xs text-danger">
      {children}
    </p>
  );
}

/** What a control takes from the field around it: its id, what describes it, whether it is wrong. */
export function useField(): FieldAttributes {
  return use(FieldContext);
}

/** The same for a control that is no form element of the browser, which a `label` does not name. */
export function useLabelledField(): FieldAttributes & { 'aria-labelledby'?: string } {
  const attributes = useField();
  return attributes.id === undefined ? {} : { ...attributes, 'aria-labelledby': `${attributes.id}-label` };
}
