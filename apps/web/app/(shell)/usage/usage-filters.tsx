'use client';

import { useTranslations } from 'use-intl';
import { Input } from '@/components/input';
import { Segmented } from '@/components/segmented';
import { Select } from '@/components/select';
import { type UsageRange, usageRanges } from '@/lib/usage-range';
import { usageGroups, useUsageParameters } from './usage-parameters';
import { useChosenRange } from './use-usage';

/** Which time, by what, and in which steps. */
export function UsageFilters() {
  const t = useTranslations('usage');
  const [{ range, group, by }, setParameters] = useUsageParameters();
  const chosen = useChosenRange();
  const choose = (next: UsageRange) => {
    // A range of one's own begins as the one that was in sight.
    const days =
      next === 'custom' ? { from: chosen.from.slice(0, 10), to: new Date().toISOString().slice(0, 10) } : noDays;
    void setParameters({ range: next, by: null, ...days });
  };
  return (
    <div className="mb-4 flex flex-wrap items-center gap-2">
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
            value={by ?? chosen.granularity}
            onChange={(value) => void setParameters({ by: value })}
            choices={(['hour', 'day'] as const).map((value) => ({ value, label: t(`steps.${value}`) }))}
            className="sm:w-28"
          />
        )}
        <Select
          label={t('group')}
          value={group}
          onChange={(value) => void setParameters({ group: value })}
          choices={usageGroups.map((value) => ({ value, label: t(`groups.${value}`) }))}
          className="sm:w-36"
        />
      </div>
    </div>
  );
}

const noDays = { from: null, to: null };

/** The first and the last day, both inclusive, in UTC. */
function CustomDays() {
  const t = useTranslations('usage');
  const [{ from, to }, setParameters] = useUsageParameters();
  const { from: shownFrom, to: shownTo } = useChosenRange();
  const shownLast = new Date(Date.parse(shownTo) - 1).toISOString().slice(0, 10);
  const refused = from !== shownFrom.slice(0, 10) || to !== shownLast;
  return (
    <>
      <div className="flex items-center gap-2 text-sm text-muted max-sm:w-full">
        <Input
          type="date"
          aria-label={t('firstDay')}
          aria-invalid={refused || undefined}
          value={from ?? ''}
          max={to ?? undefined}
          onChange={(event) => void setParameters({ from: event.target.value || null })}
        />
        <span aria-hidden>–</span>
        <Input
          type="date"
          aria-label={t('lastDay')}
          aria-invalid={refused || undefined}
          value={to ?? ''}
          min={from ?? undefined}
          onChange={(event) => void setParameters({ to: event.target.value || null })}
        />
      </div>
      {refused && (
        <p role="status" className="text-xs text-danger">
          {t('badRange')}
        </p>
      )}
    </>
  );
}
