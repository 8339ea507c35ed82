'use client';

import { useId, useState } from 'react';
import { useTranslations } from 'use-intl';
import type { Tier } from '@maas/contracts/tiers';
import { AbsoluteTime } from '@/components/absolute-time';
import { Button } from '@/components/button';
import { Sheet } from '@/components/sheet';
import { useOpening } from '@/lib/opening';
import { TierForm } from './tier-form';

interface TierSheetProps {
  open: boolean;
  /** null: a new one. */
  tier: Tier | null;
  onClose: () => void;
  onSaved: () => void;
  onDelete: (tier: Tier) => void;
}

/** Makes a tier, or changes one. */
export default function TierSheet({ open, tier, onClose, onSaved, onDelete }: TierSheetProps) {
  const t = useTranslations('adminTiers');
  const form = useId();
  const [pending, setPending] = useState(false);
  const { value: editing, round } = useOpening(open, tier, tier?.name);
  return (
    <Sheet
      open={open}
      onOpenChange={(stays) => !stays && !pending && onClose()}
      title={editing ? editing.displayName : t('form.createTitle')}
      description={
        editing ? t.rich('form.changed', { time: () => <AbsoluteTime at={editing.updatedAt} /> }) : t('form.createLead')
      }
      footer={
        <>
          {editing?.configMap === null && (
            <Button variant="ghost" className="me-auto" disabled={pending} onClick={() => onDelete(editing)}>
              {t('delete')}
            </Button>
          )}
          <Button onClick={onClose} disabled={pending}>
            {t('form.cancel')}
          </Button>
          <Button type="submit" form={form} variant="primary" pending={pending}>
            {t(editing ? 'form.review' : 'form.create')}
          </Button>
        </>
      }
    >
      <TierForm key={round} id={form} tier={editing} onPending={setPending} onSaved={() => (onSaved(), onClose())} />
    </Sheet>
  );
}
