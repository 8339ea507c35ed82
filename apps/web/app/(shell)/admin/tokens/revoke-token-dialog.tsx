'use client';

import { useState } from 'react';
import { useTranslations } from 'use-intl';
import type { AdminToken } from '@maas/contracts/tokens';
import { ConfirmDialog } from '@/components/confirm-dialog';
import { RelativeTime } from '@/components/relative-time';
import { api } from '@/lib/api';
import { notify } from '@/lib/notify';

interface RevokeTokenDialogProps {
  open: boolean;
  token: AdminToken | null;
  onClose: () => void;
  onRevoked: () => void;
}

/** Asks before somebody's token stops working, and says whose it is and whether it was used. */
export default function RevokeTokenDialog({ open, token, onClose, onRevoked }: RevokeTokenDialogProps) {
  const t = useTranslations('adminTokens.revokeDialog');
  const own = useTranslations('tokens');
  // While the dialog fades out, it still says what it was about.
  const [shown, setShown] = useState(token);
  if (token !== null && token !== shown) setShown(token);
  if (shown === null) return null;
  const name = shown.name ?? own('unnamed');
  const { lastUsedAt } = shown;
  const revoke = async () => {
    await api.delete(`/admin/tokens/${shown.jti}`);
    onRevoked();
    void notify(own('revokeDialog.done', { name }));
  };
  return (
    <ConfirmDialog
      open={open}
      onOpenChange={(stays) => !stays && onClose()}
      title={own('revokeDialog.title', { name })}
      action={own('revoke')}
      onConfirm={revoke}
    >
      <p>{t.rich('owner', { name: shown.username, strong: (text) => <strong>{text}</strong> })}</p>
      <p>
        {lastUsedAt === null
          ? own('revokeDialog.unused')
          : own.rich('revokeDialog.used', {
              time: () => (
                <strong>
                  <RelativeTime at={lastUsedAt} focusable={false} />
                </strong>
              ),
            })}
      </p>
      <p>{own('revokeDialog.final')}</p>
    </ConfirmDialog>
  );
}
