'use client';

import { useTranslations } from 'use-intl';
import { tokenStatuses } from '@/app/(shell)/tokens/token-parameters';
import { ChoiceFilter } from '@/components/choice-filter';
import { FilterBar } from '@/components/filter-bar';
import { SearchInput } from '@/components/search-input';
import { UserFilter } from '../user-filter';
import { useAdminTokenParameters } from './admin-token-parameters';

export function AdminTokenFilters() {
  const t = useTranslations('adminTokens');
  const own = useTranslations('tokens');
  const [{ search, user, status }, setParameters] = useAdminTokenParameters();
  return (
    <FilterBar>
      <SearchInput
        label={t('search')}
        value={search}
        onChange={(text) => void setParameters({ search: text || null })}
      />
      <ChoiceFilter
        label={own('statusFilter')}
        any={own('anyStatus')}
        value={status}
        onChange={(chosen) => void setParameters({ status: chosen }, { history: 'push' })}
        choices={tokenStatuses.map((value) => ({ value, label: own(`status.${value}`) }))}
        className="sm:w-40"
      />
      <UserFilter value={user} onChange={(chosen) => void setParameters({ user: chosen }, { history: 'push' })} />
    </FilterBar>
  );
}
