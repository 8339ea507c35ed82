'use client';

import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import type { OwnLimits as Limits } from '@maas/contracts/tiers';
import { LimitBar } from '@/components/limit-bar';
import { api } from '@/lib/api';
import { every } from '@/lib/query-client';

/** The same as on the home page, so that both show the same. */
export const limitsKey = ['/me/limits'];

/** What is left of one's limits, which the playground counts against as every program does. */
export function OwnLimits() {
  const t = useTranslations('playground');
  const { data } = useQuery({
    queryKey: limitsKey,
    queryFn: ({ signal }) => api.get<Limits>('/me/limits', { signal }),
    ...every(10),
  });
  return (
    <section className="flex flex-col gap-3 border-t border-line pt-4">
      <div>
        <h2 className="text-sm font-medium">{t('limits')}</h2>
        <p className="text-xs text-muted">{t('limitsHint')}</p>
      </div>
      {data?.requests && <LimitBar label={t('requests')} unit={t('requestsUnit')} state={data.requests} />}
      {data?.tokens && <LimitBar label={t('tokens')} unit={t('tokensUnit')} state={data.tokens} />}
    </section>
  );
}
