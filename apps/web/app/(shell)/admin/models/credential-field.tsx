'use client';

import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { Button } from '@/components/button';
import { Field, FieldError } from '@/components/field';
import { PasswordInput } from '@/components/password-input';

interface CredentialFieldProps {
  /** The backend has one already. What it is, nobody is told. */
  isSet: boolean;
  /** undefined: as it is; null: none from now on. */
  value: string | null | undefined;
  onChange: (value: string | null | undefined) => void;
  error: string | undefined;
}

/** What a backend is called with. It can be set, replaced and removed, never read. */
export function CredentialField({ isSet, value, onChange, error }: CredentialFieldProps) {
  const t = useTranslations('adminModels.credential');
  const [replacing, setReplacing] = useState(false);
  const keep = () => (setReplacing(false), onChange(undefined));
  if (isSet && !replacing) {
    const removed = value === null;
    return (
      <div className="flex flex-col gap-1.5">
        <span className="text-sm font-medium">{t('label')}</span>
        <div className="flex min-h-10 flex-wrap items-center gap-2 rounded-md border border-line bg-sunken px-3 py-1.5 text-sm">
          <span className="flex-1 text-muted">{t(removed ? 'willBeRemoved' : 'isSet')}</span>
          {removed ? (
            <Button size="sm" onClick={keep}>
              {t('keep')}
            </Button>
          ) : (
            <>
              <Button size="sm" onClick={() => setReplacing(true)}>
                {t('replace')}
              </Button>
              <Button size="sm" variant="ghost" onClick={() => onChange(null)}>
                {t('remove')}
              </Button>
            </>
          )}
        </div>
        {error !== undefined && <FieldError>{error}</FieldError>}
      </div>
    );
  }
  return (
    <Field
      label={t('label')}
      aside={
        isSet ? (
          <button type="button" onClick={keep} className="cursor-pointer text-accent hover:underline">
            {t('keepOld')}
          </button>
        ) : (
          t('optional')
        )
      }
      hint={t('hint')}
      error={error}
    >
      <PasswordInput
        value={value ?? ''}
        onChange={({ target }) => onChange(target.value === '' ? undefined : target.value)}
        autoComplete="off"
        spellCheck={false}
      />
    </Field>
  );
}
