'use client';

import { useTranslations } from 'use-intl';
import { NoTier } from '@/components/no-tier';
import { Page } from '@/components/page';
import { PageHeader } from '@/components/page-header';
import { useSession } from '@/lib/session';
import { BaseUrlCard } from './base-url-card';
import { FirstCallChecklist } from './first-call-checklist';
import { LimitsCard } from './limits-card';
import { TierCard } from './tier-card';
import { WeekCard } from './week-card';

/** Where one stands: tier, limits, the last days, and how to begin. */
export function HomeView() {
  const t = useTranslations('home');
  const { username, tier } = useSession();
  return (
    <Page>
      <PageHeader title={t('title')} description={t('lead', { name: username })} />
      {tier === null ? (
        <NoTier />
      ) : (
        <div className="flex flex-col gap-4">
          <FirstCallChecklist />
          <div className="grid gap-4 lg:grid-cols-[minmax(0,1fr)_minmax(0,2fr)]">
            <TierCard tier={tier} />
            <LimitsCard />
          </div>
          <div className="grid gap-4 lg:grid-cols-[minmax(0,2fr)_minmax(0,1fr)]">
            <WeekCard />
            <BaseUrlCard />
          </div>
        </div>
      )}
    </Page>
  );
}
