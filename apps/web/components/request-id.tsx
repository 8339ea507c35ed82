'use client';

import { useTranslations } from 'use-intl';
import { ApiError } from '@/lib/api-error';
import { CopyButton } from './copy-button';

/** The id under which the log has the failed request; nothing where there is none. */
export function RequestId({ error }: { error: unknown }) {
  const t = useTranslations('error');
  if (!(error instanceof ApiError) || error.requestId === undefined) return null;
  return (
    <span className="inline-flex max-w-full items-center gap-1 text-xs text-muted">
      {t('request')} <code className="truncate font-mono">{error.requestId}</code>
      <CopyButton value={error.requestId} label={t('copyRequest')} />
    </span>
  );
}
