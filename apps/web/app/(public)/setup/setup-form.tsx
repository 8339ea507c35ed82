'use client';

import { zodResolver } from '@hookform/resolvers/zod';
import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { useTranslations } from 'use-intl';
import { Setup } from '@maas/contracts/auth';
import { Button } from '@/components/button';
import { Field } from '@/components/field';
import { InlineError } from '@/components/inline-error';
import { Input } from '@/components/input';
import { PasswordInput } from '@/components/password-input';
import { api } from '@/lib/api';
import { formError } from '@/lib/form-error';

export default function SetupForm({ secret }: { secret: string }) {
  const t = useTranslations('setup');
  const form = useForm({ resolver: zodResolver(Setup), defaultValues: { secret, username: '', password: '' } });
  const { errors, isSubmitting } = form.formState;
  const [failure, setFailure] = useState<unknown>();
  const onSubmit = form.handleSubmit(async (body) => {
    setFailure(undefined);
    try {
      await api.post('/setup', { body, anonymous: true });
    } catch (error) {
      setFailure(formError(form, error));
      return;
    }
    // The answer came with a session. The link, which is used up, does not stay in the history.
    location.replace('/');
    await new Promise(() => {});
  });
  return (
    <form
      method="post"
      noValidate
      onSubmit={(event) => void onSubmit(event)}
      className="flex w-full max-w-sm flex-col gap-4 rounded-xl border border-line bg-surface p-5 shadow-card sm:p-6"
    >
      {failure !== undefined && <InlineError error={failure} />}
      <Field label={t('username')} hint={t('usernameHint')} error={errors.username?.message}>
        <Input {...form.register('username')} autoComplete="username" autoCapitalize="none" spellCheck={false} />
      </Field>
      <Field label={t('password')} hint={t('passwordHint')} error={errors.password?.message}>
        <PasswordInput {...form.register('password')} autoComplete="new-password" />
      </Field>
      <Button type="submit" variant="primary" size="lg" pending={isSubmitting}>
        {t('submit')}
      </Button>
    </form>
  );
}
