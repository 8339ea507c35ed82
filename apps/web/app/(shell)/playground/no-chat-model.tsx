'use client';

import { MessageSquareOff } from 'lucide-react';
import { useTranslations } from 'use-intl';
import { ButtonLink } from '@/components/button';
import { Card } from '@/components/card';
import { EmptyState } from '@/components/empty-state';
import { Page } from '@/components/page';
import { PageHeader } from '@/components/page-header';

/** There is no model to talk to. */
export function NoChatModel({ title }: { title: string }) {
  const t = useTranslations('playground');
  return (
    <Page>
      <PageHeader title={title} />
      <Card>
        <EmptyState
          icon={<MessageSquareOff />}
          title={t('noModelTitle')}
          action={<ButtonLink href="/models">{t('allModels')}</ButtonLink>}
        >
          {t('noModel')}
        </EmptyState>
      </Card>
    </Page>
  );
}
