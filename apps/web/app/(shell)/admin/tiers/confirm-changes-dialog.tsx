'use client';

import { useTranslations } from 'use-intl';
import type { Tier, UpdateTier } from '@maas/contracts/tiers';
import { api } from '@/lib/api';
import { ApiError } from '@/lib/api-error';
import { notify } from '@/lib/notify';
import ImpactDialog from './impact-dialog';

interface ConfirmChangesDialogProps {
  tier: Tier;
  /** What is to be changed; null: nothing is asked. */
  changes: UpdateTier | null;
  onClose: () => void;
  onSaved: () => void;
  /** An error that the form must answer: a conflict, or a field. */
  onFailed: (error: ApiError) => void;
}

/** Shows what a change would do to people, and makes it. */
export function ConfirmChangesDialog({ tier, changes, onClose, onSaved, onFailed }: ConfirmChangesDialogProps) {
  const t = useTranslations('adminTiers.confirm');
  const save = async () => {
    try {
      await api.patch<Tier>(`/admin/tiers/${tier.name}`, { body: changes });
    } catch (caught) {
      if (!(caught instanceof ApiError) || caught.field === undefined) throw caught;
      return onFailed(caught);
    }
    void notify(t('saved', { name: tier.displayName }));
    onSaved();
  };
  return (
    <ImpactDialog
      open={changes !== null}
      of={tier.name}
      thought={changes}
      title={t('title', { name: tier.displayName })}
      action={t('save')}
      onConfirm={save}
      onClose={onClose}
    />
  );
}
