'use client';

import { type ReactNode, useState } from 'react';
import { useTranslations } from 'use-intl';
import { Badge } from '@/components/badge';
import { Button } from '@/components/button';
import { Card } from '@/components/card';
import { CopyButton } from '@/components/copy-button';
import { lazyOverlay } from '@/lib/lazy-overlay';
import { useSession } from '@/lib/session';

const PasswordDialog = lazyOverlay(() => import('./password-dialog'));

/** Who one is to the platform. All of it comes from where the account is kept. */
export function AccountCard() {
  const t = useTranslations();
  const { id, username, email, provider, role, groups, tier } = useSession();
  const [changing, setChanging] = useState(false);
  return (
    <Card title={t('settings.account')} description={t(`settings.accountHint.${provider}`)}>
      <dl className="divide-y divide-line text-sm">
        <Fact name={t('settings.fact.username')}>{username}</Fact>
        <Fact name={t('settings.fact.email')}>{email ?? <None>{t('settings.none')}</None>}</Fact>
        <Fact name={t('settings.fact.provider')}>{t(`provider.${provider}`)}</Fact>
        <Fact name={t('settings.fact.role')}>{t(`settings.role.${role}`)}</Fact>
        <Fact name={t('settings.fact.tier')}>{tier?.displayName ?? <None>{t('settings.none')}</None>}</Fact>
        <Fact name={t('settings.fact.groups')}>
          {groups.length === 0 ? (
            <None>{t('settings.none')}</None>
          ) : (
            <ul className="flex flex-wrap gap-1">
              {groups.map((group) => (
                <li key={group} className="max-w-full">
                  <Badge>{group}</Badge>
                </li>
              ))}
            </ul>
          )}
        </Fact>
        <Fact name={t('settings.fact.id')}>
          <span className="flex items-center gap-1">
            <code className="min-w-0 font-mono text-xs wrap-anywhere">{id}</code>
            <CopyButton value={id} label={t('settings.copyId')} />
          </span>
        </Fact>
      </dl>
      {provider === 'local' && (
        <div className="mt-4">
          <Button onClick={() => setChanging(true)}>{t('settings.password.action')}</Button>
          <PasswordDialog open={changing} onOpenChange={setChanging} />
        </div>
      )}
    </Card>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="grid gap-x-4 gap-y-0.5 py-2 first:pt-0 last:pb-0 sm:grid-cols-[10rem_minmax(0,1fr)]">
      <dt className="text-muted">{name}</dt>
      <dd className="min-w-0 wrap-anywhere">{children}</dd>
    </div>
  );
}

function None({ children }: { children: ReactNode }) {
  return <span className="text-faint">{children}</span>;
}
