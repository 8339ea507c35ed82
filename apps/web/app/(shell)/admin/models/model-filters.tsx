'use client';

import { useTranslations } from 'use-intl';
import { FilterBar } from '@/components/filter-bar';
import { SearchInput } from '@/components/search-input';
import { Select } from '@/components/select';
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
      <Select
        label={t('stateFilter')}
        value={state ?? 'any'}
        onChange={(chosen) => void setParameters({ state: chosen === 'any' ? null : chosen })}
        choices={[
          { value: 'any', label: t('anyState') },
          ...modelStates.map((value) => ({ value, label: t(`state.${value}`) })),
        ]}
        className="sm:w-40"
      />
      <TierFilter value={tier} onChange={(chosen) => void setParameters({ tier: chosen })} />
    </FilterBar>
  );
}
