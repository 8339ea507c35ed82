'use client';

import { useId, useState } from 'react';
import { useTranslations } from 'use-intl';
import type { Model } from '@maas/contracts/models';
import { Button } from '@/components/button';
import { Sheet } from '@/components/sheet';
import { useOpening } from '@/lib/opening';
import { ModelForm } from './model-form';

interface ModelSheetProps {
  open: boolean;
  /** null: a new one. */
  model: Model | null;
  onClose: () => void;
  onSaved: (model: Model) => void;
}

/** Registers a model, or changes what is known of one. */
export default function ModelSheet({ open, model, onClose, onSaved }: ModelSheetProps) {
  const t = useTranslations('adminModels');
  const form = useId();
  const [pending, setPending] = useState(false);
  const { value: editing, round } = useOpening(open, model);
  return (
    <Sheet
      open={open}
      onOpenChange={(stays) => !stays && !pending && onClose()}
      title={editing ? t('form.editTitle', { name: editing.name }) : t('form.createTitle')}
      description={editing ? undefined : t('form.createLead')}
      footer={
        <>
          <Button onClick={onClose} disabled={pending}>
            {t('form.cancel')}
          </Button>
          <Button type="submit" form={form} variant="primary" pending={pending}>
            {t(editing ? 'form.save' : 'form.create')}
          </Button>
        </>
      }
    >
      <ModelForm key={round} id={form} model={editing} onPending={setPending} onSaved={onSaved} />
    </Sheet>
  );
}
