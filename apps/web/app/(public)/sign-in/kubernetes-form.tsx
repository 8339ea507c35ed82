'use client';

import type { FormEvent } from 'react';
import { useTranslations } from 'use-intl';
import type { CurrentSession } from '@maas/contracts/sessions';
import { Button } from '@/components/button';
import { Field } from '@/components/field';
import { InlineError } from '@/components/inline-error';
import { PasswordInput } from '@/components/password-input';
import { api } from '@/lib/api';
import { useSubmit } from '@/lib/submit';

/** Shows a token of the cluster once; what remains is a session. */
export function KubernetesForm({ onSignedIn }: { onSignedIn: () => void }) {
  const t = useTranslations('signIn');
  const { pending, error, submit } = useSubmit();
  const onSubmit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const token = new FormData(event.currentTarget).get('token');
    void submit(async () => {
      await api.post<CurrentSession>('/session/kubernetes', { body: { token }, anonymous: true });
      onSignedIn();
      await new Promise(() => {});
    });
  };
  return (
    <form method="post" onSubmit={onSubmit} className="flex flex-col gap-4">
      {error !== undefined && <InlineError error={error} />}
      <Field label={t('kubernetesLabel')} hint={t('kubernetesHint')}>
        {/* oxlint-disable-next-line jsx-a11y/no-autofocus -- it was just asked for */}
        <PasswordInput name="token" mono autoComplete="off" spellCheck={false} required autoFocus />
      </Field>
      <Button type="submit" variant="primary" size="lg" pending={pending}>
        {t('submit')}
      </Button>
    </form>
  );
}
