'use client';

import { TriangleAlert } from 'lucide-react';
import { useTranslations } from 'use-intl';
import { messageOf } from '@/lib/message-of';
import { Button } from './button';
import { EmptyState } from './empty-state';
import { RequestId } from './request-id';

/** Something could not be loaded: what, the request id to name, and a way to try again. In place of what would be there. */
export function ErrorState({ error, retry, title }: { error: unknown; retry?: () => void; title?: string }) {
  const t = useTranslations('error');
  return (
    <div role="alert">
      <EmptyState
        icon={<TriangleAlert />}
        title={title ?? t('title')}
        action={retry && <Button onClick={retry}>{t('retry')}</Button>}
      >
        <p className="wrap-anywhere">{messageOf(error)}</p>
        <RequestId error={error} />
      </EmptyState>
    </div>
  );
}
