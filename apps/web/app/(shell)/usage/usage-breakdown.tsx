'use client';

import { useMemo } from 'react';
import { useTranslations } from 'use-intl';
import type { UsageReport } from '@maas/contracts/usage';
import { type Column, DataTable } from '@/components/data-table';
import { NumberText } from '@/components/number-text';
import { useLatency } from '@/lib/latency';
import { type UsageMetric, usageTotals } from '@/lib/usage-metrics';
import { useGrouping } from './use-chart-data';
import { useUsageParameters } from './usage-parameters';

interface BreakdownRow {
  id: string;
  label: string;
  totals: Record<UsageMetric, number | null>;
  /** Of all tokens of the range, 0 to 1. */
  share: number;
}

/** The sums of each model or token, the largest first. Nothing where usage is not grouped: the chart has its own table. */
export function UsageBreakdown({ report }: { report: UsageReport | undefined }) {
  const t = useTranslations('usage');
  const [{ group }] = useUsageParameters();
  const rows = useBreakdown(report);
  const columns = useColumns();
  // The chart says that there is nothing, and why.
  if (group === 'none' || rows?.length === 0) return null;
  return (
    <section>
      <h2 className="mb-2 text-base font-medium">{t(`breakdown.${group}`)}</h2>
      <DataTable
        label={t(`breakdown.${group}`)}
        columns={columns}
        list={{ rows, error: null, retry: () => {} }}
        rowKey={({ id }) => id}
        empty={null}
      />
    </section>
  );
}

function useBreakdown(report: UsageReport | undefined): BreakdownRow[] | undefined {
  const grouping = useGrouping(report);
  return useMemo(() => {
    if (!report) return undefined;
    if (!grouping) return [];
    const all = usageTotals(report.data).totalTokens ?? 0;
    return [...Map.groupBy(report.data, grouping.id)]
      .map(([id, own]) => {
        const totals = usageTotals(own);
        const share = all === 0 ? 0 : (totals.totalTokens ?? 0) / all;
        return { id, label: own[0] ? grouping.label(own[0]) : id, totals, share };
      })
      .toSorted((one, other) => (other.totals.totalTokens ?? 0) - (one.totals.totalTokens ?? 0));
  }, [report, grouping]);
}

function useColumns(): Column<BreakdownRow>[] {
  const t = useTranslations('usage');
  const latency = useLatency();
  const [{ group }] = useUsageParameters();
  const number = (metric: UsageMetric, from: 'always' | 'medium' = 'always'): Column<BreakdownRow> => ({
    id: metric,
    header: t(`column.${metric}`),
    align: 'end',
    from,
    width: '7rem',
    skeleton: '3rem',
    cell: ({ totals }) => <NumberText value={totals[metric] ?? 0} />,
  });
  return [
    {
      id: 'label',
      header: t(`column.${group === 'token' ? 'token' : 'model'}`),
      title: true,
      skeleton: '9rem',
      cell: ({ label }) => <span className="block max-w-64 truncate font-medium">{label}</span>,
    },
    number('requests'),
    number('errors', 'medium'),
    number('refused', 'medium'),
    number('promptTokens'),
    number('completionTokens'),
    number('totalTokens'),
    {
      id: 'share',
      header: t('column.share'),
      align: 'end',
      width: '5rem',
      skeleton: '2rem',
      cell: ({ share }) => <span className="tabular-nums">{t('share', { share })}</span>,
    },
    {
      id: 'latency',
      header: t('column.latency'),
      align: 'end',
      from: 'wide',
      width: '7rem',
      skeleton: '3rem',
      cell: ({ totals }) => <span className="whitespace-nowrap tabular-nums">{latency(totals.averageDurationMs)}</span>,
    },
  ];
}
