'use client';

import { Activity, SearchX } from 'lucide-react';
import { useTranslations } from 'use-intl';
import type { RequestRow } from '@maas/contracts/requests';
import { Button } from '@/components/button';
import { ChoiceFilter } from '@/components/choice-filter';
import { DataTable } from '@/components/data-table';
import { EmptyState } from '@/components/empty-state';
import { useRequestColumns } from '@/components/requests/request-columns';
import { useCursorList } from '@/lib/cursor-list';
import { requestStatuses, useUsageParameters } from './usage-parameters';
import { useUsageRange } from './use-usage';

const PAGE = 15;

/** The single requests of the range, the newest first. */
export function RecentRequests() {
  const t = useTranslations('requests');
  const [{ status }, setParameters] = useUsageParameters();
  const { from, to, live } = useUsageRange();
  const list = useCursorList<RequestRow>(
    '/usage/requests',
    { from, to: live ? undefined : to, status, limit: PAGE },
    live ? 30 : undefined,
  );
  return (
    <section>
      <div className="mb-2 flex flex-wrap items-end justify-between gap-3">
        <div>
          <h2 className="text-base font-medium">{t('title')}</h2>
          <p className="text-sm text-muted">{t('lead')}</p>
        </div>
        <ChoiceFilter
          label={t('status')}
          any={t('filter.any')}
          value={status}
          onChange={(chosen) => void setParameters({ status: chosen }, { history: 'push' })}
          choices={requestStatuses.map((value) => ({ value, label: t(`filter.${value}`) }))}
          className="w-44"
        />
      </div>
      <DataTable
        label={t('title')}
        columns={useRequestColumns()}
        list={list}
        rowKey={({ id }) => id}
        empty={
          <NoRequests
            filtered={status !== null}
            onReset={() => void setParameters({ status: null }, { history: 'push' })}
          />
        }
      />
    </section>
  );
}

function NoRequests({ filtered, onReset }: { filtered: boolean; onReset: () => void }) {
  const t = useTranslations();
  if (!filtered) {
    return (
      <EmptyState icon={<Activity />} title={t('requests.emptyTitle')}>
        {t('requests.empty')}
      </EmptyState>
    );
  }
  return (
    <EmptyState
      icon={<SearchX />}
      title={t('list.noMatchTitle')}
      action={<Button onClick={onReset}>{t('action.reset')}</Button>}
    >
      {t('requests.noMatch')}
    </EmptyState>
  );
}
