'use client';

import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import type { Session } from '@maas/contracts/sessions';
import { Button } from '@/components/button';
import { Card } from '@/components/card';
import { ErrorState } from '@/components/error-state';
import { Skeleton } from '@/components/skeleton';
import { useCursorList } from '@/lib/cursor-list';
import { lazyOverlay } from '@/lib/lazy-overlay';
import { SessionRow } from './session-row';

const EndSessionDialog = lazyOverlay(() => import('./end-session-dialog'));
const EndAllDialog = lazyOverlay(() => import('./end-all-dialog'));

/** The browsers in which one is signed in. */
export function SessionsCard() {
  const t = useTranslations('settings');
  const list = useCursorList<Session>('/sessions', {}, 60);
  const [ending, setEnding] = useState<Session | null>(null);
  const [endingAll, setEndingAll] = useState(false);
  const queryClient = useQueryClient();
  const refresh = () => void queryClient.invalidateQueries({ queryKey: ['/sessions'] });
  return (
    <Card title={t('sessions')} description={t('sessionsHint')}>
      {list.rows === undefined && list.error ? (
        <ErrorState error={list.error} retry={list.retry} />
      ) : (
        <ul aria-busy={list.rows === undefined} className="divide-y divide-line">
          {list.rows?.map((session) => (
            <SessionRow key={session.id} session={session} onEnd={() => setEnding(session)} />
          )) ??
            [0, 1].map((place) => (
              <li key={place} aria-hidden className="flex h-17 flex-col justify-center gap-2">
                <Skeleton className="h-4 w-44" />
                <Skeleton className="h-3 w-64" />
              </li>
            ))}
        </ul>
      )}
      {list.more && (
        <div className="pt-3">
          <Button onClick={list.more.load} pending={list.more.pending}>
            {t('moreSessions')}
          </Button>
        </div>
      )}
      <div className="mt-4 flex flex-wrap items-center justify-between gap-x-6 gap-y-2 border-t border-line pt-4">
        <p className="min-w-0 flex-1 basis-60 text-sm text-muted">{t('endAllLead')}</p>
        <Button onClick={() => setEndingAll(true)}>{t('endAll')}</Button>
      </div>
      <EndSessionDialog open={ending !== null} session={ending} onClose={() => setEnding(null)} onEnded={refresh} />
      <EndAllDialog open={endingAll} onOpenChange={setEndingAll} />
    </Card>
  );
}
