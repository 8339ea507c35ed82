'use client';

import { useTranslations } from 'use-intl';
import type { User } from '@maas/contracts/auth';
import { ConfirmDialog } from '@/components/confirm-dialog';
import { api } from '@/lib/api';
import { notify } from '@/lib/notify';

interface DeleteUserDialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  user: User;
  onDeleted: () => void;
}

/** Asks before somebody and their tokens go; wants their name typed. */
export default function DeleteUserDialog({ open, onOpenChange, user, onDeleted }: DeleteUserDialogProps) {
  const t = useTranslations('adminUsers.deleteDialog');
  const remove = async () => {
    await api.delete(`/admin/users/${user.id}`);
    void notify(t('done', { name: user.username }));
    onDeleted();
  };
  return (
    <ConfirmDialog
      open={open}
      onOpenChange={onOpenChange}
      title={t('title', { name: user.username })}
      action={t('action')}
      typed={user.username}
      onConfirm={remove}
    >
      <p>{t('effect')}</p>
      {user.provider !== 'local' && <p>{t('comesBack')}</p>}
    </ConfirmDialog>
  );
}
