'use client';

import { useTranslations } from 'use-intl';
import type { RequestRow } from '@maas/contracts/requests';
import { CopyButton } from '@/components/copy-button';
import type { Column } from '@/components/data-table';
import { NumberText } from '@/components/number-text';
import { RelativeTime } from '@/components/relative-time';
import { useLatency } from '@/lib/latency';
import { RequestStatus } from './request-status';

/** The columns of a list of requests; `brief` for a narrow place, without what the place says already. */
export function useRequestColumns({ brief = false } = {}): Column<RequestRow>[] {
  const t = useTranslations('requests');
  const latency = useLatency();
  const columns: (Column<RequestRow> & { brief?: false })[] = [
    {
      id: 'at',
      header: t('at'),
      title: true,
      width: brief ? '7.5rem' : '9rem',
      skeleton: '5rem',
      cell: ({ at }) => <RelativeTime at={at} focusable={false} />,
    },
    {
      id: 'model',
      header: t('model'),
      skeleton: '9rem',
      cell: ({ model }) => <span className="block max-w-56 truncate">{model}</span>,
    },
    {
      id: 'status',
      header: t('status'),
      width: brief ? '6rem' : '10rem',
      skeleton: '4rem',
      cell: ({ status }) => <RequestStatus status={status} brief={brief} />,
    },
    {
      id: 'tokens',
      header: t('tokens'),
      align: 'end',
      width: '9rem',
      skeleton: '4rem',
      cell: (row) => <Tokens row={row} />,
    },
    {
      id: 'latency',
      header: t('latency'),
      align: 'end',
      width: '7rem',
      skeleton: '3rem',
      cell: ({ durationMs, firstByteMs }) => (
        <span className="whitespace-nowrap tabular-nums" title={t('firstByte', { time: latency(firstByteMs) })}>
          {latency(durationMs)}
        </span>
      ),
    },
    {
      id: 'token',
      header: t('token'),
      from: 'wide',
      skeleton: '6rem',
      brief: false,
      cell: (row) => <Token row={row} />,
    },
    { id: 'id', header: t('id'), width: '9rem', skeleton: '6rem', brief: false, cell: ({ id }) => <Id id={id} /> },
  ];
  return brief ? columns.filter((column) => column.brief !== false) : columns;
}

function Tokens({ row }: { row: RequestRow }) {
  const t = useTranslations('requests');
  const { promptTokens, completionTokens, totalTokens, countSource } = row;
  return (
    <span title={t('tokensTitle', { promptTokens, completionTokens, countSource })}>
      <NumberText value={totalTokens} />
      {countSource === 'estimated' && <span aria-hidden>*</span>}
    </span>
  );
}

function Token({ row }: { row: RequestRow }) {
  const t = useTranslations('requests');
  return <span className="block max-w-40 truncate text-muted">{row.tokenName ?? t('unnamed')}</span>;
}

/** The end of the id, which is what differs; all of it is copied. */
function Id({ id }: { id: string }) {
  const t = useTranslations('requests');
  return (
    <span className="inline-flex items-center gap-0.5">
      <code className="font-mono text-xs text-muted" title={id}>
        …{id.slice(-8)}
      </code>
      <CopyButton value={id} label={t('copyId')} />
    </span>
  );
}
