'use client';

import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import type { PreviewTiers, TierPreview } from '@maas/contracts/tier-insight';
import { ConfirmDialog } from '@/components/confirm-dialog';
import { InlineError } from '@/components/inline-error';
import { api } from '@/lib/api';
import { withoutPrevious } from '@/lib/query-client';
import { TierImpact } from './tier-impact';

interface ImpactDialogProps {
  open: boolean;
  /** What is thought of; null: nothing is asked. */
  thought: PreviewTiers | null;
  title: string;
  action: string;
  onConfirm: () => Promise<void>;
  onClose: () => void;
}

/** Shows what a new tier, or another order of the tiers, would do to people, before it is made. */
export default function ImpactDialog({ open, thought, title, action, onConfirm, onClose }: ImpactDialogProps) {
  const t = useTranslations('adminTiers.confirm');
  const [shown, setShown] = useState(thought);
  if (thought !== null && thought !== shown) setShown(thought);
  const { data, error } = useQuery({
    queryKey: ['/admin/tier-preview', shown],
    queryFn: ({ signal }) => api.post<TierPreview>('/admin/tiers/preview', { body: shown, signal }),
    enabled: thought !== null,
    ...withoutPrevious,
    staleTime: 0,
    gcTime: 0,
  });
  return (
    <ConfirmDialog
      open={open}
      onOpenChange={(stays) => !stays && onClose()}
      title={title}
      action={action}
      danger={false}
      loading={data === undefined}
      onConfirm={onConfirm}
    >
      {error ? <InlineError error={error} /> : <TierImpact preview={data} />}
      <p>{t('soon')}</p>
    </ConfirmDialog>
  );
}
