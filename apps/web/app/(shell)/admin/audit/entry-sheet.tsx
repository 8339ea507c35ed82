'use client';

import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import type { AuditEntry } from '@maas/contracts/auth';
import { AbsoluteTime } from '@/components/absolute-time';
import { CopyButton } from '@/components/copy-button';
import { ErrorState } from '@/components/error-state';
import { Sheet } from '@/components/sheet';
import { Skeleton } from '@/components/skeleton';
import { api } from '@/lib/api';
import { withoutPrevious } from '@/lib/query-client';
import { EntryDiff } from './entry-diff';
import { EntryFacts } from './entry-facts';

interface EntrySheetProps {
  open: boolean;
  id: string | null;
  /** The entry as the list has it. An entry never changes, so nothing more is to be read then. */
  known: AuditEntry | undefined;
  onClose: () => void;
}

/** One entry of the audit log: who, when, from where, and what changed. */
export default function EntrySheet({ open, id, known, onClose }: EntrySheetProps) {
  const t = useTranslations('adminAudit.entry');
  // While the sheet slides out, it still shows what it was about.
  const [shown, setShown] = useState({ id, known });
  if (id !== null && (id !== shown.id || (known && !shown.known))) setShown({ id, known });
  const query = useQuery({
    queryKey: ['/admin/audit', 'one', shown.id],
    queryFn: ({ signal }) => api.get<AuditEntry>(`/admin/audit/${encodeURIComponent(shown.id ?? '')}`, { signal }),
    enabled: open && shown.id !== null && shown.known === undefined,
    ...withoutPrevious,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const entry = shown.known ?? query.data;
  return (
    <Sheet
      open={open}
      onOpenChange={(stays) => !stays && onClose()}
      title={<span className="font-mono text-base">{entry?.action ?? t('title')}</span>}
      description={entry && <AbsoluteTime at={entry.at} />}
      footer={
        entry && (
          <CopyButton wide label={t('copyLink')} value={`${location.origin}/admin/audit?entry=${entry.id}&range=all`} />
        )
      }
    >
      {entry ? (
        <div className="flex flex-col gap-5">
          <EntryFacts entry={entry} />
          <EntryDiff entry={entry} />
        </div>
      ) : query.error ? (
        <ErrorState error={query.error} retry={() => void query.refetch()} />
      ) : (
        <Skeleton className="h-60" />
      )}
    </Sheet>
  );
}
