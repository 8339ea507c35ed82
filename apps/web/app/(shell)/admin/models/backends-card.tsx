'use client';

import { Plus } from 'lucide-react';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import type { Backend, Model } from '@maas/contracts/models';
import { Button } from '@/components/button';
import { DataTable } from '@/components/data-table';
import { EmptyState } from '@/components/empty-state';
import { api } from '@/lib/api';
import { lazyOverlay } from '@/lib/lazy-overlay';
import { notify, notifyError } from '@/lib/notify';
import { useBackendColumns } from './backend-columns';
import { useModelParameters } from './model-parameters';
import { modelPath } from './model-query';

const BackendDialog = lazyOverlay(() => import('./backend-dialog'));
const TestDialog = lazyOverlay(() => import('./test-dialog'));
const DeleteBackendDialog = lazyOverlay(() => import('./delete-backend-dialog'));

/** Where a model is served: add, change, try, drain, remove. */
export function BackendsCard({ model, onChanged }: { model: Model; onChanged: () => void }) {
  const t = useTranslations('adminModels.backends');
  const errors = useTranslations('error');
  const [{ addBackend }, setParameters] = useModelParameters();
  const [open, setOpen] = useState<{ kind: 'edit' | 'test' | 'delete'; backend: Backend } | null>(null);
  const of = (kind: 'edit' | 'test' | 'delete') => (open?.kind === kind ? open.backend : null);
  const close = () => (setOpen(null), void setParameters({ addBackend: null }));
  const switchTo = async (backend: Backend, enabled: boolean) => {
    try {
      await api.patch<Backend>(`${modelPath(model.id)}/backends/${backend.id}`, { body: { enabled } });
      void notify(t(enabled ? 'enabled' : 'drained', { url: backend.url }));
    } catch (error) {
      void notifyError(error, errors('copyRequest'));
    }
    onChanged();
  };
  const isOurs = model.discovery === null;
  const add = isOurs && (
    <Button size="sm" onClick={() => void setParameters({ addBackend: true })}>
      <Plus aria-hidden />
      {t('add')}
    </Button>
  );
  return (
    <section aria-labelledby="backends">
      <header className="mb-2 flex flex-wrap items-end justify-between gap-3">
        <div>
          <h2 id="backends" className="text-base font-medium">
            {t('title')}
          </h2>
          <p className="text-sm text-muted">{t('lead')}</p>
        </div>
        {add}
      </header>
      <DataTable
        label={t('title')}
        columns={useBackendColumns({
          isOurs,
          onEdit: (backend) => setOpen({ kind: 'edit', backend }),
          onTest: (backend) => setOpen({ kind: 'test', backend }),
          onDelete: (backend) => setOpen({ kind: 'delete', backend }),
          onSwitch: (backend, enabled) => void switchTo(backend, enabled),
        })}
        list={{ rows: model.backends, error: null, retry: onChanged }}
        rowKey={(backend) => backend.id}
        empty={
          <EmptyState title={t('emptyTitle')} action={add}>
            {t(isOurs ? 'empty' : 'emptyDiscovered')}
          </EmptyState>
        }
      />
      <BackendDialog
        open={isOurs && (addBackend || of('edit') !== null)}
        model={model}
        backend={of('edit')}
        onClose={close}
        onSaved={() => (close(), onChanged())}
      />
      <TestDialog open={of('test') !== null} model={model} backend={of('test')} onClose={close} />
      <DeleteBackendDialog
        open={of('delete') !== null}
        model={model}
        backend={of('delete')}
        onClose={close}
        onDeleted={onChanged}
      />
    </section>
  );
}
