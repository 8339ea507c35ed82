'use client';

import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import type { RevokeAllResult } from '@maas/contracts/tokens';
import { api } from '@/lib/api';
import { withoutPrevious } from '@/lib/query-client';
import { tokenConfigQuery } from '@/lib/token-config';
import { ConfirmDialog } from './confirm-dialog';
import { InlineError } from './inline-error';

interface RevokeTokensDialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  /** The tokens of somebody in the API, that a DELETE revokes and counts. */
  path: string;
  title: string;
  /** Says how many stop working. */
  counted: (revoked: number) => ReactNode;
  /** What that means for programs. */
  final: string;
  /** What is to be typed first, where there is something to revoke. */
  typed: string;
  onConfirm: () => Promise<void>;
}

/** Asks before all tokens of somebody stop working: counts them first, and wants a word typed. */
export function RevokeTokensDialog(props: RevokeTokensDialogProps) {
  const { open, onOpenChange, path, title, counted, final, typed, onConfirm } = props;
  const t = useTranslations('revokeTokens');
  const { data, error } = useQuery({
    queryKey: [path, 'revoke-all'],
    queryFn: () => api.delete<RevokeAllResult>(path, { query: { dryRun: true } }),
    enabled: open,
    ...withoutPrevious,
    staleTime: 0,
    gcTime: 0,
  });
  const config = useQuery({ ...tokenConfigQuery, enabled: open });
  const ofCluster = config.data?.issuer === 'serviceaccount';
  const nothing = data?.revoked === 0;
  return (
    <ConfirmDialog
      open={open}
      onOpenChange={onOpenChange}
      title={title}
      action={t('action')}
      {...(!nothing && { typed })}
      loading={data === undefined || nothing}
      onConfirm={onConfirm}
    >
      {error && !data ? <InlineError error={error} /> : <p>{data ? counted(data.revoked) : t('counting')}</p>}
      {!nothing && <p>{final}</p>}
      {!nothing && ofCluster && <p>{t('ofCluster')}</p>}
    </ConfirmDialog>
  );
}
