'use client';

import { useTranslations } from 'use-intl';
import type { User } from '@maas/contracts/auth';
import type { RevokeAllResult } from '@maas/contracts/tokens';
import { RevokeTokensDialog } from '@/components/revoke-tokens-dialog';
import { api } from '@/lib/api';
import { notify } from '@/lib/notify';

interface RevokeAllDialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  user: User;
  onRevoked: () => void;
}

/** Asks before all tokens of somebody else stop working, and wants their name typed. */
export default function RevokeAllDialog({ open, onOpenChange, user, onRevoked }: RevokeAllDialogProps) {
  const t = useTranslations('adminUsers.revokeAllDialog');
  const path = `/admin/users/${user.id}/tokens`;
  const revoke = async () => {
    const { revoked } = await api.delete<RevokeAllResult>(path);
    onRevoked();
    void notify(t('done', { count: revoked, name: user.username }));
  };
  return (
    <RevokeTokensDialog
      open={open}
      onOpenChange={onOpenChange}
      path={path}
      title={t('title', { name: user.username })}
      counted={(count) => t.rich('count', { count, strong: (text) => <strong>{text}</strong> })}
      final={t('final')}
      typed={user.username}
      onConfirm={revoke}
    />
  );
}
