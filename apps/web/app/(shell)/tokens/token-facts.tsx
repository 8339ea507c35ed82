'use client';

import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import type { Token } from '@maas/contracts/tokens';
import { AbsoluteTime } from '@/components/absolute-time';
import { CopyButton } from '@/components/copy-button';
import { RelativeTime } from '@/components/relative-time';
import { Skeleton } from '@/components/skeleton';
import { TokenStatus } from './token-status';

/** What is known of a token; never its secret. */
export function TokenFacts({ token, jti }: { token: Token | undefined; jti: string }) {
  const t = useTranslations('tokenDetail');
  const both = (at: string) => (
    <>
      <AbsoluteTime at={at} />{' '}
      <span className="text-muted">
        (<RelativeTime at={at} />)
      </span>
    </>
  );
  const known = (read: (token: Token) => ReactNode) => (token ? read(token) : <Skeleton className="mt-1 h-3.5 w-40" />);
  return (
    <dl className="divide-y divide-line text-sm">
      <Fact name={t('fact.status')}>
        {known((one) => (
          <TokenStatus token={one} />
        ))}
      </Fact>
      <Fact name={t('fact.lastUsed')}>
        {known(({ lastUsedAt }) => (lastUsedAt === null ? t('never') : both(lastUsedAt)))}
      </Fact>
      <Fact name={t('fact.created')}>{known(({ createdAt }) => both(createdAt))}</Fact>
      <Fact name={t('fact.expires')}>{known(({ expiresAt }) => both(expiresAt))}</Fact>
      {token?.revokedAt && <Fact name={t('fact.revoked')}>{both(token.revokedAt)}</Fact>}
      <Fact name={t('fact.id')}>
        <span className="flex items-center gap-1">
          <code className="min-w-0 font-mono text-xs wrap-anywhere">{jti}</code>
          <CopyButton value={jti} label={t('copyId')} />
        </span>
      </Fact>
    </dl>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="grid gap-x-4 py-2 sm:grid-cols-[9rem_minmax(0,1fr)]">
      <dt className="text-muted">{name}</dt>
      <dd className="min-w-0">{children}</dd>
    </div>
  );
}
