'use client';

import { useTranslations } from 'use-intl';
import type { UsageReport } from '@maas/contracts/usage';
import { NumberText } from '@/components/number-text';
import { StatCard } from '@/components/stat-card';
import { useLatency } from '@/lib/latency';
import { usageTotals } from '@/lib/usage-metrics';
import { refusedShare } from '../refused-share';

/** The range in five numbers. */
export function PlatformStats({ report }: { report: UsageReport | undefined }) {
  const t = useTranslations('usage');
  const admin = useTranslations('adminUsage');
  const latency = useLatency();
  const totals = report && usageTotals(report.data);
  const number = (value: number | null | undefined) => totals && <NumberText value={value ?? 0} />;
  const rate = totals?.requests ? (totals.errors ?? 0) / totals.requests : 0;
  return (
    <dl className="grid grid-cols-2 gap-3 max-sm:*:last:col-span-2 sm:grid-cols-3 lg:grid-cols-5">
      <StatCard
        label={t('stat.tokens')}
        value={number(totals?.totalTokens)}
        detail={totals && admin('inOut', { input: totals.promptTokens ?? 0, output: totals.completionTokens ?? 0 })}
      />
      <StatCard label={t('stat.requests')} value={number(totals?.requests)} />
      <StatCard label={t('stat.errors')} value={number(totals?.errors)} detail={totals && t('errorRate', { rate })} />
      <StatCard
        label={t('stat.refused')}
        value={number(totals?.refused)}
        detail={totals && admin('refusedRate', { rate: refusedShare(totals) })}
      />
      <StatCard
        label={t('stat.latency')}
        value={totals && latency(totals.averageDurationMs)}
        detail={totals && t('firstByte', { time: latency(totals.averageFirstByteMs) })}
      />
    </dl>
  );
}
