'use client';

import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import type { User } from '@maas/contracts/auth';
import type { RevokeAllResult } from '@maas/contracts/tokens';
import { ConfirmDialog } from '@/components/confirm-dialog';
import { InlineError } from '@/components/inline-error';
import { api } from '@/lib/api';
import { notify } from '@/lib/notify';
import { withoutPrevious } from '@/lib/query-client';

interface RevokeAllDialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  user: User;
  onRevoked: () => void;
}

/** Asks before all tokens of somebody stop working: counts them first, and wants their name typed. */
export default function RevokeAllDialog({ open, onOpenChange, user, onRevoked }: RevokeAllDialogProps) {
  const t = useTranslations('adminUsers.revokeAllDialog');
  const path = `/admin/users/${user.id}/tokens`;
  const { data, error } = useQuery({
    queryKey: ['/admin/tokens', 'revoke-all', user.id],
    queryFn: () => api.delete<RevokeAllResult>(path, { query: { dryRun: true } }),
    enabled: open,
    ...withoutPrevious,
    staleTime: 0,
    gcTime: 0,
  });
  const revoke = async () => {
    const { revoked } = await api.delete<RevokeAllResult>(path);
    onRevoked();
    void notify(t('done', { count: revoked, name: user.username }));
  };
  return (
    <ConfirmDialog
      open={open}
      onOpenChange={onOpenChange}
      title={t('title', { name: user.username })}
      action={t('action')}
      typed={user.username}
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
