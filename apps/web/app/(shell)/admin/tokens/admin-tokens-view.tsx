'use client';

import { useQueryClient } from '@tanstack/react-query';
import { KeyRound, SearchX } from 'lucide-react';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import type { AdminToken } from '@maas/contracts/tokens';
import { Button } from '@/components/button';
import { DataTable } from '@/components/data-table';
import { EmptyState } from '@/components/empty-state';
import { Page } from '@/components/page';
import { PageHeader } from '@/components/page-header';
import { useCursorList } from '@/lib/cursor-list';
import { lazyOverlay } from '@/lib/lazy-overlay';
import { useAdminTokenColumns } from './admin-token-columns';
import { AdminTokenFilters } from './admin-token-filters';
import { useAdminTokenParameters } from './admin-token-parameters';

const RevokeTokenDialog = lazyOverlay(() => import('./revoke-token-dialog'));

/** Everybody's tokens: find one, revoke it. */
export function AdminTokensView() {
  const t = useTranslations();
  const [{ search, user, status, sort, order }, setParameters] = useAdminTokenParameters();
  const list = useCursorList<AdminToken>('/admin/tokens', { search, user, status, sort, order }, 30);
  const [revoking, setRevoking] = useState<AdminToken | null>(null);
  const queryClient = useQueryClient();
  const filtered = search !== '' || user !== null || status !== null;
  return (
    <Page>
      <PageHeader title={t('adminTokens.title')} description={t('adminTokens.lead')} />
      <AdminTokenFilters />
      <DataTable
        label={t('adminTokens.title')}
        columns={useAdminTokenColumns(setRevoking)}
        list={list}
        rowKey={(token) => token.jti}
        sort={{ by: sort, order }}
        onSort={({ by, order: next }) => void setParameters({ sort: by, order: next })}
        empty={
          filtered ? (
            <EmptyState
              icon={<SearchX />}
              title={t('list.noMatchTitle')}
              action={
                <Button
                  onClick={() => void setParameters({ search: null, user: null, status: null }, { history: 'push' })}
                >
                  {t('action.reset')}
                </Button>
              }
            >
              {t('list.noMatch')}
            </EmptyState>
          ) : (
            <EmptyState icon={<KeyRound />} title={t('adminTokens.emptyTitle')}>
              {t('adminTokens.empty')}
            </EmptyState>
          )
        }
      />
      <RevokeTokenDialog
        open={revoking !== null}
        token={revoking}
        onClose={() => setRevoking(null)}
        onRevoked={() => void queryClient.invalidateQueries({ queryKey: ['/admin/tokens'] })}
      />
    </Page>
  );
}
