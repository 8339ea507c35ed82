'use client';

import { useTranslations } from 'use-intl';
import type { UsageReport } from '@maas/contracts/usage';
import { NumberText } from '@/components/number-text';
import { StatCard } from '@/components/stat-card';
import { useLatency } from '@/lib/latency';
import { changeOf, type UsageMetric, usageTotals } from '@/lib/usage-metrics';
import { usePreviousReport } from './use-usage';

/** The range in five numbers, each with its change against the range before. */
export function UsageStats({ report }: { report: UsageReport | undefined }) {
  const t = useTranslations('usage');
  const latency = useLatency();
  const previous = usePreviousReport();
  const now = report && usageTotals(report.data);
  const before = previous.isPlaceholderData ? undefined : previous.data && usageTotals(previous.data.data);
  const change = (metric: UsageMetric) => now && before && changeOf(now[metric], before[metric]);
  const number = (metric: UsageMetric) => now && <NumberText value={now[metric] ?? 0} />;
  const comparedWith = t('comparedWith');
  const rate = now?.requests ? (now.errors ?? 0) / now.requests : 0;
  return (
    <dl className="grid grid-cols-2 gap-3 max-sm:*:last:col-span-2 sm:grid-cols-3 lg:grid-cols-5">
      <StatCard
        label={t('stat.tokens')}
        value={number('totalTokens')}
        change={change('totalTokens')}
        comparedWith={comparedWith}
      />
      <StatCard
        label={t('stat.requests')}
        value={number('requests')}
        change={change('requests')}
        comparedWith={comparedWith}
      />
      <StatCard
        label={t('stat.errors')}
        value={number('errors')}
        change={change('errors')}
        more="bad"
        comparedWith={comparedWith}
        detail={now && <span>{t('errorRate', { rate })}</span>}
      />
      <StatCard
        label={t('stat.refused')}
        value={number('refused')}
        change={change('refused')}
        more="bad"
        comparedWith={comparedWith}
      />
      <StatCard
        label={t('stat.latency')}
        value={now && latency(now.averageDurationMs)}
        change={change('averageDurationMs')}
        more="bad"
        comparedWith={comparedWith}
        detail={now && <span>{t('firstByte', { time: latency(now.averageFirstByteMs) })}</span>}
      />
    </dl>
  );
}
