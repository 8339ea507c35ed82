'use client';

import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useTranslations } from 'use-intl';
import type { UsageReport } from '@maas/contracts/usage';
import { BarSeries } from '@/components/charts/bar-series';
import { ErrorState } from '@/components/error-state';
import { NumberText } from '@/components/number-text';
import { Skeleton } from '@/components/skeleton';
import { api } from '@/lib/api';
import { useNow } from '@/lib/now';
import { usageMetrics, usageTotals } from '@/lib/usage-metrics';
import { resolveRange } from '@/lib/usage-range';
import { bucketsOf, metricSeries } from '@/lib/usage-series';

/** What a token used in the last 30 days. */
export function TokenUsage({ jti }: { jti: string }) {
  const t = useTranslations('tokenDetail');
  const { from } = resolveRange({ range: '30d' }, useNow());
  const query = { from, groupBy: 'day', token: jti };
  const { data, error, refetch, isPlaceholderData } = useQuery({
    queryKey: ['/usage', query],
    queryFn: ({ signal }) => api.get<UsageReport>('/usage', { query, signal }),
  });
  const report = isPlaceholderData ? undefined : data;
  const chart = useMemo(
    () =>
      report &&
      metricSeries(report.data, bucketsOf(report.from, report.to, 'day'), [
        { id: 'in', label: t('tokensIn'), metric: usageMetrics.promptTokens, colour: 1 },
        { id: 'out', label: t('tokensOut'), metric: usageMetrics.completionTokens, colour: 3 },
      ]),
    [report, t],
  );
  const totals = report && usageTotals(report.data);
  return (
    <section>
      <h3 className="mb-3 text-sm font-medium">{t('usage')}</h3>
      {error && !report ? (
        <ErrorState error={error} retry={() => void refetch()} />
      ) : (
        <>
          <dl className="mb-4 grid grid-cols-2 gap-4 sm:grid-cols-4">
            {(['requests', 'totalTokens', 'errors', 'refused'] as const).map((name) => (
              <div key={name}>
                <dt className="text-xs text-muted">{t(`total.${name}`)}</dt>
                <dd className="h-7 text-xl font-semibold">
                  {totals ? <NumberText value={totals[name] ?? 0} /> : <Skeleton className="mt-1 h-5 w-14" />}
                </dd>
              </div>
            ))}
          </dl>
          <BarSeries
            label={t('chart')}
            data={chart}
            granularity="day"
            format={(value) => t('tokens', { value })}
            empty={t('noUsage')}
            className="h-44"
          />
        </>
      )}
    </section>
  );
}
