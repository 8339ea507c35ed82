'use client';

import { useTranslations } from 'use-intl';
import type { Model } from '@maas/contracts/models';
import { ConfirmDialog } from '@/components/confirm-dialog';
import { api } from '@/lib/api';
import { notify } from '@/lib/notify';
import { modelPath } from './model-query';

interface DeleteModelDialogProps {
  open: boolean;
  model: Model;
  onOpenChange: (open: boolean) => void;
  onDeleted: () => void;
}

/** Asks before a model goes, with its backends; wants its id typed. */
export default function DeleteModelDialog({ open, model, onOpenChange, onDeleted }: DeleteModelDialogProps) {
  const t = useTranslations('adminModels.deleteDialog');
  const remove = async () => {
    await api.delete(modelPath(model.id));
    void notify(t('done', { name: model.name }));
    onDeleted();
  };
  return (
    <ConfirmDialog
      open={open}
      onOpenChange={onOpenChange}
      title={t('title', { name: model.name })}
      action={t('action')}
      typed={model.id}
      onConfirm={remove}
    >
      <p>{t('effect', { id: model.id, backends: model.backends.length })}</p>
      <p>{t('instead')}</p>
    </ConfirmDialog>
  );
}
