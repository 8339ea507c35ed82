'use client';

import { zodResolver } from '@hookform/resolvers/zod';
import { useEffect, useState } from 'react';
import { useForm, useWatch } from 'react-hook-form';
import { useTranslations } from 'use-intl';
import { type Backend, CreateBackend, type Model } from '@maas/contracts/models';
import { Checkbox } from '@/components/checkbox';
import { Field } from '@/components/field';
import { InlineError } from '@/components/inline-error';
import { Input } from '@/components/input';
import { api } from '@/lib/api';
import { formError } from '@/lib/form-error';
import { notify } from '@/lib/notify';
import { CredentialField } from './credential-field';
import { ConnectionTest } from './connection-test';
import { modelPath } from './model-query';

interface BackendFormProps {
  id: string;
  model: Model;
  backend: Backend | null;
  onPending: (pending: boolean) => void;
  onSaved: () => void;
}

type BackendValues = CreateBackend;

/** The fields of a backend, and a way to try them before they are saved. */
export function BackendForm({ id, model, backend, onPending, onSaved }: BackendFormProps) {
  const t = useTranslations('adminModels.backendForm');
  const [failure, setFailure] = useState<unknown>();
  const form = useForm<BackendValues>({
    resolver: zodResolver(CreateBackend) as never,
    defaultValues: valuesOf(backend),
  });
  const { errors, isSubmitting } = form.formState;
  const values = useWatch({ control: form.control }) as BackendValues;
  useEffect(() => onPending(isSubmitting), [isSubmitting, onPending]);
  const path = `${modelPath(model.id)}/backends`;
  const onSubmit = form.handleSubmit(async (body) => {
    setFailure(undefined);
    try {
      await (backend ? api.patch<Backend>(`${path}/${backend.id}`, { body }) : api.post<Backend>(path, { body }));
      void notify(t(backend ? 'saved' : 'added'));
      onSaved();
    } catch (error) {
      setFailure(formError(form, error));
    }
  });
  const weight = { setValueAs: (text: unknown) => (text === '' ? Number.NaN : Number(text)) };
  return (
    <form id={id} noValidate onSubmit={(event) => void onSubmit(event)} className="flex flex-col gap-5">
      {failure !== undefined && <InlineError error={failure} />}
      <Field label={t('url')} hint={t('urlHint')} error={errors.url?.message}>
        <Input
          {...form.register('url')}
          inputMode="url"
          autoComplete="off"
          spellCheck={false}
          mono
          placeholder="http://vllm.models.svc:8000/v1"
        />
      </Field>
      <CredentialField
        isSet={backend?.hasCredential ?? false}
        value={values.credential}
        onChange={(credential) => form.setValue('credential', credential, { shouldDirty: true })}
        error={errors.credential?.message}
      />
      <div className="grid gap-5 sm:grid-cols-[1fr_7rem]">
        <Field
          label={t('upstreamModel')}
          aside={t('optional')}
          hint={t('upstreamModelHint', { id: model.id })}
          error={errors.upstreamModel?.message}
        >
          <Input
            {...form.register('upstreamModel', { setValueAs: (text: unknown) => (text === '' ? null : text) })}
            autoComplete="off"
            spellCheck={false}
            mono
          />
        </Field>
        <Field label={t('weight')} error={errors.weight && t('weightError')} hint={t('weightHint')}>
          <Input {...form.register('weight', weight)} type="number" min={0} max={1000} step={1} />
        </Field>
      </div>
      <Checkbox checked={values.enabled} onChange={(enabled) => form.setValue('enabled', enabled)}>
        {t('enabled')}
      </Checkbox>
      <ConnectionTest
        model={model}
        backend={backend}
        values={values}
        valid={() => form.trigger(['url', 'credential'])}
      />
    </form>
  );
}

/** Without a credential: nobody is ever shown one, and one that is not named stays as it is. */
function valuesOf(backend: Backend | null): BackendValues {
  if (backend === null) return { url: '', upstreamModel: null, weight: 1, enabled: true };
  const { url, upstreamModel, weight, enabled } = backend;
  return { url, upstreamModel, weight, enabled };
}
