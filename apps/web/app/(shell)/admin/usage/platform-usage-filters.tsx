'use client';

import { X } from 'lucide-react';
import { useTranslations } from 'use-intl';
import { Segmented } from '@/components/segmented';
import { Select } from '@/components/select';
import { type UsageRange, usageRanges } from '@/lib/usage-range';
import { ModelFilter } from '../model-filter';
import { TierFilter } from '../tier-filter';
import { UserFilter } from '../user-filter';
import { CustomDays } from './custom-days';
import { platformGroups, usePlatformUsageParameters } from './platform-usage-parameters';
import { useChosenRange } from './use-platform-usage';

/** Which time, of whom and of what, and by what. */
export function PlatformUsageFilters() {
  const t = useTranslations('usage');
  const admin = useTranslations('adminUsage');
  const [{ range, group, user, model, tier, token }, setParameters] = usePlatformUsageParameters();
  const chosen = useChosenRange();
  const choose = (next: UsageRange) => {
    // A range of one's own begins as the one that was in sight.
    const custom = { from: chosen.from.slice(0, 10), to: new Date().toISOString().slice(0, 10) };
    void setParameters({ range: next, by: null, ...(next === 'custom' ? custom : { from: null, to: null }) });
  };
  return (
    <div className="mb-4 flex flex-col gap-2">
      <div className="flex flex-wrap items-center gap-2">
        <Segmented
          label={t('range')}
          value={range}
          onChange={choose}
          choices={usageRanges.map((value) => ({ value, label: t(`ranges.${value}`) }))}
        />
        {range === 'custom' && <CustomDays />}
        <div className="flex flex-1 flex-wrap justify-end gap-2 max-sm:*:flex-1">
          {chosen.byHour && (
            <Select
              label={t('by')}
              value={chosen.shown}
              onChange={(by) => void setParameters({ by })}
              choices={(['hour', 'day'] as const).map((value) => ({ value, label: t(`steps.${value}`) }))}
              className="sm:w-28"
            />
          )}
          <Select
            label={t('group')}
            value={group}
            onChange={(value) => void setParameters({ group: value })}
            choices={platformGroups.map((value) => ({ value, label: admin(`groups.${value}`) }))}
            className="sm:w-36"
          />
        </div>
      </div>
      <div className="flex flex-wrap items-center gap-2">
        <UserFilter value={user} onChange={(value) => void setParameters({ user: value })} />
        <ModelFilter value={model} onChange={(value) => void setParameters({ model: value })} />
        <TierFilter value={tier} onChange={(value) => void setParameters({ tier: value })} />
        {token !== null && (
          <button
            type="button"
            aria-label={admin('clearToken')}
            onClick={() => void setParameters({ token: null })}
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
