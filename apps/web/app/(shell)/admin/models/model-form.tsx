'use client';

import { zodResolver } from '@hookform/resolvers/zod';
import { useEffect, useState } from 'react';
import { useForm } from 'react-hook-form';
import { useTranslations } from 'use-intl';
import { CreateModel, type Model } from '@maas/contracts/models';
import { api } from '@/lib/api';
import { formError } from '@/lib/form-error';
import { notify } from '@/lib/notify';
import { ConflictError } from '../conflict-error';
import { ModelFields } from './model-fields';
import { modelPath } from './model-query';
import { changesOf, type ModelValues, valuesOf } from './model-values';

interface ModelFormProps {
  id: string;
  model: Model | null;
  onPending: (pending: boolean) => void;
  onSaved: (model: Model) => void;
}

/** The fields of a model, without its backends. */
export function ModelForm({ id, model, onPending, onSaved }: ModelFormProps) {
  const t = useTranslations('adminModels.form');
  const [read, setRead] = useState(model);
  const [failure, setFailure] = useState<unknown>();
  const form = useForm<ModelValues>({
    resolver: zodResolver(CreateModel.omit({ backends: true })) as never,
    defaultValues: valuesOf(model),
  });
  const { isSubmitting } = form.formState;
  useEffect(() => onPending(isSubmitting), [isSubmitting, onPending]);
  const save = (values: ModelValues) => {
    if (!read) return api.post<Model>('/admin/models', { body: values });
    const body = { ...changesOf(values, read), version: read.version };
    return api.patch<Model>(modelPath(read.id), { body });
  };
  const onSubmit = form.handleSubmit(async (values) => {
    setFailure(undefined);
    try {
      const saved = await save(values);
      void notify(t(read ? 'saved' : 'created', { name: saved.name }));
      onSaved(saved);
    } catch (error) {
      setFailure(formError(form, error));
    }
  });
  const reload = async () => {
    const fresh = await api.get<Model>(modelPath(read?.id ?? ''));
    form.reset(valuesOf(fresh), { keepDirtyValues: true });
    setRead(fresh);
    setFailure(undefined);
  };
  return (
    <form id={id} noValidate onSubmit={(event) => void onSubmit(event)} className="flex flex-col gap-5">
      {failure !== undefined && <ConflictError error={failure} onReload={reload} />}
      <ModelFields form={form} isNew={read === null} />
    </form>
  );
}
