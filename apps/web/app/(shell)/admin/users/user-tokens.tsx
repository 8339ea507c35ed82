'use client';

import { useQueryClient } from '@tanstack/react-query';
import Link from 'next/link';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import type { User } from '@maas/contracts/auth';
import type { AdminToken } from '@maas/contracts/tokens';
import { Button } from '@/components/button';
import { ErrorState } from '@/components/error-state';
import { RelativeTime } from '@/components/relative-time';
import { Skeleton } from '@/components/skeleton';
import { useCursorList } from '@/lib/cursor-list';
import { lazyOverlay } from '@/lib/lazy-overlay';
import { TokenStatus } from '@/app/(shell)/tokens/token-status';
import { SheetSection } from '../sheet-section';

const RevokeAllDialog = lazyOverlay(() => import('./revoke-all-dialog'));
const TOKENS_SHOWN = 5;

/** The newest of somebody's tokens, and the way to end all of them. */
export function UserTokens({ user }: { user: User }) {
  const t = useTranslations('adminUsers.tokens');
  const [revoking, setRevoking] = useState(false);
  const queryClient = useQueryClient();
  const list = useCursorList<AdminToken>('/admin/tokens', { user: user.id, limit: TOKENS_SHOWN });
  return (
    <SheetSection
      title={t('title')}
      description={t('lead')}
      aside={
        list.more && (
          <Link href={`/admin/tokens?user=${user.id}`} className="text-sm text-accent hover:underline">
            {t('all')}
          </Link>
        )
      }
    >
      {list.rows ? (
        <TokenLines tokens={list.rows.slice(0, TOKENS_SHOWN)} />
      ) : list.error ? (
        <ErrorState error={list.error} retry={list.retry} />
      ) : (
        <Skeleton className="h-24" />
      )}
      <div className="mt-3 flex justify-end">
        <Button onClick={() => setRevoking(true)} disabled={list.rows?.length === 0}>
          {t('revokeAll')}
        </Button>
      </div>
      <RevokeAllDialog
        open={revoking}
        onOpenChange={setRevoking}
        user={user}
        onRevoked={() => void queryClient.invalidateQueries({ queryKey: ['/admin/tokens'] })}
      />
    </SheetSection>
  );
}

function TokenLines({ tokens }: { tokens: readonly AdminToken[] }) {
  const t = useTranslations('adminUsers.tokens');
  const own = useTranslations('tokens');
  if (tokens.length === 0) return <p className="text-sm text-muted">{t('none')}</p>;
  return (
    <ul className="divide-y divide-line rounded-md border border-line text-sm">
      {tokens.map((token) => (
        <li key={token.jti} className="flex items-center gap-3 px-3 py-2">
          <span className="min-w-0 flex-1">
            <span className="block truncate">{token.name ?? own('unnamed')}</span>
            <span className="block text-xs text-faint">
              {token.lastUsedAt === null
                ? t('unused')
                : t.rich('used', { time: () => <RelativeTime at={token.lastUsedAt ?? ''} focusable={false} /> })}
            </span>
          </span>
          <TokenStatus token={token} />
        </li>
      ))}
    </ul>
  );
}
