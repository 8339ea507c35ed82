'use client';

import { TriangleAlert } from 'lucide-react';
import { useTranslations } from 'use-intl';
import { Button } from '@/components/button';
import { EmptyState } from '@/components/empty-state';
import { Page } from '@/components/page';

/** A page broke while it was drawn. The frame around it still works. */
export default function PageError({ reset }: { reset: () => void }) {
  const t = useTranslations('error');
  return (
    <Page>
      <div role="alert" className="rounded-lg border border-line bg-surface">
        <EmptyState
          icon={<TriangleAlert />}
          title={t('pageTitle')}
          action={<Button onClick={reset}>{t('retry')}</Button>}
        >
          {t('page')}
        </EmptyState>
      </div>
    </Page>
  );
}
