'use client';

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { ArrowLeft } from 'lucide-react';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import type { Model } from '@maas/contracts/models';
import { Banner } from '@/components/banner';
import { Button } from '@/components/button';
import { Card } from '@/components/card';
import { ErrorState } from '@/components/error-state';
import { Page } from '@/components/page';
import { PageHeader } from '@/components/page-header';
import { Skeleton } from '@/components/skeleton';
import { lazyOverlay } from '@/lib/lazy-overlay';
import { BackendsCard } from './backends-card';
import { HealthHistory } from './health-history';
import { ModelFacts } from './model-facts';
import { useModelParameters } from './model-parameters';
import { modelQuery } from './model-query';

const ModelSheet = lazyOverlay(() => import('./model-sheet'));
const DeleteModelDialog = lazyOverlay(() => import('./delete-model-dialog'));

/** One model: what is known of it, its backends, and how they were. */
export function ModelDetail({ id }: { id: string }) {
  const t = useTranslations('adminModels');
  const [, setParameters] = useModelParameters();
  const { data: model, error, refetch } = useQuery(modelQuery(id));
  const back = () => void setParameters({ id: null, addBackend: null }, { history: 'push' });
  return (
    <Page>
      <button
        type="button"
        onClick={back}
        className="mb-3 inline-flex h-6 cursor-pointer items-center gap-1.5 text-sm text-muted hover:text-ink [&_svg]:size-3.5"
      >
        <ArrowLeft aria-hidden />
        {t('allModels')}
      </button>
      {model ? (
        <Loaded model={model} onGone={back} />
      ) : error ? (
        <Card>
          <h1 className="sr-only">{id}</h1>
          <ErrorState error={error} retry={() => void refetch()} />
        </Card>
      ) : (
        <>
          <PageHeader title={id} description={<Skeleton className="mt-1 h-4 w-40" />} />
          <div className="flex flex-col gap-4">
            <Card title={t('facts.title')}>
              <Skeleton className="h-32" />
            </Card>
            <Card title={t('backends.title')}>
              <Skeleton className="h-40" />
            </Card>
          </div>
        </>
      )}
    </Page>
  );
}

function Loaded({ model, onGone }: { model: Model; onGone: () => void }) {
  const t = useTranslations('adminModels');
  const { discovery } = model;
  const queryClient = useQueryClient();
  const refresh = () => void queryClient.invalidateQueries({ queryKey: ['/admin/models'] });
  // Of what is gone, nothing more is to be asked.
  const refreshOthers = () =>
    void queryClient.invalidateQueries({
      queryKey: ['/admin/models'],
      predicate: ({ queryKey }) => queryKey[1] !== 'one',
    });
  const [open, setOpen] = useState<'edit' | 'delete' | null>(null);
  return (
    <>
      <PageHeader
        title={model.name}
        description={<span className="font-mono text-xs">{model.id}</span>}
        actions={
          discovery === null && (
            <>
              <Button onClick={() => setOpen('delete')}>{t('delete')}</Button>
              <Button variant="primary" onClick={() => setOpen('edit')}>
                {t('edit')}
              </Button>
            </>
          )
        }
      />
      <div className="flex flex-col gap-7">
        {discovery && (
          <Banner kind="info">
            {t('discovery.readOnly', { kind: discovery.kind, namespace: discovery.namespace, name: discovery.name })}
          </Banner>
        )}
        <ModelFacts model={model} />
        <BackendsCard model={model} onChanged={refresh} />
        <HealthHistory model={model} />
      </div>
      <ModelSheet
        open={open === 'edit'}
        model={model}
        onClose={() => setOpen(null)}
        onSaved={() => (setOpen(null), refresh())}
      />
      <DeleteModelDialog
        open={open === 'delete'}
        model={model}
        onOpenChange={(stays) => !stays && setOpen(null)}
        onDeleted={() => (onGone(), refreshOthers())}
      />
    </>
  );
}
