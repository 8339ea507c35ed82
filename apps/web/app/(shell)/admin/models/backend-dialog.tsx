'use client';

import { useId, useState } from 'react';
import { useTranslations } from 'use-intl';
import type { Backend, Model } from '@maas/contracts/models';
import { Button } from '@/components/button';
import { Dialog } from '@/components/dialog';
import { useOpening } from '@/lib/opening';
import { BackendForm } from './backend-form';

interface BackendDialogProps {
  open: boolean;
  model: Model;
  /** null: a new one. */
  backend: Backend | null;
  onClose: () => void;
  onSaved: () => void;
}

/** Adds a backend to a model, or changes one. The credential that was entered goes when the dialog does. */
export default function BackendDialog({ open, model, backend, onClose, onSaved }: BackendDialogProps) {
  const t = useTranslations('adminModels.backendForm');
  const form = useId();
  const [pending, setPending] = useState(false);
  const { value: editing, round } = useOpening(open, backend);
  return (
    <Dialog
      open={open}
      onOpenChange={(stays) => !stays && onClose()}
      locked={pending}
      title={t(editing ? 'editTitle' : 'addTitle')}
      description={t('lead', { name: model.name })}
      footer={
        <>
          <Button onClick={onClose} disabled={pending}>
            {t('cancel')}
          </Button>
          <Button type="submit" form={form} variant="primary" pending={pending}>
            {t(editing ? 'save' : 'add')}
          </Button>
        </>
      }
    >
      <BackendForm key={round} id={form} model={model} backend={editing} onPending={setPending} onSaved={onSaved} />
    </Dialog>
  );
}
