'use client';

import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { useTranslations } from 'use-intl';
import type { SystemHealth } from '@maas/contracts/health';
import type { Tone } from '@/components/badge';
import { Card } from '@/components/card';
import { ErrorState } from '@/components/error-state';
import { Skeleton } from '@/components/skeleton';
import { StatusChip } from '@/components/status-chip';
import { every } from '@/lib/query-client';
import { healthQuery } from '../health/health-query';

const tones: Record<SystemHealth['status'], Tone> = { ok: 'success', degraded: 'warning', down: 'danger' };
const parts = ['backends', 'database', 'usage', 'changeFeed', 'limiter', 'keys'] as const;

/** How the parts of the platform are, in a word each; a sentence where something is wrong. */
export function HealthCard() {
  const t = useTranslations('adminOverview');
  const health = useTranslations('adminHealth');
  const { data, error, refetch } = useQuery({ ...healthQuery, ...every(15) });
  return (
    <Card
      title={t('health')}
      aside={
        <Link href="/admin/health" className="text-sm text-accent hover:underline">
          {t('allHealth')}
        </Link>
      }
    >
      {data ? (
        <ul className="divide-y divide-line text-sm">
          {parts.map((name) => {
            const part = data.parts[name];
            return (
              <li key={name} className="py-2 first:pt-0 last:pb-0">
                <span className="flex items-center justify-between gap-3">
                  {health(`part.${name}`)}
                  <StatusChip tone={tones[part.status]}>
                    {name === 'backends'
                      ? t('backendsUp', { up: data.parts.backends.up, total: data.parts.backends.up + data.parts.backends.down }) // prettier-ignore
                      : health(`status.${part.status}`)}
                  </StatusChip>
                </span>
                {part.status !== 'ok' && <p className="mt-0.5 text-xs text-muted">{part.message}</p>}
              </li>
            );
          })}
        </ul>
      ) : error ? (
        <ErrorState error={error} retry={() => void refetch()} />
      ) : (
        <Skeleton className="h-44" />
      )}
    </Card>
  );
}
