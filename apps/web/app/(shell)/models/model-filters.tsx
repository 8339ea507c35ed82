'use client';

import { useTranslations } from 'use-intl';
import type { ListedModel } from '@maas/contracts/models';
import { FilterBar } from '@/components/filter-bar';
import { SearchInput } from '@/components/search-input';
import { Select } from '@/components/select';
import { capabilitiesOf } from './model-filter';
import { readinesses, useModelParameters } from './model-parameters';

export function ModelFilters({ models }: { models: readonly ListedModel[] | undefined }) {
  const t = useTranslations('models');
  const [{ search, readiness, capability }, setParameters] = useModelParameters();
  const capabilities = new Set([...capabilitiesOf(models ?? []), ...(capability === null ? [] : [capability])]);
  return (
    <FilterBar>
      <SearchInput
        label={t('search')}
        value={search}
        onChange={(text) => void setParameters({ search: text || null })}
      />
      <Select
        label={t('readinessFilter')}
        value={readiness ?? 'any'}
        onChange={(chosen) => void setParameters({ readiness: chosen === 'any' ? null : chosen })}
        choices={[
          { value: 'any', label: t('anyReadiness') },
          ...readinesses.map((value) => ({ value, label: t(value) })),
        ]}
        className="sm:w-40"
      />
      <Select
        label={t('capabilityFilter')}
        value={capability ?? ''}
        onChange={(chosen) => void setParameters({ capability: chosen || null })}
        choices={[
          { value: '', label: t('anyCapability') },
          ...[...capabilities].map((value) => ({ value, label: value })),
        ]}
        className="sm:w-44"
      />
    </FilterBar>
  );
}
