'use client';

import { useState } from 'react';
import { useTranslations } from 'use-intl';
import type { Backend, Model } from '@maas/contracts/models';
import { ConfirmDialog } from '@/components/confirm-dialog';
import { api } from '@/lib/api';
import { notify } from '@/lib/notify';
import { modelPath } from './model-query';

interface DeleteBackendDialogProps {
  open: boolean;
  model: Model;
  backend: Backend | null;
  onClose: () => void;
  onDeleted: () => void;
}

/** Asks before a backend goes, and says what is under way there and whether it is the last one. */
export default function DeleteBackendDialog(props: DeleteBackendDialogProps) {
  const { open, model, backend, onClose, onDeleted } = props;
  const t = useTranslations('adminModels.deleteBackend');
  const [shown, setShown] = useState(backend);
  if (backend !== null && backend !== shown) setShown(backend);
  if (shown === null) return null;
  const remove = async () => {
    await api.delete(`${modelPath(model.id)}/backends/${shown.id}`);
    void notify(t('done'));
    onDeleted();
  };
  return (
    <ConfirmDialog
      open={open}
      onOpenChange={(stays) => !stays && onClose()}
      title={t('title')}
      action={t('action')}
      onConfirm={remove}
    >
      <p>
        <code className="font-mono text-xs wrap-anywhere text-ink">{shown.url}</code>
      </p>
      {model.backends.length === 1 && <p>{t('last', { name: model.name })}</p>}
      {shown.health.outstanding > 0 && <p>{t('underWay', { count: shown.health.outstanding })}</p>}
      <p>{t('final')}</p>
    </ConfirmDialog>
  );
}
