'use client';

import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { type RangeChoice, useChosenRange } from '@/lib/chosen-range';
import { type UsageRange, usageRanges } from '@/lib/usage-range';
import { Input } from './input';
import { Segmented } from './segmented';
import { Select } from './select';

interface UsageRangeFilterProps {
  choice: RangeChoice;
  /** What is chosen is a step that Back goes back by; days are written digit by digit, and are not. */
  onChange: (change: Partial<RangeChoice>, options?: { history: 'push' }) => void;
  /** More of the row, at its end: by what usage is grouped. */
  children: ReactNode;
}

const noDays = { from: null, to: null };

/** Which time, and in which steps. */
export function UsageRangeFilter({ choice, onChange, children }: UsageRangeFilterProps) {
  const t = useTranslations('usage');
  const chosen = useChosenRange(choice);
  const choose = (range: UsageRange) => {
    // A range of one's own begins as the one that was in sight.
    const inSight = { from: chosen.from.slice(0, 10), to: new Date().toISOString().slice(0, 10) };
    onChange({ range, by: null, ...(range === 'custom' ? inSight : noDays) }, { history: 'push' });
  };
  return (
    <div className="flex flex-wrap items-center gap-2">
      <Segmented
        label={t('range')}
        value={choice.range}
        onChange={choose}
        choices={usageRanges.map((value) => ({ value, label: t(`ranges.${value}`) }))}
      />
      {choice.range === 'custom' && <CustomDays choice={choice} onChange={onChange} />}
      <div className="flex flex-1 flex-wrap justify-end gap-2 max-sm:*:flex-1">
        {chosen.byHour && (
          <Select
            label={t('by')}
            value={chosen.shown}
            onChange={(by) => onChange({ by }, { history: 'push' })}
            choices={(['hour', 'day'] as const).map((value) => ({ value, label: t(`steps.${value}`) }))}
            className="sm:w-28"
          />
        )}
        {children}
      </div>
    </div>
  );
}

/** The first and the last day, both inclusive, in UTC. */
function CustomDays({ choice, onChange }: Omit<UsageRangeFilterProps, 'children'>) {
  const t = useTranslations('usage');
  const { from, to } = choice;
  const shown = useChosenRange(choice);
  const last = new Date(Date.parse(shown.to) - 1).toISOString().slice(0, 10);
  const refused = from !== shown.from.slice(0, 10) || to !== last;
  return (
    <>
      <div className="flex items-center gap-2 text-sm text-muted max-sm:w-full">
        <Input
          type="date"
          aria-label={t('firstDay')}
          aria-invalid={refused || undefined}
          value={from ?? ''}
          max={to ?? undefined}
          onChange={({ target }) => onChange({ from: target.value || null })}
        />
        <span aria-hidden>–</span>
        <Input
          type="date"
          aria-label={t('lastDay')}
          aria-invalid={refused || undefined}
          value={to ?? ''}
          min={from ?? undefined}
          onChange={({ target }) => onChange({ to: target.value || null })}
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
