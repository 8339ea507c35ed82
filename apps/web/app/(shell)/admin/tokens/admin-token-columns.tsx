'use client';

import { Ban, ChartColumn, Copy, User as UserIcon } from 'lucide-react';
import Link from 'next/link';
import { useTranslations } from 'use-intl';
import type { AdminToken } from '@maas/contracts/tokens';
import type { TokenSort } from '@/app/(shell)/tokens/token-parameters';
import { TokenStatus } from '@/app/(shell)/tokens/token-status';
import type { Column } from '@/components/data-table';
import { type MenuEntry, RowMenu } from '@/components/menu';
import { RelativeTime } from '@/components/relative-time';
import { copyText } from '@/lib/copy';
import { notify } from '@/lib/notify';

/** The columns of the list of everybody's tokens. */
export function useAdminTokenColumns(onRevoke: (token: AdminToken) => void): Column<AdminToken, TokenSort>[] {
  const t = useTranslations('adminTokens');
  const own = useTranslations('tokens');
  const time = (id: 'lastUsed' | 'created' | 'expires', sort: TokenSort, from: 'always' | 'wide' = 'always') => ({
    id,
    header: own(`column.${id}`),
    sort,
    from,
    width: '9.5rem',
    skeleton: '5rem',
    cell: ({ [sort]: at }: AdminToken) =>
      at === null ? <span className="text-faint">{own('never')}</span> : <RelativeTime at={at} focusable={false} />,
  });
  return [
    { id: 'name', header: own('column.name'), title: true, skeleton: '9rem', cell: (token) => <Name token={token} /> },
    {
      id: 'user',
      header: t('user'),
      width: '12rem',
      skeleton: '7rem',
      cell: ({ userId, username }) => (
        <Link href={`/admin/users?id=${userId}`} className="block max-w-48 truncate hover:underline">
          {username}
        </Link>
      ),
    },
    {
      id: 'status',
      header: own('column.status'),
      width: '9rem',
      skeleton: '5rem',
      cell: (token) => <TokenStatus token={token} />,
    },
    time('lastUsed', 'lastUsedAt'),
    time('created', 'createdAt', 'wide'),
    time('expires', 'expiresAt'),
    {
      id: 'menu',
      header: own('column.menu'),
      headerHidden: true,
      width: '3.5rem',
      align: 'end',
      cell: (token) => <TokenMenu token={token} onRevoke={onRevoke} />,
    },
  ];
}

function Name({ token }: { token: AdminToken }) {
  const own = useTranslations('tokens');
  return (
    <div className="min-w-0 py-0.5">
      <p className="max-w-64 truncate font-medium">
        {token.name ?? <span className="text-muted">{own('unnamed')}</span>}
      </p>
      <p className="max-w-64 truncate font-mono text-xs text-faint">{token.jti}</p>
    </div>
  );
}

function TokenMenu({ token, onRevoke }: { token: AdminToken; onRevoke: (token: AdminToken) => void }) {
  const t = useTranslations('adminTokens');
  const own = useTranslations('tokens');
  const copyId = async () => (await copyText(token.jti)) && notify(own('idCopied'));
  const entries: MenuEntry[] = [
    { label: own('copyId'), icon: <Copy />, onSelect: () => void copyId() },
    { label: t('showUser'), icon: <UserIcon />, href: `/admin/users?id=${token.userId}` },
    { label: t('showUsage'), icon: <ChartColumn />, href: `/admin/usage?user=${token.userId}&token=${token.jti}` },
  ];
  if (token.status === 'active') {
    entries.push('separator', { label: own('revoke'), icon: <Ban />, danger: true, onSelect: () => onRevoke(token) });
  }
  return <RowMenu label={own('rowMenu', { name: token.name ?? token.jti })} entries={entries} />;
}
