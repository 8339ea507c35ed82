'use client';

import { useTranslations } from 'use-intl';
import { Select } from '@/components/select';
import { UsageRangeFilter } from '@/components/usage-range-filter';
import { usageGroups, useUsageParameters } from './usage-parameters';

/** Which time, by what, and in which steps. */
export function UsageFilters() {
  const t = useTranslations('usage');
  const [parameters, setParameters] = useUsageParameters();
  return (
    <div className="mb-4">
      <UsageRangeFilter choice={parameters} onChange={(change, options) => void setParameters(change, options)}>
        <Select
          label={t('group')}
          value={parameters.group}
          onChange={(group) => void setParameters({ group }, { history: 'push' })}
          choices={usageGroups.map((value) => ({ value, label: t(`groups.${value}`) }))}
          className="sm:w-36"
        />
      </UsageRangeFilter>
    </div>
  );
}
