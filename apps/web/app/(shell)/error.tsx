'use client';

import { TriangleAlert } from 'lucide-react';
import { useTranslations } from 'use-intl';
import { Button } from '@/components/button';
import { EmptyState } from '@/components/empty-state';
import { Page } from '@/components/page';

/** A page broke while it was drawn. The frame around it still works. */
export default function PageError({ error, reset }: { error: Error; reset: () => void }) {
  const t = useTranslations('error');
  // A part of the page could not be fetched: the server is away, or has another version by now.
  const missing = /chunk/i.test(`${error.name} ${error.message}`);
  return (
    <Page>
      <div role="alert" className="rounded-lg border border-line bg-surface">
        <EmptyState
          icon={<TriangleAlert />}
          title={t(missing ? 'missingTitle' : 'pageTitle')}
          action={<Button onClick={() => (missing ? location.reload() : reset())}>{t('retry')}</Button>}
        >
          {t(missing ? 'missing' : 'page')}
        </EmptyState>
      </div>
    </Page>
  );
}
