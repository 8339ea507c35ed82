'use client';

import { useTranslations } from 'use-intl';
import type { BackendTransition } from '@maas/contracts/backends';
import type { Model } from '@maas/contracts/models';
import type { Column } from '@/components/data-table';
import { DataTable } from '@/components/data-table';
import { EmptyState } from '@/components/empty-state';
import { AbsoluteTime } from '@/components/absolute-time';
import { StatusChip } from '@/components/status-chip';
import { useCursorList } from '@/lib/cursor-list';
import { HealthTimeline } from './health-timeline';
import { modelPath } from './model-query';
import { useLength } from '../length';

/** When backends of a model went away and came back: the last seven days at a glance, and each time in a table. */
export function HealthHistory({ model }: { model: Model }) {
  const t = useTranslations('adminModels.history');
  const list = useCursorList<BackendTransition>(`${modelPath(model.id)}/health`, { limit: 100 }, 30);
  return (
    <section aria-labelledby="history">
      <h2 id="history" className="text-base font-medium">
        {t('title')}
      </h2>
      <p className="mb-2 text-sm text-muted">{t('lead')}</p>
      {list.rows !== undefined && list.rows.length > 0 && model.backends.length > 0 && (
        <HealthTimeline backends={model.backends} transitions={list.rows} />
      )}
      <DataTable
        label={t('title')}
        columns={useHistoryColumns()}
        list={list}
        rowKey={(row) => row.id}
        empty={<EmptyState title={t('emptyTitle')}>{t('empty')}</EmptyState>}
      />
    </section>
  );
}

function useHistoryColumns(): Column<BackendTransition>[] {
  const t = useTranslations('adminModels.history');
  const length = useLength();
  return [
    {
      id: 'at',
      header: t('at'),
      width: '14rem',
      title: true,
      skeleton: '9rem',
      cell: ({ at }) => <AbsoluteTime at={at} />,
    },
    {
      id: 'state',
      header: t('state'),
      width: '8rem',
      skeleton: '4rem',
      cell: ({ state }) => <StatusChip tone={state === 'up' ? 'success' : 'danger'}>{t(state)}</StatusChip>,
    },
    {
      id: 'backend',
      header: t('backend'),
      skeleton: '12rem',
      cell: ({ url }) => <span className="font-mono text-xs wrap-anywhere">{url ?? t('removed')}</span>,
    },
    {
      id: 'reason',
      header: t('reason'),
      width: '9rem',
      from: 'medium',
      skeleton: '5rem',
      cell: ({ reason }) => reason ?? <span className="text-faint">{t('back')}</span>,
    },
    {
      id: 'seconds',
      header: t('length'),
      width: '8rem',
      align: 'end',
      skeleton: '4rem',
      cell: ({ seconds }) => (seconds === null ? <span className="text-muted">{t('ongoing')}</span> : length(seconds)),
    },
    {
      id: 'process',
      header: t('process'),
      width: '10rem',
      from: 'wide',
      skeleton: '6rem',
      cell: ({ process }) => <span className="truncate-id">{process}</span>,
    },
  ];
}
