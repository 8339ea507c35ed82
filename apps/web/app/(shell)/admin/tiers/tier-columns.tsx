'use client';

import { useQuery } from '@tanstack/react-query';
import { ChartColumn, Pencil, Trash2, Users } from 'lucide-react';
import Link from 'next/link';
import { useTranslations } from 'use-intl';
import type { TierPreview } from '@maas/contracts/tier-insight';
import type { Tier } from '@maas/contracts/tiers';
import { Badge } from '@/components/badge';
import type { Column } from '@/components/data-table';
import { RowMenu } from '@/components/menu';
import { NumberText } from '@/components/number-text';
import { RowLink } from '@/components/row-link';
import { Skeleton } from '@/components/skeleton';
import { api } from '@/lib/api';
import { LimitText } from './limit-text';
import { OrderButtons } from './order-buttons';
import type { TierOrder } from './tier-order';

interface TierActions {
  order: TierOrder;
  onOpen: (tier: Tier) => void;
  onDelete: (tier: Tier) => void;
}

/** The columns of the list of tiers. */
export function useTierColumns({ order, onOpen, onDelete }: TierActions): Column<Tier>[] {
  const t = useTranslations('adminTiers');
  const column = useTranslations('adminTiers.column');
  const state = order.tiers?.map(({ name, version }) => `${name} ${version}`).toSorted().join() ?? ''; // prettier-ignore
  const limit = (
    id: 'requestsPerMinute' | 'tokensPerMinute' | 'maxConcurrentRequests',
    from?: 'wide',
  ): Column<Tier> => ({
    id,
    header: column(id),
    width: '7.5rem',
    align: 'end',
    skeleton: '3rem',
    ...(from && { from }),
    cell: (tier) => <LimitText value={tier[id]} />,
  });
  return [
    {
      id: 'order',
      header: column('order'),
      width: '5.5rem',
      skeleton: '3.5rem',
      cell: (tier) => <OrderButtons tier={tier} order={order} />,
    },
    {
      id: 'tier',
      header: column('tier'),
      title: true,
      skeleton: '8rem',
      cell: (tier) => (
        <RowLink onOpen={() => onOpen(tier)}>
          <span className="flex items-center gap-1.5">
            <span className="truncate font-medium">{tier.displayName}</span>
            {tier.configMap !== null && <Badge>{t('configMap')}</Badge>}
          </span>
          <span className="block truncate font-mono text-xs text-faint">{tier.name}</span>
        </RowLink>
      ),
    },
    limit('requestsPerMinute'),
    limit('tokensPerMinute'),
    limit('maxConcurrentRequests', 'wide'),
    { id: 'groups', header: column('groups'), from: 'medium', skeleton: '8rem', cell: (tier) => <Groups tier={tier} /> },
    { id: 'users', header: column('users'), width: '5rem', align: 'end', skeleton: '2rem', cell: (tier) => <UserCount tier={tier} state={state} /> },
    {
      id: 'menu',
      header: column('menu'),
      headerHidden: true,
      width: '3.5rem',
      align: 'end',
      cell: (tier) => (
        <RowMenu
          label={t('rowMenu', { name: tier.displayName })}
          entries={[
            { label: t('edit'), icon: <Pencil />, onSelect: () => onOpen(tier) },
            { label: t('showUsers'), icon: <Users />, href: `/admin/users?tier=${tier.name}` },
            { label: t('showUsage'), icon: <ChartColumn />, href: `/admin/usage?tier=${tier.name}` },
            ...(tier.configMap === null
              ? ([
                  'separator',
                  { label: t('delete'), icon: <Trash2 />, danger: true, onSelect: () => onDelete(tier) },
                ] as const)
              : []),
          ]}
        />
      ),
    },
  ]; // prettier-ignore
}

const GROUPS_SHOWN = 2;

function Groups({ tier: { groups } }: { tier: Tier }) {
  const t = useTranslations('adminTiers');
  if (groups.length === 0) return <span className="text-faint">{t('noGroups')}</span>;
  return (
    <span className="flex max-w-80 flex-wrap gap-1" title={groups.join(', ')}>
      {groups.slice(0, GROUPS_SHOWN).map((group) => (
        <Badge key={group}>{group}</Badge>
      ))}
      {groups.length > GROUPS_SHOWN && <Badge>{t('moreGroups', { count: groups.length - GROUPS_SHOWN })}</Badge>}
    </span>
  );
}

/**
 * Everybody in a tier would have to leave it if it were deleted: the preview of that counts them.
 * @param state of all tiers, since a change of any of them can move people
 */
function UserCount({ tier: { name }, state }: { tier: Tier; state: string }) {
  const { data, isError } = useQuery({
    queryKey: ['/admin/tier-users', name, state],
    queryFn: ({ signal }) => api.post<TierPreview>(`/admin/tiers/${name}/preview`, { body: { delete: true }, signal }),
    staleTime: 300_000,
    retry: false,
  });
  if (isError) return <span className="text-faint">–</span>;
  if (!data) return <Skeleton className="ms-auto h-3.5 w-8" />;
  const users = data.moves.reduce((sum, move) => sum + (move.from === name ? move.users : 0), 0);
  return (
    <Link href={`/admin/users?tier=${name}`} className="hover:underline">
      <NumberText value={users} />
    </Link>
  );
}
