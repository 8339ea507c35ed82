'use client';

import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import type { RevokeAllResult } from '@maas/contracts/tokens';
import { ConfirmDialog } from '@/components/confirm-dialog';
import { InlineError } from '@/components/inline-error';
import { api } from '@/lib/api';
import { notify } from '@/lib/notify';

interface RevokeAllDialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  onRevoked: () => void;
}

/** Asks before all tokens stop working: counts them first, and wants a word typed. */
export default function RevokeAllDialog({ open, onOpenChange, onRevoked }: RevokeAllDialogProps) {
  const t = useTranslations('tokens.revokeAllDialog');
  const { data, error } = useQuery({
    queryKey: ['/tokens', 'revoke-all', 'dry-run'],
    queryFn: () => api.delete<RevokeAllResult>('/tokens', { query: { dryRun: true } }),
    enabled: open,
    staleTime: 0,
    gcTime: 0,
  });
  const revoke = async () => {
    await api.delete('/tokens');
    onRevoked();
    void notify(t('done'));
  };
  return (
    <ConfirmDialog
      open={open}
      onOpenChange={onOpenChange}
      title={t('title')}
      action={t('action')}
      {...(data?.revoked !== 0 && { typed: t('word') })}
      loading={data === undefined || data.revoked === 0}
      onConfirm={revoke}
    >
      {error && !data ? (
        <InlineError error={error} />
      ) : (
        <p>
          {data ? t.rich('count', { count: data.revoked, strong: (text) => <strong>{text}</strong> }) : t('counting')}
        </p>
      )}
      {data?.revoked !== 0 && <p>{t('final')}</p>}
    </ConfirmDialog>
  );
}
