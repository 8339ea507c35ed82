'use client';

import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import type { TierPreview } from '@maas/contracts/tier-insight';
import type { Tier, UpdateTier } from '@maas/contracts/tiers';
import { ConfirmDialog } from '@/components/confirm-dialog';
import { InlineError } from '@/components/inline-error';
import { api } from '@/lib/api';
import { ApiError } from '@/lib/api-error';
import { notify } from '@/lib/notify';
import { withoutPrevious } from '@/lib/query-client';
import { TierImpact } from './tier-impact';

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
  const [shown, setShown] = useState(changes);
  if (changes !== null && changes !== shown) setShown(changes);
  const { data, error } = useQuery({
    queryKey: ['/admin/tier-preview', tier.name, shown],
    queryFn: ({ signal }) => api.post<TierPreview>(`/admin/tiers/${tier.name}/preview`, { body: shown, signal }),
    enabled: changes !== null,
    ...withoutPrevious,
    staleTime: 0,
    gcTime: 0,
  });
  const save = async () => {
    try {
      await api.patch<Tier>(`/admin/tiers/${tier.name}`, { body: shown });
    } catch (caught) {
      if (!(caught instanceof ApiError) || caught.field === undefined) throw caught;
      return onFailed(caught);
    }
    void notify(t('saved', { name: tier.displayName }));
    onSaved();
  };
  return (
    <ConfirmDialog
      open={changes !== null}
      onOpenChange={(open) => !open && onClose()}
      title={t('title', { name: tier.displayName })}
      action={t('save')}
      danger={false}
      loading={data === undefined}
      onConfirm={save}
    >
      {error ? <InlineError error={error} /> : <TierImpact preview={data} />}
      <p>{t('soon')}</p>
    </ConfirmDialog>
  );
}
