'use client';

import { useId, useState } from 'react';
import { useTranslations } from 'use-intl';
import type { Model } from '@maas/contracts/models';
import { Button } from '@/components/button';
import { Sheet } from '@/components/sheet';
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
  // Each opening begins anew, and one that is open keeps what was entered while the model is read again.
  const [opening, setOpening] = useState({ open, model, round: 0 });
  if (open !== opening.open) setOpening({ open, model: open ? model : opening.model, round: opening.round + (open ? 1 : 0) }); // prettier-ignore
  return (
    <Sheet
      open={open}
      onOpenChange={(stays) => !stays && !pending && onClose()}
      title={opening.model ? t('form.editTitle', { name: opening.model.name }) : t('form.createTitle')}
      description={opening.model ? undefined : t('form.createLead')}
      footer={
        <>
          <Button onClick={onClose} disabled={pending}>
            {t('form.cancel')}
          </Button>
          <Button type="submit" form={form} variant="primary" pending={pending}>
            {t(opening.model ? 'form.save' : 'form.create')}
          </Button>
        </>
      }
    >
      <ModelForm key={opening.round} id={form} model={opening.model} onPending={setPending} onSaved={onSaved} />
    </Sheet>
  );
}
