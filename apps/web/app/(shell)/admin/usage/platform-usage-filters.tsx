'use client';

import { X } from 'lucide-react';
import { useTranslations } from 'use-intl';
import { Select } from '@/components/select';
import { UsageRangeFilter } from '@/components/usage-range-filter';
import { ModelFilter } from '../model-filter';
import { TierFilter } from '../tier-filter';
import { UserFilter } from '../user-filter';
import { platformGroups, usePlatformUsageParameters } from './platform-usage-parameters';

/** Which time, of whom and of what, and by what. */
export function PlatformUsageFilters() {
  const t = useTranslations('usage');
  const admin = useTranslations('adminUsage');
  const [parameters, setParameters] = usePlatformUsageParameters();
  const { user, model, tier, token } = parameters;
  return (
    <div className="mb-4 flex flex-col gap-2">
      <UsageRangeFilter choice={parameters} onChange={(change, options) => void setParameters(change, options)}>
        <Select
          label={t('group')}
          value={parameters.group}
          onChange={(group) => void setParameters({ group }, { history: 'push' })}
          choices={platformGroups.map((value) => ({ value, label: admin(`groups.${value}`) }))}
          className="sm:w-36"
        />
      </UsageRangeFilter>
      <div className="flex flex-wrap items-center gap-2">
        <UserFilter value={user} onChange={(value) => void setParameters({ user: value }, { history: 'push' })} />
        <ModelFilter value={model} onChange={(value) => void setParameters({ model: value }, { history: 'push' })} />
        <TierFilter value={tier} onChange={(value) => void setParameters({ tier: value }, { history: 'push' })} />
        {token !== null && (
          <button
            type="button"
            aria-label={admin('clearToken')}
            onClick={() => void setParameters({ token: null }, { history: 'push' })}
            className="inline-flex h-8 cursor-pointer items-center gap-1.5 rounded-md border border-line-strong px-2.5 text-sm hover:bg-hover"
          >
            {admin('token', { id: token.slice(0, 8) })}
            <X aria-hidden className="size-3.5" />
          </button>
        )}
      </div>
    </div>
  );
}
