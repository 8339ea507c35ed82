'use client';

import { useQueryClient } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import type { Token } from '@maas/contracts/tokens';
import { Button } from '@/components/button';
import { DataTable } from '@/components/data-table';
import { Page } from '@/components/page';
import { PageHeader } from '@/components/page-header';
import { useCursorList } from '@/lib/cursor-list';
import { lazyOverlay } from '@/lib/lazy-overlay';
import { NoTokens } from './no-tokens';
import { useTokenColumns } from './token-columns';
import { TokenFilters } from './token-filters';
import { useTokenParameters } from './token-parameters';

const CreateTokenDialog = lazyOverlay(() => import('./create-token-dialog'));
const RevokeDialog = lazyOverlay(() => import('./revoke-dialog'));
const RevokeAllDialog = lazyOverlay(() => import('./revoke-all-dialog'));
const TokenSheet = lazyOverlay(() => import('./token-sheet'));

/** One's tokens: find, create, revoke. */
export function TokensView() {
  const t = useTranslations('tokens');
  const [{ search, status, sort, order, create, token: open }, setParameters] = useTokenParameters();
  const list = useCursorList<Token>('/tokens', { search, status, sort, order }, 30);
  const [revoking, setRevoking] = useState<Token | null>(null);
  const [revokingAll, setRevokingAll] = useState(false);
  const queryClient = useQueryClient();
  const refresh = () => void queryClient.invalidateQueries({ queryKey: ['/tokens'] });
  const openCreate = () => void setParameters({ create: true }, { history: 'push' });
  const filtered = search !== '' || status !== null;
  return (
    <Page>
      <PageHeader
        title={t('title')}
        description={t('lead')}
        actions={
          <>
            {(list.rows?.length ?? 0) > 0 && <Button onClick={() => setRevokingAll(true)}>{t('revokeAll')}</Button>}
            <Button variant="primary" onClick={openCreate}>
              <Plus aria-hidden />
              {t('create')}
            </Button>
          </>
        }
      />
      <TokenFilters />
      <DataTable
        label={t('title')}
        columns={useTokenColumns(setRevoking, (jti) => void setParameters({ token: jti }, { history: 'push' }))}
        list={list}
        rowKey={(token) => token.jti}
        selected={open ?? undefined}
        sort={{ by: sort, order }}
        onSort={({ by, order: next }) => void setParameters({ sort: by, order: next })}
        empty={<NoTokens filtered={filtered} onCreate={openCreate} />}
      />
      <CreateTokenDialog open={create} onClosed={() => (void setParameters({ create: null }), refresh())} />
      <TokenSheet
        open={open !== null}
        jti={open}
        onClose={() => void setParameters({ token: null })}
        onRevoke={setRevoking}
      />
      <RevokeDialog open={revoking !== null} token={revoking} onClose={() => setRevoking(null)} onRevoked={refresh} />
      <RevokeAllDialog open={revokingAll} onOpenChange={setRevokingAll} onRevoked={refresh} />
    </Page>
  );
}
