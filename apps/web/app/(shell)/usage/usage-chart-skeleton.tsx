'use client';

import { useTranslations } from 'use-intl';
import { Card } from '@/components/card';
import { ChartSkeleton } from '@/components/charts/chart-skeleton';

/** The card of the chart until its code is there, at its height. */
export function UsageChartSkeleton() {
  const t = useTranslations('usage');
  return (
    <Card title={t('chart')} description={t('utc')} aside={<div className="h-6 w-36" />}>
      <div className="h-9 border-b border-line" />
      <div className="h-56 pt-5 sm:h-72">
        <ChartSkeleton />
      </div>
      <div className="h-27" />
    </Card>
  );
}
