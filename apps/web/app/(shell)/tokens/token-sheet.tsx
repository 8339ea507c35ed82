'use client';

import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import type { Token } from '@maas/contracts/tokens';
import { Button } from '@/components/button';
import { ErrorState } from '@/components/error-state';
import { Sheet } from '@/components/sheet';
import { Skeleton } from '@/components/skeleton';
import { api } from '@/lib/api';
import { TokenFacts } from './token-facts';
import { TokenRequests } from './token-requests';
import { TokenUsage } from './token-usage';

interface TokenSheetProps {
  open: boolean;
  jti: string | null;
  onClose: () => void;
  onRevoke: (token: Token) => void;
}

/** All of one token: what it is, what it used, its last requests. */
export default function TokenSheet({ open, jti, onClose, onRevoke }: TokenSheetProps) {
  const t = useTranslations('tokenDetail');
  // While the sheet leaves, it still says what it was about.
  const [shown, setShown] = useState(jti ?? '');
  if (jti !== null && jti !== shown) setShown(jti);
  const { data, error, refetch } = useQuery({
    queryKey: ['/tokens', shown],
    queryFn: ({ signal }) => api.get<Token>(`/tokens/${encodeURIComponent(shown)}`, { signal }),
    enabled: open,
  });
  // The one that was open before is no stand-in for this one.
  const token = data?.jti === shown ? data : undefined;
  return (
    <Sheet
      open={open}
      onOpenChange={(stays) => !stays && onClose()}
      width="lg"
      title={token ? (token.name ?? t('unnamed')) : error ? t('title') : <Skeleton className="my-1 h-5 w-40" />}
      description={token?.description ?? undefined}
      {...(token?.status === 'active' && {
        footer: (
          <Button variant="danger" onClick={() => onRevoke(token)}>
            {t('revoke')}
          </Button>
        ),
      })}
    >
      {error && !token ? (
        <ErrorState error={error} retry={() => void refetch()} />
      ) : (
        <div className="flex flex-col gap-7">
          <TokenFacts token={token} jti={shown} />
          <TokenUsage jti={shown} />
          <TokenRequests jti={shown} />
        </div>
      )}
    </Sheet>
  );
}
