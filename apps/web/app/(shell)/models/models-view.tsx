'use client';

import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { Card } from '@/components/card';
import { ErrorState } from '@/components/error-state';
import { NoTier } from '@/components/no-tier';
import { Page } from '@/components/page';
import { PageHeader } from '@/components/page-header';
import { lazyOverlay } from '@/lib/lazy-overlay';
import { modelsQuery } from '@/lib/models';
import { every } from '@/lib/query-client';
import { useSession } from '@/lib/session';
import { ModelCard } from './model-card';
import { ModelCardSkeleton } from './model-card-skeleton';
import { filterModels } from './model-filter';
import { ModelFilters } from './model-filters';
import { useModelParameters } from './model-parameters';
import { NoModels } from './no-models';
import { OwnLimitsLine } from './own-limits-line';

const ModelSheet = lazyOverlay(() => import('./model-sheet'));

/** The models that one may use: find, try, use. */
export function ModelsView() {
  const t = useTranslations('models');
  const { tier } = useSession();
  if (tier !== null) return <Models />;
  return (
    <Page>
      <PageHeader title={t('title')} />
      <NoTier />
    </Page>
  );
}

function Models() {
  const t = useTranslations('models');
  const [{ search, readiness, capability, id }, setParameters] = useModelParameters();
  const { data, error, refetch } = useQuery({ ...modelsQuery, ...every(30) });
  const models = data && filterModels(data.data, { search, readiness, capability });
  const open = (model: string) => void setParameters({ id: model }, { history: 'push' });
  return (
    <Page>
      <PageHeader title={t('title')} description={<OwnLimitsLine />} />
      <ModelFilters models={data?.data} />
      {error && !data ? (
        <Card>
          <ErrorState error={error} retry={() => void refetch()} />
        </Card>
      ) : models?.length === 0 ? (
        <Card>
          <NoModels any={(data?.data.length ?? 0) > 0} />
        </Card>
      ) : (
        <>
          <p role="status" className="sr-only">
            {models && t('count', { count: models.length })}
          </p>
          <ul aria-busy={!models} className="grid gap-3 sm:grid-cols-2 xl:grid-cols-3">
            {models?.map((model) => <ModelCard key={model.id} model={model} onUse={() => open(model.id)} />) ??
              [0, 1, 2, 3, 4, 5].map((place) => <ModelCardSkeleton key={place} />)}
          </ul>
        </>
      )}
      <ModelSheet
        open={id !== null && data !== undefined}
        id={id}
        models={data?.data ?? []}
        onClose={() => void setParameters({ id: null })}
      />
    </Page>
  );
}
