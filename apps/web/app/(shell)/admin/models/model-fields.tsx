'use client';

import { useQuery } from '@tanstack/react-query';
import { type UseFormReturn, useWatch } from 'react-hook-form';
import { useTranslations } from 'use-intl';
import { Checkbox } from '@/components/checkbox';
import { ChipsInput } from '@/components/chips-input';
import { Field, FieldError } from '@/components/field';
import { Input } from '@/components/input';
import { Select } from '@/components/select';
import { TextArea } from '@/components/text-area';
import { messageOfList } from '@/lib/list-message';
import { tiersQuery } from '@/lib/tiers';
import type { ModelValues } from './model-values';

const affinities = ['none', 'conversation'] as const;
const emptyAsNull = { setValueAs: (text: unknown) => (text === '' ? null : text) };
const numberOrNull = { setValueAs: (text: unknown) => (text === '' || text === null ? null : Number(text)) };

export function ModelFields({ form, isNew }: { form: UseFormReturn<ModelValues>; isNew: boolean }) {
  const t = useTranslations('adminModels.form');
  const { errors } = form.formState;
  const values = useWatch({ control: form.control }) as ModelValues;
  const set = <Name extends keyof ModelValues>(name: Name, value: ModelValues[Name]) =>
    form.setValue(name, value as never, { shouldDirty: true, shouldValidate: errors[name] !== undefined });
  return (
    <>
      {isNew && (
        <Field label={t('id')} hint={t('idHint')} error={errors.id?.message}>
          <Input {...form.register('id')} autoComplete="off" spellCheck={false} mono placeholder="llama-4-70b" />
        </Field>
      )}
      <Field label={t('name')} error={errors.name && t('nameError')}>
        <Input {...form.register('name')} autoComplete="off" maxLength={200} />
      </Field>
      <Field label={t('description')} aside={t('optional')} error={errors.description?.message}>
        <TextArea {...form.register('description', emptyAsNull)} maxLength={2000} />
      </Field>
      <TierChoice chosen={values.tiers} onChange={(tiers) => set('tiers', tiers)} error={messageOfList(errors.tiers)} />
      <div className="grid gap-5 sm:grid-cols-2">
        <Field
          label={t('contextWindow')}
          aside={t('optional')}
          hint={t('contextWindowHint')}
          error={errors.contextWindow && t('tokensError')}
        >
          <Input {...form.register('contextWindow', numberOrNull)} type="number" min={1} step={1} />
        </Field>
        <Field
          label={t('maxOutputTokens')}
          aside={t('optional')}
          hint={t('maxOutputTokensHint')}
          error={errors.maxOutputTokens && t('tokensError')}
        >
          <Input {...form.register('maxOutputTokens', numberOrNull)} type="number" min={1} step={1} />
        </Field>
      </div>
      <div className="grid gap-5 sm:grid-cols-2">
        <Field label={t('capabilities')} hint={t('capabilitiesHint')} error={messageOfList(errors.capabilities)}>
          <ChipsInput values={values.capabilities} onChange={(capabilities) => set('capabilities', capabilities)} />
        </Field>
        <Field label={t('ownedBy')} hint={t('ownedByHint')} error={errors.ownedBy && t('ownedByError')}>
          <Input {...form.register('ownedBy')} autoComplete="off" maxLength={100} />
        </Field>
      </div>
      <Field label={t('sessionAffinity')} hint={t('sessionAffinityHint')}>
        <Select
          value={values.sessionAffinity}
          onChange={(affinity) => set('sessionAffinity', affinity)}
          choices={affinities.map((value) => ({ value, label: t(`sessionAffinityChoice.${value}`) }))}
        />
      </Field>
      <Checkbox checked={values.enabled} onChange={(enabled) => set('enabled', enabled)}>
        {t('enabled')}
      </Checkbox>
    </>
  );
}

interface TierChoiceProps {
  chosen: readonly string[];
  onChange: (tiers: string[]) => void;
  error: string | undefined;
}

function TierChoice({ chosen, onChange, error }: TierChoiceProps) {
  const t = useTranslations('adminModels.form');
  const { data } = useQuery(tiersQuery);
  // One that was deleted meanwhile can be taken away.
  const gone = data ? chosen.filter((name) => !data.some((tier) => tier.name === name)) : [];
  const choices = [...(data ?? []), ...gone.map((name) => ({ name, displayName: name }))];
  return (
    <fieldset>
      <legend className="mb-1.5 text-sm font-medium">{t('tiers')}</legend>
      <div className="flex flex-wrap gap-x-5 gap-y-1.5">
        {choices.map(({ name, displayName }) => (
          <Checkbox
            key={name}
            checked={chosen.includes(name)}
            onChange={(on) => onChange(on ? [...chosen, name].sort() : chosen.filter((one) => one !== name))}
          >
            {displayName}
          </Checkbox>
        ))}
      </div>
      {error !== undefined && (
        <div className="mt-1.5">
          <FieldError>{error}</FieldError>
        </div>
      )}
      {chosen.length === 0 && <p className="mt-1.5 text-xs text-warning">{t('noTiers')}</p>}
    </fieldset>
  );
}
