'use client';

import { useTranslations } from 'use-intl';
import { FilterBar } from '@/components/filter-bar';
import { SearchInput } from '@/components/search-input';
import { Select } from '@/components/select';
import { TierFilter } from '../tier-filter';
import { providers, roles, useUserParameters } from './user-parameters';

export function UserFilters() {
  const t = useTranslations('adminUsers');
  const provider = useTranslations('provider');
  const [parameters, setParameters] = useUserParameters();
  return (
    <FilterBar>
      <SearchInput
        label={t('search')}
        value={parameters.search}
        onChange={(text) => void setParameters({ search: text || null })}
      />
      <TierFilter value={parameters.tier} onChange={(tier) => void setParameters({ tier })} none={t('withoutTier')} />
      <Select
        label={t('roleFilter')}
        value={parameters.role ?? 'any'}
        onChange={(role) => void setParameters({ role: role === 'any' ? null : role })}
        choices={[
          { value: 'any', label: t('anyRole') },
          ...roles.map((value) => ({ value, label: t(`role.${value}`) })),
        ]}
        className="sm:w-36"
      />
      <Select
        label={t('suspendedFilter')}
        value={parameters.suspended === null ? 'any' : parameters.suspended ? 'yes' : 'no'}
        onChange={(chosen) => void setParameters({ suspended: chosen === 'any' ? null : chosen === 'yes' })}
        choices={[
          { value: 'any', label: t('anyState') },
          { value: 'no', label: t('state.active') },
          { value: 'yes', label: t('state.suspended') },
        ]}
        className="sm:w-36"
      />
      <Select
        label={t('providerFilter')}
        value={parameters.provider ?? 'any'}
        onChange={(chosen) => void setParameters({ provider: chosen === 'any' ? null : chosen })}
        choices={[
          { value: 'any', label: t('anyProvider') },
          ...providers.map((value) => ({ value, label: provider(value) })),
        ]}
        className="sm:w-44"
      />
    </FilterBar>
  );
}
