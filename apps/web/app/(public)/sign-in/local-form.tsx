'use client';

import { type FormEvent, useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import type { CurrentSession } from '@maas/contracts/sessions';
import { Button } from '@/components/button';
import { Field } from '@/components/field';
import { InlineError } from '@/components/inline-error';
import { Input } from '@/components/input';
import { PasswordInput } from '@/components/password-input';
import { api } from '@/lib/api';
import { useSubmit } from '@/lib/submit';

/** A real form with the names that password managers know, read when it is sent: they fill it without telling anybody. */
export function LocalForm({ accounts, onSignedIn }: { accounts: readonly string[]; onSignedIn: () => void }) {
  const t = useTranslations('signIn');
  const [username, setUsername] = useState('');
  const password = useRef<HTMLInputElement>(null);
  const { pending, error, submit } = useSubmit();
  const onSubmit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const body = { username: form.get('username'), password: form.get('password') };
    void submit(async () => {
      await api.post<CurrentSession>('/session', { body, anonymous: true });
      onSignedIn();
      // The next page is on its way; the button stays as it is until it is there.
      await new Promise(() => {});
    }).then((done) => !done && password.current?.select());
  };
  return (
    <form method="post" onSubmit={onSubmit} className="flex flex-col gap-4">
      {error !== undefined && <InlineError error={error} />}
      <Field label={t('username')}>
        <Input
          name="username"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          required
          value={username}
          onChange={(event) => setUsername(event.target.value)}
          // oxlint-disable-next-line jsx-a11y/no-autofocus -- the one thing to do on this page
          autoFocus
        />
      </Field>
      <Field label={t('password')}>
        <PasswordInput ref={password} name="password" autoComplete="current-password" required />
      </Field>
      <Button type="submit" variant="primary" size="lg" pending={pending}>
        {t('submit')}
      </Button>
      {accounts.length > 0 && (
        <DemoAccounts accounts={accounts} onChoose={(name) => (setUsername(name), password.current?.focus())} />
      )}
    </form>
  );
}

function DemoAccounts({ accounts, onChoose }: { accounts: readonly string[]; onChoose: (name: string) => void }) {
  const t = useTranslations('signIn');
  return (
    <div className="rounded-md bg-sunken px-3 py-2.5 text-xs text-muted">
      <p className="font-medium text-ink">{t('demoTitle')}</p>
      <p className="mt-0.5">{t('demo')}</p>
      <div className="mt-2 flex flex-wrap gap-1.5">
        {accounts.map((name) => (
          <button
            key={name}
            type="button"
            onClick={() => onChoose(name)}
            className="h-6 cursor-pointer rounded-sm border border-line-strong bg-surface px-2 font-mono text-ink hover:bg-hover"
          >
            {name}
          </button>
        ))}
      </div>
    </div>
  );
}
