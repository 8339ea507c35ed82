'use client';

import { useTranslations } from 'use-intl';
import type { AuditEntry } from '@maas/contracts/auth';
import type { Column } from '@/components/data-table';
import { RelativeTime } from '@/components/relative-time';
import { RowLink } from '@/components/row-link';
import { classNames } from '@/lib/class-names';
import { changesOfEntry } from './changes';
import { useFieldLabel } from './field-label';
import { targetName } from './target-name';

/** The columns of the audit log. */
export function useAuditColumns(onOpen: (entry: AuditEntry) => void): Column<AuditEntry>[] {
  const column = useTranslations('adminAudit.column');
  return [
    {
      id: 'at',
      header: column('at'),
      width: '9rem',
      skeleton: '5rem',
      cell: ({ at }) => <RelativeTime at={at} focusable={false} />,
    },
    {
      id: 'action',
      header: column('action'),
      title: true,
      width: '12rem',
      skeleton: '7rem',
      cell: (entry) => (
        <RowLink onOpen={() => onOpen(entry)}>
          <span className="font-mono text-xs font-medium">{entry.action}</span>
        </RowLink>
      ),
    },
    {
      id: 'actor',
      header: column('actor'),
      width: '11rem',
      skeleton: '6rem',
      cell: ({ actorName }) => <span className="block max-w-44 truncate">{actorName}</span>,
    },
    {
      id: 'target',
      header: column('target'),
      width: '15rem',
      skeleton: '9rem',
      cell: (entry) => <Target entry={entry} />,
    },
    { id: 'changed', header: column('changed'), from: 'wide', skeleton: '9rem', cell: (entry) => <Changed entry={entry} /> },
  ]; // prettier-ignore
}

function Target({ entry }: { entry: AuditEntry }) {
  const { targetType, targetId } = entry;
  const name = targetName(entry);
  return (
    <span className="flex max-w-60 items-baseline gap-1.5" title={targetId}>
      <span className="text-muted">{targetType}</span>
      <span className={classNames('truncate', name === targetId && 'font-mono text-xs')}>{name}</span>
    </span>
  );
}

function Changed({ entry }: { entry: AuditEntry }) {
  const t = useTranslations('adminAudit');
  const label = useFieldLabel();
  const { kind, changes } = changesOfEntry(entry);
  if (kind !== 'changed') return <span className="text-faint">{t(`kind.${kind}`)}</span>;
  const fields = changes.map(({ field }) => label(entry.action, field)).join(', ');
  return <span className="block max-w-72 truncate text-muted">{fields}</span>;
}
