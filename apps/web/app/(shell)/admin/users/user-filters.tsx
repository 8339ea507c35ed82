'use client';

import { useTranslations } from 'use-intl';
import { ChoiceFilter } from '@/components/choice-filter';
import { FilterBar } from '@/components/filter-bar';
import { SearchInput } from '@/components/search-input';
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
      <TierFilter
        value={parameters.tier}
        onChange={(tier) => void setParameters({ tier }, { history: 'push' })}
        none={t('withoutTier')}
      />
      <ChoiceFilter
        label={t('roleFilter')}
        any={t('anyRole')}
        value={parameters.role}
        onChange={(role) => void setParameters({ role }, { history: 'push' })}
        choices={roles.map((value) => ({ value, label: t(`role.${value}`) }))}
        className="sm:w-36"
      />
      <ChoiceFilter
        label={t('suspendedFilter')}
        any={t('anyState')}
        value={parameters.suspended === null ? null : parameters.suspended ? 'suspended' : 'active'}
        onChange={(chosen) =>
          void setParameters({ suspended: chosen === null ? null : chosen === 'suspended' }, { history: 'push' })
        }
        choices={(['active', 'suspended'] as const).map((value) => ({ value, label: t(`state.${value}`) }))}
        className="sm:w-36"
      />
      <ChoiceFilter
        label={t('providerFilter')}
        any={t('anyProvider')}
        value={parameters.provider}
        onChange={(chosen) => void setParameters({ provider: chosen }, { history: 'push' })}
        choices={providers.map((value) => ({ value, label: provider(value) }))}
        className="sm:w-44"
      />
    </FilterBar>
  );
}
