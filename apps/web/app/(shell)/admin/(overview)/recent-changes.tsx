'use client';

import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { useTranslations } from 'use-intl';
import type { AuditEntry } from '@maas/contracts/auth';
import { Card } from '@/components/card';
import { ErrorState } from '@/components/error-state';
import { RelativeTime } from '@/components/relative-time';
import { Skeleton } from '@/components/skeleton';
import { api } from '@/lib/api';
import type { Page } from '@/lib/cursor-list';
import { every } from '@/lib/query-client';
import { targetName } from '../audit/target-name';

const SHOWN = 6;

/** The latest entries of the audit log. */
export function RecentChanges() {
  const t = useTranslations('adminOverview');
  const { data, error, refetch } = useQuery({
    queryKey: ['/admin/audit', 'recent'],
    queryFn: ({ signal }) => api.get<Page<AuditEntry>>('/admin/audit', { query: { limit: SHOWN }, signal }),
    ...every(30),
  });
  return (
    <Card
      title={t('changes')}
      aside={
        <Link href="/admin/audit" className="text-sm text-accent hover:underline">
          {t('allChanges')}
        </Link>
      }
    >
      {data ? (
        data.data.length === 0 ? (
          <p className="py-6 text-center text-sm text-muted">{t('noChanges')}</p>
        ) : (
          <ul className="divide-y divide-line text-sm">
            {data.data.map(({ id, at, action, actorName, targetId, before, after }) => (
              <li key={id} className="flex items-baseline gap-3 py-2 first:pt-0 last:pb-0">
                <Link
                  href={`/admin/audit?entry=${id}&range=all`}
                  className="shrink-0 font-mono text-xs hover:underline"
                >
                  {action}
                </Link>
                <span className="min-w-0 flex-1 truncate text-muted" title={`${actorName} · ${targetId}`}>
                  {actorName} · {targetName({ before, after, targetId })}
                </span>
                <span className="text-xs text-muted">
                  <RelativeTime at={at} focusable={false} />
                </span>
              </li>
            ))}
          </ul>
        )
      ) : error ? (
        <ErrorState error={error} retry={() => void refetch()} />
      ) : (
        <Skeleton className="h-44" />
      )}
    </Card>
  );
}
