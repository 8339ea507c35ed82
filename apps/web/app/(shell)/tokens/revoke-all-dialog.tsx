'use client';

import { useTranslations } from 'use-intl';
import { RevokeTokensDialog } from '@/components/revoke-tokens-dialog';
import { api } from '@/lib/api';
import { notify } from '@/lib/notify';

interface RevokeAllDialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  onRevoked: () => void;
}

/** Asks before all of one's own tokens stop working. */
export default function RevokeAllDialog({ open, onOpenChange, onRevoked }: RevokeAllDialogProps) {
  const t = useTranslations('tokens.revokeAllDialog');
  const revoke = async () => {
    await api.delete('/tokens');
    onRevoked();
    void notify(t('done'));
  };
  return (
    <RevokeTokensDialog
      open={open}
      onOpenChange={onOpenChange}
      path="/tokens"
      title={t('title')}
      counted={(count) => t.rich('count', { count, strong: (text) => <strong>{text}</strong> })}
      final={t('final')}
      typed={t('word')}
      onConfirm={revoke}
    />
  );
}
