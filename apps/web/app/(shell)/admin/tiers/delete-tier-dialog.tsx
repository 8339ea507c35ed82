'use client';

import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import type { TierPreview } from '@maas/contracts/tier-insight';
import type { Tier } from '@maas/contracts/tiers';
import { ConfirmDialog } from '@/components/confirm-dialog';
import { InlineError } from '@/components/inline-error';
import { api } from '@/lib/api';
import { notify } from '@/lib/notify';
import { withoutPrevious } from '@/lib/query-client';
import { TierImpact } from './tier-impact';

interface DeleteTierDialogProps {
  open: boolean;
  tier: Tier | null;
  onClose: () => void;
  onDeleted: () => void;
}

/** Asks before a tier goes, and says who would get another one or none. */
export default function DeleteTierDialog({ open, tier, onClose, onDeleted }: DeleteTierDialogProps) {
  const t = useTranslations('adminTiers.deleteDialog');
  // While the dialog fades out, it still says what it was about.
  const [shown, setShown] = useState(tier);
  if (tier !== null && tier !== shown) setShown(tier);
  const { data, error } = useQuery({
    queryKey: ['/admin/tier-preview', shown?.name, 'delete'],
    queryFn: ({ signal }) =>
      api.post<TierPreview>(`/admin/tiers/${shown?.name ?? ''}/preview`, { body: { delete: true }, signal }),
    enabled: open && shown !== null,
    ...withoutPrevious,
    staleTime: 0,
    gcTime: 0,
  });
  if (shown === null) return null;
  const remove = async () => {
    await api.delete(`/admin/tiers/${shown.name}`);
    void notify(t('done', { name: shown.displayName }));
    onDeleted();
  };
  return (
    <ConfirmDialog
      open={open}
      onOpenChange={(stays) => !stays && onClose()}
      title={t('title', { name: shown.displayName })}
      action={t('action')}
      loading={data === undefined || data.overridden > 0}
      onConfirm={remove}
    >
      {error ? <InlineError error={error} /> : <TierImpact preview={data} />}
      {data && data.overridden > 0 && <p>{t('refused')}</p>}
      <p>{t('final')}</p>
    </ConfirmDialog>
  );
}
