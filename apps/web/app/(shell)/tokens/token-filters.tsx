'use client';

import { useTranslations } from 'use-intl';
import { FilterBar } from '@/components/filter-bar';
import { SearchInput } from '@/components/search-input';
import { Select } from '@/components/select';
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
      <Select
        label={t('statusFilter')}
        value={status ?? 'any'}
        onChange={(chosen) => void setParameters({ status: chosen === 'any' ? null : chosen })}
        choices={[
          { value: 'any', label: t('anyStatus') },
          ...tokenStatuses.map((value) => ({ value, label: t(`status.${value}`) })),
        ]}
        className="sm:w-40"
      />
    </FilterBar>
  );
}
