'use client';

import { zodResolver } from '@hookform/resolvers/zod';
import { useQueryClient } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { useForm } from 'react-hook-form';
import { useTranslations } from 'use-intl';
import { ChangePassword } from '@maas/contracts/auth';
import { Button } from '@/components/button';
import { Dialog } from '@/components/dialog';
import { Field } from '@/components/field';
import { InlineError } from '@/components/inline-error';
import { PasswordInput } from '@/components/password-input';
import { api } from '@/lib/api';
import { formError } from '@/lib/form-error';
import { notify } from '@/lib/notify';

const empty: ChangePassword = { currentPassword: '', newPassword: '' };

/** Changes one's own password. What was typed is gone when the dialog is. */
export default function PasswordDialog(props: { open: boolean; onOpenChange: (open: boolean) => void }) {
  const t = useTranslations('settings.password');
  const action = useTranslations('action');
  const id = useId();
  const queryClient = useQueryClient();
  const [failure, setFailure] = useState<unknown>();
  const form = useForm({ resolver: zodResolver(ChangePassword), defaultValues: empty });
  const { errors, isSubmitting } = form.formState;
  const onSubmit = form.handleSubmit(async (body) => {
    setFailure(undefined);
    try {
      await api.post('/me/password', { body });
    } catch (error) {
      setFailure(formError(form, error));
      return;
    }
    props.onOpenChange(false);
    void queryClient.invalidateQueries({ queryKey: ['/sessions'] });
    void notify(t('done'));
  });
  return (
    <Dialog
      open={props.open}
      onOpenChange={props.onOpenChange}
      onClosed={() => (form.reset(empty), setFailure(undefined))}
      locked={isSubmitting}
      title={t('title')}
      description={t('lead')}
      footer={
        <>
          <Button onClick={() => props.onOpenChange(false)} disabled={isSubmitting}>
            {action('cancel')}
          </Button>
          <Button type="submit" form={id} variant="primary" pending={isSubmitting}>
            {t('action')}
          </Button>
        </>
      }
    >
      <form id={id} method="post" noValidate onSubmit={(event) => void onSubmit(event)} className="flex flex-col gap-4">
        {failure !== undefined && <InlineError error={failure} />}
        <Field label={t('current')} error={errors.currentPassword?.message}>
          <PasswordInput {...form.register('currentPassword')} autoComplete="current-password" />
        </Field>
        <Field label={t('new')} hint={t('hint')} error={errors.newPassword?.message}>
          <PasswordInput {...form.register('newPassword')} autoComplete="new-password" />
        </Field>
      </form>
    </Dialog>
  );
}
