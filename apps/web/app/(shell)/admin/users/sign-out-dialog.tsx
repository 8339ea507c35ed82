'use client';

import { useTranslations } from 'use-intl';
import type { User } from '@maas/contracts/auth';
import { ConfirmDialog } from '@/components/confirm-dialog';
import { api } from '@/lib/api';
import { notify } from '@/lib/notify';
import { signInAgain } from '@/lib/sign-in-again';
import { useSession } from '@/lib/session';

interface SignOutDialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  user: User;
}

/** Asks before somebody is signed out of all browsers. */
export default function SignOutDialog({ open, onOpenChange, user }: SignOutDialogProps) {
  const t = useTranslations('adminUsers.signOutDialog');
  const self = useSession().id === user.id;
  const signOut = async () => {
    await api.delete(`/admin/users/${user.id}/sessions`);
    void notify(t('done', { name: user.username }));
    if (self) signInAgain();
  };
  return (
    <ConfirmDialog
      open={open}
      onOpenChange={onOpenChange}
      title={t('title', { name: user.username })}
      action={t('action')}
      onConfirm={signOut}
    >
      <p>{t('effect')}</p>
      {self && <p>{t('self')}</p>}
    </ConfirmDialog>
  );
}
