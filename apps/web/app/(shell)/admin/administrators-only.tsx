'use client';

import { ShieldAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { ButtonLink } from '@/components/button';
import { EmptyState } from '@/components/empty-state';
import { Page } from '@/components/page';
import { useSession } from '@/lib/session';

/** Shows its children to administrators. Somebody else followed a link that was not meant for them; the API refuses them too. */
export function AdministratorsOnly({ children }: { children: ReactNode }) {
  const t = useTranslations('admin');
  const { role, username } = useSession();
  if (role === 'admin') return children;
  return (
    <Page>
      <h1 className="sr-only">{t('onlyTitle')}</h1>
      <div className="rounded-lg border border-line bg-surface shadow-card">
        <EmptyState
          icon={<ShieldAlert />}
          title={t('onlyTitle')}
          action={<ButtonLink href="/">{t('goHome')}</ButtonLink>}
        >
          {t('only', { name: username })}
        </EmptyState>
      </div>
    </Page>
  );
}
