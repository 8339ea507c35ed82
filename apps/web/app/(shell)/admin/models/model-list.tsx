'use client';

import { useQueryClient } from '@tanstack/react-query';
import { Plus, SearchX, Server } from 'lucide-react';
import { useTranslations } from 'use-intl';
import type { Model } from '@maas/contracts/models';
import { Button } from '@/components/button';
import { DataTable } from '@/components/data-table';
import { EmptyState } from '@/components/empty-state';
import { Page } from '@/components/page';
import { PageHeader } from '@/components/page-header';
import { useCursorList } from '@/lib/cursor-list';
import { lazyOverlay } from '@/lib/lazy-overlay';
import { useModelColumns } from './model-columns';
import { ModelFilters } from './model-filters';
import { useModelParameters } from './model-parameters';

const ModelSheet = lazyOverlay(() => import('./model-sheet'));

/** All models: find one, register one. */
export function ModelList() {
  const t = useTranslations();
  const queryClient = useQueryClient();
  const [{ search, state, tier, create }, setParameters] = useModelParameters();
  const enabled = state === null ? undefined : state === 'enabled';
  const list = useCursorList<Model>('/admin/models', { search, enabled, tier }, 15);
  const register = (
    <Button variant="primary" onClick={() => void setParameters({ create: true }, { history: 'push' })}>
      <Plus aria-hidden />
      {t('adminModels.register')}
    </Button>
  );
  const filtered = search !== '' || state !== null || tier !== null;
  const empty = filtered ? (
    <EmptyState
      icon={<SearchX />}
      title={t('list.noMatchTitle')}
      action={
        <Button onClick={() => void setParameters({ search: null, state: null, tier: null }, { history: 'push' })}>
          {t('action.reset')}
        </Button>
      }
    >
      {t('list.noMatch')}
    </EmptyState>
  ) : (
    <EmptyState icon={<Server />} title={t('adminModels.emptyTitle')} action={register}>
      {t('adminModels.empty')}
    </EmptyState>
  );
  return (
    <Page>
      <PageHeader title={t('adminModels.title')} description={t('adminModels.lead')} actions={register} />
      <ModelFilters />
      <DataTable
        label={t('adminModels.title')}
        columns={useModelColumns((model) => void setParameters({ id: model.id }, { history: 'push' }))}
        list={list}
        rowKey={(model) => model.id}
        empty={empty}
      />
      <ModelSheet
        open={create}
        model={null}
        onClose={() => void setParameters({ create: null })}
        onSaved={({ id }) => {
          void queryClient.invalidateQueries({ queryKey: ['/admin/models'] });
          // A model without a backend answers nobody: that is what comes next.
          void setParameters({ create: null, id, addBackend: true });
        }}
      />
    </Page>
  );
}
