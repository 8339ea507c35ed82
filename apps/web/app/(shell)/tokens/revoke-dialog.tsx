'use client';

import { useState } from 'react';
import { useTranslations } from 'use-intl';
import type { Token } from '@maas/contracts/tokens';
import { ConfirmDialog } from '@/components/confirm-dialog';
import { RelativeTime } from '@/components/relative-time';
import { api } from '@/lib/api';
import { notify } from '@/lib/notify';

interface RevokeDialogProps {
  open: boolean;
  /** The token that is to go. */
  token: Token | null;
  onClose: () => void;
  onRevoked: () => void;
}

/** Asks before a token stops working, and says whether it was used. */
export default function RevokeDialog({ token, open, onClose, onRevoked }: RevokeDialogProps) {
  const t = useTranslations('tokens.revokeDialog');
  const tokens = useTranslations('tokens');
  // While the dialog fades out, it still says what it was about.
  const [shown, setShown] = useState(token);
  if (token !== null && token !== shown) setShown(token);
  if (shown === null) return null;
  const name = shown.name ?? tokens('unnamed');
  const { lastUsedAt } = shown;
  const revoke = async () => {
    await api.delete(`/tokens/${shown.jti}`);
    onRevoked();
    void notify(t('done', { name }));
  };
  return (
    <ConfirmDialog
      open={open}
      onOpenChange={(stays) => !stays && onClose()}
      title={t('title', { name })}
      action={tokens('revoke')}
      onConfirm={revoke}
    >
      <p>
        {lastUsedAt === null
          ? t('unused')
          : t.rich('used', {
              time: () => (
                <strong>
                  <RelativeTime at={lastUsedAt} focusable={false} />
                </strong>
              ),
            })}
      </p>
      <p>{t('final')}</p>
    </ConfirmDialog>
  );
}
