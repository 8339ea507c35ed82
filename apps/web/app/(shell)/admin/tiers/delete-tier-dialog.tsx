'use client';

import { useState } from 'react';
import { useTranslations } from 'use-intl';
import type { PreviewTier } from '@maas/contracts/tier-insight';
import type { Tier } from '@maas/contracts/tiers';
import { api } from '@/lib/api';
import { notify } from '@/lib/notify';
import ImpactDialog from './impact-dialog';

interface DeleteTierDialogProps {
  open: boolean;
  tier: Tier | null;
  onClose: () => void;
  onDeleted: () => void;
}

const deletion: PreviewTier = { delete: true };

/** Asks before a tier goes, and says who would get another one or none. */
export default function DeleteTierDialog({ open, tier, onClose, onDeleted }: DeleteTierDialogProps) {
  const t = useTranslations('adminTiers.deleteDialog');
  // While the dialog fades out, it still says what it was about.
  const [shown, setShown] = useState(tier);
  if (tier !== null && tier !== shown) setShown(tier);
  if (shown === null) return null;
  const remove = async () => {
    await api.delete(`/admin/tiers/${shown.name}`);
    void notify(t('done', { name: shown.displayName }));
    onDeleted();
  };
  return (
    <ImpactDialog
      open={open}
      of={shown.name}
      thought={deletion}
      title={t('title', { name: shown.displayName })}
      action={t('action')}
      danger
      last={t('final')}
      refusedWhenOverridden={t('refused')}
      onConfirm={remove}
      onClose={onClose}
    />
  );
}
