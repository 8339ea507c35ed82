'use client';

import { useTranslations } from 'use-intl';
import { ChoiceFilter } from '@/components/choice-filter';
import { FilterBar } from '@/components/filter-bar';
import { SearchInput } from '@/components/search-input';
import { TierFilter } from '../tier-filter';
import { modelStates, useModelParameters } from './model-parameters';

export function ModelFilters() {
  const t = useTranslations('adminModels');
  const [{ search, state, tier }, setParameters] = useModelParameters();
  return (
    <FilterBar>
      <SearchInput
        label={t('search')}
        value={search}
        onChange={(text) => void setParameters({ search: text || null })}
      />
      <ChoiceFilter
        label={t('stateFilter')}
        any={t('anyState')}
        value={state}
        onChange={(chosen) => void setParameters({ state: chosen }, { history: 'push' })}
        choices={modelStates.map((value) => ({ value, label: t(`state.${value}`) }))}
        className="sm:w-40"
      />
      <TierFilter value={tier} onChange={(chosen) => void setParameters({ tier: chosen }, { history: 'push' })} />
    </FilterBar>
  );
}
