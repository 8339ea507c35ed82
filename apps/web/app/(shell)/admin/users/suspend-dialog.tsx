'use client';

import { useState } from 'react';
import { useTranslations } from 'use-intl';
import type { User } from '@maas/contracts/auth';
import { ConfirmDialog } from '@/components/confirm-dialog';
import { api } from '@/lib/api';
import { notify } from '@/lib/notify';

interface SuspendDialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  user: User;
  onUser: (user: User) => void;
}

/** Asks before somebody is shut out, or let in again. */
export default function SuspendDialog({ open, onOpenChange, user, onUser }: SuspendDialogProps) {
  const t = useTranslations('adminUsers.suspendDialog');
  // What it is about is decided when it opens: while it fades out, the user is suspended already.
  const [opening, setOpening] = useState({ open, suspended: user.suspendedAt === null });
  if (open !== opening.open) setOpening({ open, suspended: open ? user.suspendedAt === null : opening.suspended });
  const { suspended } = opening;
  const which = suspended ? 'suspend' : 'resume';
  const change = async () => {
    onUser(await api.patch<User>(`/admin/users/${user.id}`, { body: { suspended } }));
    void notify(t(`${which}.done`, { name: user.username }));
  };
  return (
    <ConfirmDialog
      open={open}
      onOpenChange={onOpenChange}
      title={t(`${which}.title`, { name: user.username })}
      action={t(`${which}.action`)}
      danger={suspended}
      onConfirm={change}
    >
      <p>{t(`${which}.effect`)}</p>
    </ConfirmDialog>
  );
}
