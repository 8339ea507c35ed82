'use client';

import { useTranslations } from 'use-intl';
import { ChoiceFilter } from '@/components/choice-filter';
import { FilterBar } from '@/components/filter-bar';
import { SearchInput } from '@/components/search-input';
import { tokenStatuses, useTokenParameters } from './token-parameters';

export function TokenFilters() {
  const t = useTranslations('tokens');
  const [{ search, status }, setParameters] = useTokenParameters();
  return (
    <FilterBar>
      <SearchInput
        label={t('search')}
        value={search}
        onChange={(text) => void setParameters({ search: text || null })}
      />
      <ChoiceFilter
        label={t('statusFilter')}
        any={t('anyStatus')}
        value={status}
        onChange={(chosen) => void setParameters({ status: chosen }, { history: 'push' })}
        choices={tokenStatuses.map((value) => ({ value, label: t(`status.${value}`) }))}
        className="sm:w-40"
      />
    </FilterBar>
  );
}
