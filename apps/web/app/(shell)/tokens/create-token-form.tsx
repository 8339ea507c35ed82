'use client';

import { zodResolver } from '@hookform/resolvers/zod';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';
import { useForm, useWatch } from 'react-hook-form';
import { useTranslations } from 'use-intl';
import { CreateToken, type CreatedToken, type TokenConfig } from '@maas/contracts/tokens';
import { ErrorState } from '@/components/error-state';
import { Field } from '@/components/field';
import { InlineError } from '@/components/inline-error';
import { Input } from '@/components/input';
import { Skeleton } from '@/components/skeleton';
import { api } from '@/lib/api';
import { useSpan } from '@/lib/span';
import { formError } from '@/lib/form-error';
import { tokenConfigQuery } from '@/lib/token-config';
import { ExpirationField } from './expiration-field';

interface CreateTokenFormProps {
  id: string;
  onPending: (pending: boolean) => void;
  onCreated: (created: CreatedToken) => void;
}

/** Asks what the server allows, then for a name and a lifetime. */
export function CreateTokenForm(props: CreateTokenFormProps) {
  const { data, error, refetch } = useQuery(tokenConfigQuery);
  if (data) return <Form {...props} config={data} />;
  if (error) return <ErrorState error={error} retry={() => void refetch()} />;
  return (
    <div className="flex flex-col gap-4">
      <Skeleton className="h-15" />
      <Skeleton className="h-15" />
      <Skeleton className="h-15" />
    </div>
  );
}

function Form({ id, config, onPending, onCreated }: CreateTokenFormProps & { config: TokenConfig }) {
  const t = useTranslations('tokens.createDialog');
  const schema = useBoundedSchema(config.longestSeconds);
  const [failure, setFailure] = useState<unknown>();
  const form = useForm({
    resolver: zodResolver(schema),
    defaultValues: { name: '', description: '', expiration: initialExpiration(config) },
  });
  const { errors, isSubmitting } = form.formState;
  const expiration = useWatch({ control: form.control, name: 'expiration' });
  useEffect(() => onPending(isSubmitting), [isSubmitting, onPending]);
  const onSubmit = form.handleSubmit(async (body) => {
    setFailure(undefined);
    try {
      onCreated(await api.post<CreatedToken>('/tokens', { body }));
    } catch (error) {
      setFailure(formError(form, error));
    }
  });
  return (
    <form id={id} noValidate onSubmit={(event) => void onSubmit(event)} className="flex flex-col gap-4">
      {failure !== undefined && <InlineError error={failure} />}
      <Field label={t('name')} aside={t('optional')} hint={t('nameHint')} error={errors.name?.message}>
        <Input
          // The dialog was opened to write it.
          // oxlint-disable-next-line jsx-a11y/no-autofocus
          autoFocus
          {...form.register('name')}
          placeholder={t('namePlaceholder')}
          autoComplete="off"
          maxLength={100}
        />
      </Field>
      <ExpirationField
        config={config}
        value={expiration as string}
        onChange={(value) => form.setValue('expiration', value, { shouldValidate: errors.expiration !== undefined })}
        error={errors.expiration?.message}
      />
      {config.issuer === 'serviceaccount' && <p className="text-sm text-muted">{t('ofCluster')}</p>}
      <Field label={t('description')} aside={t('optional')} error={errors.description?.message}>
        <Input {...form.register('description')} autoComplete="off" />
      </Field>
    </form>
  );
}

/** The contract's own rule, and the longest lifetime that this server grants. An empty text is no name. */
function useBoundedSchema(longestSeconds: number) {
  const t = useTranslations('tokens.createDialog');
  const span = useSpan();
  return useMemo(() => {
    const tooLong = t('tooLong', { longest: span(longestSeconds) });
    return CreateToken.refine(({ expiration = 0 }) => expiration <= longestSeconds, {
      path: ['expiration'],
      error: tooLong,
    }).transform(({ name, description, expiration }) => ({
      expiration,
      name: name || null,
      description: description || null,
    }));
  }, [t, span, longestSeconds]);
}

/** The preset that is nearest to what the server grants by itself. */
function initialExpiration({ presets, defaultSeconds }: TokenConfig): string {
  const distance = (seconds: number) => Math.abs(seconds - defaultSeconds);
  const [nearest] = presets.toSorted((one, other) => distance(one.seconds) - distance(other.seconds));
  return nearest?.expiration ?? `${defaultSeconds}s`;
}
