'use client';

import { useTranslations } from 'use-intl';
import { Page } from '@/components/page';
import { PageHeader } from '@/components/page-header';
import { AccountCard } from './account-card';
import { AppearanceCard } from './appearance-card';
import { SessionsCard } from './sessions-card';

/** How the dashboard looks to one, who one is, and where one is signed in. */
export function SettingsView() {
  const t = useTranslations('settings');
  return (
    <Page width="prose">
      <PageHeader title={t('title')} description={t('lead')} />
      <div className="flex flex-col gap-4">
        <AppearanceCard />
        <AccountCard />
        <SessionsCard />
      </div>
    </Page>
  );
}
