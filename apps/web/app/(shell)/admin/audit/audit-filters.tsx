'use client';

import { useTranslations } from 'use-intl';
import { ChoiceFilter } from '@/components/choice-filter';
import { DateTimeInput } from '@/components/date-time-input';
import { FilterBar } from '@/components/filter-bar';
import { SearchInput } from '@/components/search-input';
import { Select } from '@/components/select';
import { auditActions, auditTargets } from './audit-actions';
import { auditRanges, useAuditParameters } from './audit-parameters';

export function AuditFilters() {
  const t = useTranslations('adminAudit');
  const [parameters, setParameters] = useAuditParameters();
  const { range, from, to, action, target, actor, search } = parameters;
  const instant = (text: string | null) => (text === null ? null : new Date(text));
  return (
    <FilterBar>
      <SearchInput
        label={t('search')}
        value={search}
        onChange={(text) => void setParameters({ search: text || null })}
      />
      <Select
        label={t('range')}
        value={range}
        onChange={(chosen) => void setParameters({ range: chosen }, { history: 'push' })}
        choices={auditRanges.map((value) => ({ value, label: t(`ranges.${value}`) }))}
        className="sm:w-40"
      />
      {range === 'custom' && (
        <>
          <DateTimeInput
            label={t('from')}
            value={from?.toISOString() ?? null}
            onChange={(at) => void setParameters({ from: instant(at) })}
            className="sm:w-52!"
          />
          <DateTimeInput
            label={t('to')}
            value={to?.toISOString() ?? null}
            onChange={(at) => void setParameters({ to: instant(at) })}
            className="sm:w-52!"
          />
        </>
      )}
      <ChoiceFilter
        label={t('action')}
        any={t('anyAction')}
        value={action}
        onChange={(chosen) => void setParameters({ action: chosen }, { history: 'push' })}
        choices={auditActions.map(asWritten)}
        className="sm:w-44"
      />
      <ChoiceFilter
        label={t('target')}
        any={t('anyTarget')}
        value={target}
        onChange={(chosen) => void setParameters({ target: chosen }, { history: 'push' })}
        choices={auditTargets.map(asWritten)}
        className="sm:w-36"
      />
      <SearchInput
        label={t('actor')}
        value={actor}
        onChange={(text) => void setParameters({ actor: text || null })}
        className="max-sm:w-full sm:w-44"
      />
    </FilterBar>
  );
}

function asWritten(value: string) {
  return { value, label: value };
}
