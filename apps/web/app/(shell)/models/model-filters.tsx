'use client';

import { useTranslations } from 'use-intl';
import type { ListedModel } from '@maas/contracts/models';
import { ChoiceFilter } from '@/components/choice-filter';
import { FilterBar } from '@/components/filter-bar';
import { SearchInput } from '@/components/search-input';
import { capabilitiesOf } from './model-filter';
import { readinesses, useModelParameters } from './model-parameters';

export function ModelFilters({ models }: { models: readonly ListedModel[] | undefined }) {
  const t = useTranslations('models');
  const [{ search, readiness, capability }, setParameters] = useModelParameters();
  return (
    <FilterBar>
      <SearchInput
        label={t('search')}
        value={search}
        onChange={(text) => void setParameters({ search: text || null })}
      />
      <ChoiceFilter
        label={t('readinessFilter')}
        any={t('anyReadiness')}
        value={readiness}
        onChange={(chosen) => void setParameters({ readiness: chosen }, { history: 'push' })}
        choices={readinesses.map((value) => ({ value, label: t(value) }))}
        className="sm:w-40"
      />
      <ChoiceFilter
        label={t('capabilityFilter')}
        any={t('anyCapability')}
        value={capability}
        onChange={(chosen) => void setParameters({ capability: chosen }, { history: 'push' })}
        choices={capabilitiesOf(models ?? []).map((value) => ({ value, label: value }))}
        className="sm:w-44"
      />
    </FilterBar>
  );
}
