'use client';

import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import type { OwnLimits } from '@maas/contracts/tiers';
import { Card } from '@/components/card';
import { ErrorState } from '@/components/error-state';
import { LimitBar } from '@/components/limit-bar';
import { Skeleton } from '@/components/skeleton';
import { api } from '@/lib/api';
import { every } from '@/lib/query-client';

const REFRESH_SECONDS = 5;

/** What one may use, what is left of it at this moment, and when it is back. */
export function LimitsCard() {
  const t = useTranslations('home');
  const { data, error, refetch } = useQuery({
    queryKey: ['/me/limits'],
    queryFn: ({ signal }) => api.get<OwnLimits>('/me/limits', { signal }),
    ...every(REFRESH_SECONDS),
  });
  return (
    <Card title={t('limits')}>
      {data ? (
        <>
          <div className="grid gap-x-10 gap-y-5 sm:grid-cols-2">
            {data.requests && <LimitBar label={t('requests')} unit={t('requestsUnit')} state={data.requests} />}
            {data.tokens && <LimitBar label={t('tokens')} unit={t('tokensUnit')} state={data.tokens} />}
          </div>
          <PerRequest limits={data} />
        </>
      ) : error ? (
        <ErrorState error={error} retry={() => void refetch()} />
      ) : (
        <div className="grid gap-x-10 gap-y-5 sm:grid-cols-2">
          <Skeleton className="h-15" />
          <Skeleton className="h-15" />
        </div>
      )}
    </Card>
  );
}

/** Limits that are not used up, only met. */
function PerRequest({ limits }: { limits: OwnLimits }) {
  const t = useTranslations('home');
  const { maxTokensPerRequest, maxConcurrentRequests } = limits;
  if (maxTokensPerRequest === null && maxConcurrentRequests === null) return null;
  return (
    <dl className="mt-5 flex flex-wrap gap-x-10 gap-y-2 border-t border-line pt-3 text-sm [&_dt]:text-muted">
      {maxTokensPerRequest !== null && (
        <div className="flex gap-2">
          <dt>{t('maxTokensPerRequest')}</dt>
          <dd className="tabular-nums">{t('tokensValue', { count: maxTokensPerRequest })}</dd>
        </div>
      )}
      {maxConcurrentRequests !== null && (
        <div className="flex gap-2">
          <dt>{t('maxConcurrentRequests')}</dt>
          <dd className="tabular-nums">{t('requestsValue', { count: maxConcurrentRequests })}</dd>
        </div>
      )}
    </dl>
  );
}
