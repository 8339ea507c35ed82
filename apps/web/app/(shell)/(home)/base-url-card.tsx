'use client';

import { useTranslations } from 'use-intl';
import { Card } from '@/components/card';
import { CopyButton } from '@/components/copy-button';

/** The address that an SDK needs. */
export function BaseUrlCard() {
  const t = useTranslations('home');
  const url = `${location.origin}/v1`;
  return (
    <Card title={t('baseUrl')}>
      <div className="flex items-center gap-2 rounded-md border border-line bg-sunken py-1.5 ps-3 pe-1.5">
        <code className="min-w-0 flex-1 truncate font-mono text-xs">{url}</code>
        <CopyButton value={url} label={t('copyBaseUrl')} />
      </div>
      <p className="mt-2 text-sm text-muted">{t('baseUrlHint')}</p>
    </Card>
  );
}
