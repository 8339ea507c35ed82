'use client';

import { useQueryClient } from '@tanstack/react-query';
import { Plus, SearchX, Users } from 'lucide-react';
import { useTranslations } from 'use-intl';
import type { User } from '@maas/contracts/auth';
import { Button } from '@/components/button';
import { DataTable } from '@/components/data-table';
import { EmptyState } from '@/components/empty-state';
import { Page } from '@/components/page';
import { PageHeader } from '@/components/page-header';
import { useCursorList } from '@/lib/cursor-list';
import { lazyOverlay } from '@/lib/lazy-overlay';
import { useUserColumns } from './user-columns';
import { UserFilters } from './user-filters';
import { noFilters, useUserParameters } from './user-parameters';

const UserSheet = lazyOverlay(() => import('./user-sheet'));
const CreateUserDialog = lazyOverlay(() => import('./create-user-dialog'));

/** Everybody who is known: find somebody, see which tier they have and why, change what can be changed. */
export function UsersView() {
  const t = useTranslations();
  const queryClient = useQueryClient();
  const [{ search, tier, role, provider, suspended, sort, order, id, create }, setParameters] = useUserParameters();
  const refresh = () => {
    for (const path of ['/admin/users', '/admin/tier-users']) void queryClient.invalidateQueries({ queryKey: [path] });
  };
  const query = { search, tier: tier === null ? null : [tier], role, provider, suspended, sort, order };
  const list = useCursorList<User>('/admin/users', query, 30);
  const filtered = search !== '' || [tier, role, provider, suspended].some((filter) => filter !== null);
  const createButton = (
    <Button variant="primary" onClick={() => void setParameters({ create: true }, { history: 'push' })}>
      <Plus aria-hidden />
      {t('adminUsers.create')}
    </Button>
  );
  const empty = filtered ? (
    <EmptyState
      icon={<SearchX />}
      title={t('list.noMatchTitle')}
      action={<Button onClick={() => void setParameters(noFilters, { history: 'push' })}>{t('action.reset')}</Button>}
    >
      {t('list.noMatch')}
    </EmptyState>
  ) : (
    <EmptyState icon={<Users />} title={t('adminUsers.emptyTitle')} action={createButton}>
      {t('adminUsers.empty')}
    </EmptyState>
  );
  return (
    <Page>
      <PageHeader title={t('adminUsers.title')} description={t('adminUsers.lead')} actions={createButton} />
      <UserFilters />
      <DataTable
        label={t('adminUsers.title')}
        columns={useUserColumns((user) => void setParameters({ id: user.id }, { history: 'push' }))}
        list={list}
        rowKey={(user) => user.id}
        selected={id ?? undefined}
        sort={{ by: sort, order }}
        // Names begin with the first of the alphabet.
        onSort={({ by, order: next }) =>
          void setParameters({ sort: by, order: by === 'username' && sort !== by ? 'asc' : next })
        }
        empty={empty}
      />
      <UserSheet
        open={id !== null}
        id={id}
        known={list.rows?.find((user) => user.id === id)}
        onClose={() => void setParameters({ id: null })}
        onChanged={refresh}
      />
      <CreateUserDialog open={create} onClosed={() => (void setParameters({ create: null }), refresh())} />
    </Page>
  );
}
