'use client';

import { useQuery } from '@tanstack/react-query';
import { Ban, Copy } from 'lucide-react';
import { useTranslations } from 'use-intl';
import type { Token } from '@maas/contracts/tokens';
import type { UsageReport } from '@maas/contracts/usage';
import type { Column } from '@/components/data-table';
import { type MenuEntry, RowMenu } from '@/components/menu';
import { NumberText } from '@/components/number-text';
import { RelativeTime } from '@/components/relative-time';
import { Skeleton } from '@/components/skeleton';
import { api } from '@/lib/api';
import { copyText } from '@/lib/copy';
import { notify } from '@/lib/notify';
import { every } from '@/lib/query-client';
import type { TokenSort } from './token-parameters';
import { TokenStatus } from './token-status';

/** The columns of the list of one's tokens. */
export function useTokenColumns(
  onRevoke: (token: Token) => void,
  onOpen: (jti: string) => void,
): Column<Token, TokenSort>[] {
  const t = useTranslations('tokens');
  const column = useTranslations('tokens.column');
  const requests = useRequestsByToken();
  const never = <span className="text-faint">{t('never')}</span>;
  return [
    {
      id: 'name',
      header: column('name'),
      title: true,
      skeleton: '9rem',
      cell: (token) => <Name token={token} onOpen={onOpen} />,
    },
    {
      id: 'status',
      header: column('status'),
      width: '9rem',
      skeleton: '5rem',
      cell: (token) => <TokenStatus token={token} />,
    },
    {
      id: 'requests',
      header: column('requests'),
      width: '8rem',
      align: 'end',
      from: 'medium',
      skeleton: '2rem',
      cell: ({ jti }) =>
        requests ? <NumberText value={requests.get(jti) ?? 0} /> : <Skeleton className="h-3.5 w-8" />,
    },
    {
      id: 'lastUsed',
      header: column('lastUsed'),
      sort: 'lastUsedAt',
      width: '10rem',
      skeleton: '5rem',
      cell: ({ lastUsedAt }) => (lastUsedAt === null ? never : <RelativeTime at={lastUsedAt} focusable={false} />),
    },
    {
      id: 'created',
      header: column('created'),
      sort: 'createdAt',
      width: '10rem',
      from: 'wide',
      skeleton: '5rem',
      cell: ({ createdAt }) => <RelativeTime at={createdAt} focusable={false} />,
    },
    {
      id: 'expires',
      header: column('expires'),
      sort: 'expiresAt',
      width: '10rem',
      skeleton: '5rem',
      cell: ({ expiresAt, revokedAt }) =>
        revokedAt === null ? <RelativeTime at={expiresAt} focusable={false} /> : <span className="text-faint">—</span>,
    },
    {
      id: 'menu',
      header: column('menu'),
      headerHidden: true,
      width: '3.5rem',
      align: 'end',
      cell: (token) => <TokenMenu token={token} onRevoke={onRevoke} />,
    },
  ];
}

function Name({ token, onOpen }: { token: Token; onOpen: (jti: string) => void }) {
  const t = useTranslations('tokens');
  return (
    <div className="min-w-0 py-0.5">
      <button
        type="button"
        data-row-link
        aria-haspopup="dialog"
        onClick={() => onOpen(token.jti)}
        className="block max-w-72 cursor-pointer truncate font-medium hover:underline"
      >
        {token.name ?? <span className="text-muted">{t('unnamed')}</span>}
      </button>
      <p className="max-w-72 truncate text-xs text-faint">{token.description ?? token.jti}</p>
    </div>
  );
}

function TokenMenu({ token, onRevoke }: { token: Token; onRevoke: (token: Token) => void }) {
  const t = useTranslations('tokens');
  const copyId = async () => (await copyText(token.jti)) && notify(t('idCopied'));
  const entries: MenuEntry[] = [{ label: t('copyId'), icon: <Copy />, onSelect: () => void copyId() }];
  if (token.status === 'active') {
    entries.push('separator', { label: t('revoke'), icon: <Ban />, danger: true, onSelect: () => onRevoke(token) });
  }
  return <RowMenu label={t('rowMenu', { name: token.name ?? token.jti })} entries={entries} />;
}

/** How many requests each token made in the last 24 hours: one question for the whole list. */
function useRequestsByToken(): Map<string, number> | undefined {
  const { data } = useQuery({
    queryKey: ['/usage', 'by-token', '24h'],
    queryFn: ({ signal }) => {
      const from = new Date(Date.now() - 86_400_000).toISOString();
      return api.get<UsageReport>('/usage', { query: { groupBy: 'token', from }, signal });
    },
    ...every(30),
  });
  return data && new Map(data.data.map((row) => [row.token ?? '', row.requests]));
}
