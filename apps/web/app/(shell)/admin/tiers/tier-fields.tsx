'use client';

import { useController, type UseFormReturn, useWatch } from 'react-hook-form';
import { useTranslations } from 'use-intl';
import { ChipsInput } from '@/components/chips-input';
import { Field } from '@/components/field';
import { Input } from '@/components/input';
import { Select } from '@/components/select';
import { TextArea } from '@/components/text-area';
import { messageOfList } from '@/lib/list-message';
import { LimitField } from './limit-field';
import type { TierValues } from './tier-values';

const limits = ['requestsPerMinute', 'tokensPerMinute', 'maxTokensPerRequest', 'maxConcurrentRequests'] as const;
const policies = ['installation', 'strict', 'share', 'open'] as const;
const usagePolicies = ['installation', 'memory', 'refuse'] as const;

interface TierFieldsProps {
  form: UseFormReturn<TierValues>;
  isNew: boolean;
  /** Who has it is kept here; otherwise a ConfigMap says so, and only the limits are kept here. */
  isOurs: boolean;
}

export function TierFields({ form, isNew, isOurs }: TierFieldsProps) {
  const t = useTranslations('adminTiers.form');
  const { errors } = form.formState;
  const values = useWatch({ control: form.control }) as TierValues;
  const set = <Name extends keyof TierValues>(name: Name, value: TierValues[Name]) =>
    form.setValue(name, value as never, { shouldDirty: true, shouldValidate: errors[name] !== undefined });
  return (
    <>
      <fieldset disabled={!isOurs} className="contents">
        <div className="grid gap-5 sm:grid-cols-2">
          <Field label={t('displayName')} error={errors.displayName && t('displayNameError')}>
            <Input {...form.register('displayName')} autoComplete="off" maxLength={100} />
          </Field>
          {isNew ? (
            <Field label={t('name')} hint={t('nameHint')} error={errors.name?.message}>
              <Input {...form.register('name')} autoComplete="off" spellCheck={false} mono />
            </Field>
          ) : (
            <LevelField form={form} />
          )}
        </div>
        {isNew && <LevelField form={form} />}
        <Field label={t('description')} error={errors.description?.message}>
          <TextArea {...form.register('description')} maxLength={1000} rows={2} />
        </Field>
        <Field label={t('groups')} hint={t('groupsHint')} error={messageOfList(errors.groups)}>
          <ChipsInput
            mono
            values={values.groups}
            onChange={(groups) => set('groups', groups)}
            placeholder={t('groupsPlaceholder')}
          />
        </Field>
      </fieldset>
      <fieldset className="rounded-lg border border-line p-4">
        <legend className="px-1 text-sm font-medium">{t('limits')}</legend>
        <div className="grid gap-5 sm:grid-cols-2">
          {limits.map((name) => (
            <Limit key={name} name={name} form={form} />
          ))}
        </div>
        <div className="mt-5 grid gap-5">
          <Field label={t('whenUnavailable')} hint={t('whenUnavailableHint')}>
            <Select
              value={values.limitsWhenUnavailable ?? 'installation'}
              onChange={(policy) => set('limitsWhenUnavailable', policy === 'installation' ? null : policy)}
              choices={policies.map((value) => ({ value, label: t(`whenUnavailableChoice.${value}`) }))}
            />
          </Field>
          <Field label={t('whenUnwritable')} hint={t('whenUnwritableHint')}>
            <Select
              value={values.usageWhenUnwritable ?? 'installation'}
              onChange={(policy) => set('usageWhenUnwritable', policy === 'installation' ? null : policy)}
              choices={usagePolicies.map((value) => ({ value, label: t(`whenUnwritableChoice.${value}`) }))}
            />
          </Field>
        </div>
      </fieldset>
      <Field label={t('features')} hint={t('featuresHint')} error={messageOfList(errors.features)}>
        <ChipsInput values={values.features} onChange={(features) => set('features', features)} />
      </Field>
    </>
  );
}

function Limit({ name, form }: { name: (typeof limits)[number]; form: UseFormReturn<TierValues> }) {
  const t = useTranslations('adminTiers.form');
  const { field, fieldState } = useController({ control: form.control, name });
  return (
    <LimitField
      label={t(name)}
      hint={t(`${name}Hint`)}
      value={field.value}
      onChange={field.onChange}
      error={fieldState.error && t('limitError')}
      inputRef={field.ref}
    />
  );
}

function LevelField({ form }: { form: UseFormReturn<TierValues> }) {
  const t = useTranslations('adminTiers.form');
  const error = form.formState.errors.level;
  return (
    <Field label={t('level')} hint={t('levelHint')} error={error && t('levelError')}>
      <Input {...form.register('level', { valueAsNumber: true })} type="number" step={1} className="tabular-nums" />
    </Field>
  );
}
