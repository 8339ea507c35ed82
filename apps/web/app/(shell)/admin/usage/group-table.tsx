'use client';

import { SearchX } from 'lucide-react';
import { useTranslations } from 'use-intl';
import type { UsageReport, UsageRow } from '@maas/contracts/usage';
import { type Column, DataTable } from '@/components/data-table';
import { EmptyState } from '@/components/empty-state';
import { NumberText } from '@/components/number-text';
import { RowLink } from '@/components/row-link';
import { useLatency } from '@/lib/latency';
import type { ListState } from '@/lib/cursor-list';
import { useGroupLabel } from './group-label';
import { type PlatformGroup, usePlatformUsageParameters } from './platform-usage-parameters';
import { groupId } from './use-platform-usage';

type Order = 'totalTokens' | 'requests' | 'refused' | 'errors';

interface GroupTableProps {
  group: Exclude<PlatformGroup, 'none'>;
  list: ListState<UsageRow>;
  total: UsageReport | undefined;
}

/** The largest groups, at most a hundred. Opening one narrows the page down to it. */
export function GroupTable({ group, list, total }: GroupTableProps) {
  const t = useTranslations('adminUsage');
  const usage = useTranslations('usage');
  const [{ top }, setParameters] = usePlatformUsageParameters();
  return (
    <section aria-labelledby="largest">
      <h2 id="largest" className="mb-2 text-base font-medium">
        {t(`largest.${group}`)}
      </h2>
      <DataTable
        label={t(`largest.${group}`)}
        columns={useColumns(group, total)}
        list={list}
        rowKey={(row) => groupId(row, group)}
        sort={{ by: top, order: 'desc' }}
        onSort={({ by }) => void setParameters({ top: by })}
        empty={
          <EmptyState icon={<SearchX />} title={usage('empty')}>
            {t('emptyHint')}
          </EmptyState>
        }
      />
    </section>
  );
}

function useColumns(group: GroupTableProps['group'], total: UsageReport | undefined): Column<UsageRow, Order>[] {
  const t = useTranslations('usage');
  const admin = useTranslations('adminUsage');
  const latency = useLatency();
  const label = useGroupLabel(group);
  const [, setParameters] = usePlatformUsageParameters();
  const all = total?.data.reduce((sum, row) => sum + row.totalTokens, 0) ?? 0;
  // What one looks at next: of a model its users, of anything else its models.
  const next = group === 'model' ? 'user' : 'model';
  const number = (
    id: 'requests' | 'errors' | 'refused' | 'promptTokens' | 'completionTokens' | 'totalTokens',
    from: 'always' | 'medium' | 'wide' = 'always',
  ): Column<UsageRow, Order> => ({
    id,
    header: t(`column.${id}`),
    align: 'end',
    from,
    width: '7rem',
    skeleton: '3rem',
    ...(id !== 'promptTokens' && id !== 'completionTokens' && { sort: id }),
    cell: (row) => <NumberText value={row[id]} />,
  });
  return [
    {
      id: 'group',
      header: admin(`column.${group}`),
      title: true,
      skeleton: '9rem',
      cell: (row) => (
        <RowLink onOpen={() => void setParameters({ [group]: groupId(row, group), group: next }, { history: 'push' })}>
          <span className="block max-w-64 truncate font-medium">{label(row)}</span>
        </RowLink>
      ),
    },
    number('requests'),
    number('errors', 'medium'),
    number('refused'),
    number('promptTokens', 'wide'),
    number('completionTokens', 'wide'),
    number('totalTokens'),
    {
      id: 'share',
      header: t('column.share'),
      align: 'end',
      width: '5rem',
      skeleton: '2rem',
      from: 'medium',
      cell: ({ totalTokens }) => (
        <span className="tabular-nums">{t('share', { share: all === 0 ? 0 : totalTokens / all })}</span>
      ),
    },
    {
      id: 'latency',
      header: t('column.latency'),
      align: 'end',
      from: 'wide',
      width: '7rem',
      skeleton: '3rem',
      cell: ({ averageDurationMs }) => (
        <span className="whitespace-nowrap tabular-nums">{latency(averageDurationMs)}</span>
      ),
    },
  ];
}
