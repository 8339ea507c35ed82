'use client';

import { Boxes, SearchX } from 'lucide-react';
import { useTranslations } from 'use-intl';
import { Button } from '@/components/button';
import { EmptyState } from '@/components/empty-state';
import { useModelParameters } from './model-parameters';

/** No model is open to the person, or none fits. */
export function NoModels({ any }: { any: boolean }) {
  const t = useTranslations();
  const [, setParameters] = useModelParameters();
  if (!any) {
    return (
      <EmptyState icon={<Boxes />} title={t('models.emptyTitle')}>
        {t('models.empty')}
      </EmptyState>
    );
  }
  return (
    <EmptyState
      icon={<SearchX />}
      title={t('list.noMatchTitle')}
      action={
        <Button onClick={() => void setParameters({ search: null, readiness: null, capability: null })}>
          {t('action.reset')}
        </Button>
      }
    >
      {t('models.noMatch')}
    </EmptyState>
  );
}
