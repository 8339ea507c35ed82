'use client';

import { zodResolver } from '@hookform/resolvers/zod';
import { useEffect, useState } from 'react';
import { useForm, useWatch } from 'react-hook-form';
import { useTranslations } from 'use-intl';
import { CreateUser, type User } from '@maas/contracts/auth';
import { Button } from '@/components/button';
import { ChipsInput } from '@/components/chips-input';
import { Field } from '@/components/field';
import { InlineError } from '@/components/inline-error';
import { Input } from '@/components/input';
import { PasswordInput } from '@/components/password-input';
import { Select } from '@/components/select';
import { api } from '@/lib/api';
import { formError } from '@/lib/form-error';
import { messageOfList } from '@/lib/list-message';
import { generatedPassword } from './generated-password';
import { roles } from './user-parameters';

/** What the new person needs in order to sign in. */
export type NewUser = Pick<CreateUser, 'username' | 'password'>;

interface CreateUserFormProps {
  id: string;
  onPending: (pending: boolean) => void;
  onCreated: (user: NewUser) => void;
}

/** The fields of a new local account. */
export function CreateUserForm({ id, onPending, onCreated }: CreateUserFormProps) {
  const t = useTranslations('adminUsers.createDialog');
  const names = useTranslations('adminUsers.role');
  const [failure, setFailure] = useState<unknown>();
  const form = useForm<CreateUser>({
    resolver: zodResolver(CreateUser) as never,
    defaultValues: { username: '', password: '', email: null, role: 'user', groups: [] },
  });
  const { errors, isSubmitting } = form.formState;
  const [role, groups] = useWatch({ control: form.control, name: ['role', 'groups'] });
  useEffect(() => onPending(isSubmitting), [isSubmitting, onPending]);
  const onSubmit = form.handleSubmit(async (body) => {
    setFailure(undefined);
    try {
      await api.post<User>('/admin/users', { body });
      onCreated({ username: body.username, password: body.password });
    } catch (error) {
      setFailure(formError(form, error));
    }
  });
  const generate = () => form.setValue('password', generatedPassword(), { shouldValidate: true });
  return (
    <form id={id} noValidate onSubmit={(event) => void onSubmit(event)} className="flex flex-col gap-4">
      {failure !== undefined && <InlineError error={failure} />}
      <Field label={t('username')} hint={t('usernameHint')} error={errors.username?.message}>
        <Input {...form.register('username')} autoComplete="off" autoCapitalize="none" spellCheck={false} />
      </Field>
      <div className="flex items-start gap-2">
        <Field label={t('password')} hint={t('passwordHint')} error={errors.password?.message} className="flex-1">
          <PasswordInput {...form.register('password')} autoComplete="new-password" />
        </Field>
        <Button onClick={generate} className="mt-6.5">
          {t('generate')}
        </Button>
      </div>
      <Field label={t('email')} aside={t('optional')} error={errors.email?.message}>
        <Input
          {...form.register('email', { setValueAs: (text: unknown) => (text === '' ? null : text) })}
          type="email"
          autoComplete="off"
        />
      </Field>
      <Field label={t('role')} hint={t('roleHint')}>
        <Select
          value={role}
          onChange={(value) => form.setValue('role', value)}
          choices={roles.map((value) => ({ value, label: names(value) }))}
        />
      </Field>
      <Field label={t('groups')} aside={t('optional')} hint={t('groupsHint')} error={messageOfList(errors.groups)}>
        <ChipsInput
          mono
          values={groups}
          onChange={(values) => form.setValue('groups', values, { shouldValidate: errors.groups !== undefined })}
        />
      </Field>
    </form>
  );
}
