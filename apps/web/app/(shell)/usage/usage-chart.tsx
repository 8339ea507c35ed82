'use client';

import type { ReactNode } from 'react';
import { useFormatter, useTranslations } from 'use-intl';
import type { UsageReport } from '@maas/contracts/usage';
import { Card } from '@/components/card';
import { BarSeries } from '@/components/charts/bar-series';
import type { ChartLimit } from '@/components/charts/chart-data';
import { LineSeries } from '@/components/charts/line-series';
import { Tabs } from '@/components/tabs';
import { useLatency } from '@/lib/latency';
import { useSession } from '@/lib/session';
import { NoUsage } from './no-usage';
import { granularityOf, useChartData } from './use-chart-data';
import { type UsageTab, usageTabs, useUsageParameters } from './usage-parameters';

/** The range as a chart, one metric at a time. */
export default function UsageChart({ report, aside }: { report: UsageReport | undefined; aside: ReactNode }) {
  const t = useTranslations('usage');
  const [{ metric }, setParameters] = useUsageParameters();
  const tabs = usageTabs.map((id) => ({ id, label: t(`tabs.${id}`), content: <Plot report={report} tab={id} /> }));
  return (
    <Card title={t('chart')} description={t('utc')} aside={aside}>
      <Tabs label={t('metric')} tabs={tabs} value={metric} onChange={(id) => void setParameters({ metric: id })} />
    </Card>
  );
}

function Plot({ report, tab }: { report: UsageReport | undefined; tab: UsageTab }) {
  const t = useTranslations('usage');
  const latency = useLatency();
  const data = useChartData(report, tab);
  const granularity = granularityOf(report);
  const limit = useHourlyLimit(tab);
  const shared = { label: t(`tabs.${tab}`), data, granularity, className: 'h-56 sm:h-72' };
  const nothing = report?.data.length === 0 ? <NoUsage /> : t('empty');
  if (tab === 'latency') return <LineSeries {...shared} format={latency} formatTick={latency} empty={nothing} />;
  return (
    <BarSeries
      {...shared}
      format={(value) => t(`value.${tab}`, { value })}
      limit={granularity === 'hour' ? limit : undefined}
      empty={tab === 'problems' && report?.data.length !== 0 ? t('noProblems') : nothing}
    />
  );
}

/** Limits are those of a minute: sixty times that is the most that fits into an hour. Into a day nobody looks so. */
function useHourlyLimit(tab: UsageTab): ChartLimit | undefined {
  const t = useTranslations('usage');
  const format = useFormatter();
  const { limits } = useSession();
  const perMinute = tab === 'tokens' ? limits?.tokens.limit : tab === 'requests' ? limits?.requests.limit : undefined;
  if (perMinute == null) return undefined;
  const value = perMinute * 60;
  return { value, label: t('hourlyLimit', { limit: format.number(value, { notation: 'compact' }) }) };
}
