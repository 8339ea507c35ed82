'use client';

import { useTranslations } from 'use-intl';
import type { User } from '@maas/contracts/auth';
import { Badge } from '@/components/badge';
import type { Column } from '@/components/data-table';
import { RelativeTime } from '@/components/relative-time';
import { RowLink } from '@/components/row-link';
import { StatusChip } from '@/components/status-chip';
import { TierReason } from './tier-reason';
import type { UserSort } from './user-parameters';

/** The columns of the list of users. */
export function useUserColumns(onOpen: (user: User) => void): Column<User, UserSort>[] {
  const t = useTranslations('adminUsers');
  const column = useTranslations('adminUsers.column');
  const provider = useTranslations('provider');
  return [
    {
      id: 'user',
      header: column('user'),
      title: true,
      sort: 'username',
      skeleton: '9rem',
      cell: (user) => (
        <RowLink onOpen={() => onOpen(user)}>
          <span className="flex items-center gap-2">
            <span className="max-w-64 truncate font-medium">{user.username}</span>
            {user.role === 'admin' && <Badge tone="accent">{t('role.admin')}</Badge>}
          </span>
          {user.email !== null && <span className="block max-w-72 truncate text-xs text-faint">{user.email}</span>}
        </RowLink>
      ),
    },
    { id: 'tier', header: column('tier'), skeleton: '8rem', cell: (user) => <TierReason user={user} /> },
    {
      id: 'state',
      header: column('state'),
      width: '9rem',
      skeleton: '5rem',
      cell: ({ suspendedAt }) =>
        suspendedAt === null ? (
          <StatusChip tone="success">{t('state.active')}</StatusChip>
        ) : (
          <StatusChip tone="danger">{t('state.suspended')}</StatusChip>
        ),
    },
    {
      id: 'provider',
      header: column('provider'),
      width: '11rem',
      from: 'wide',
      skeleton: '7rem',
      cell: (user) => provider(user.provider),
    },
    {
      id: 'created',
      header: column('created'),
      sort: 'createdAt',
      width: '9rem',
      from: 'wide',
      skeleton: '5rem',
      cell: ({ createdAt }) => <RelativeTime at={createdAt} focusable={false} />,
    },
    {
      id: 'seen',
      header: column('seen'),
      sort: 'lastSeenAt',
      width: '9rem',
      from: 'medium',
      skeleton: '5rem',
      cell: ({ lastSeenAt }) => <RelativeTime at={lastSeenAt} focusable={false} />,
    },
  ];
}
