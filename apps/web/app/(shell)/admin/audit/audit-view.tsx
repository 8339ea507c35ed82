'use client';

import { ScrollText, SearchX } from 'lucide-react';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import type { AuditEntry } from '@maas/contracts/auth';
import { Button } from '@/components/button';
import { DataTable } from '@/components/data-table';
import { EmptyState } from '@/components/empty-state';
import { Page } from '@/components/page';
import { PageHeader } from '@/components/page-header';
import { useCursorList } from '@/lib/cursor-list';
import { lazyOverlay } from '@/lib/lazy-overlay';
import { useAuditColumns } from './audit-columns';
import { AuditExport } from './audit-export';
import { auditFilter } from './audit-filter';
import { AuditFilters } from './audit-filters';
import { noFilters, useAuditParameters } from './audit-parameters';

const EntrySheet = lazyOverlay(() => import('./entry-sheet'));

/** Who changed what, and when. */
export function AuditView() {
  const t = useTranslations();
  const [{ entry, ...parameters }, setParameters] = useAuditParameters();
  // When the page was opened, so that “Load more” goes on in the list that it began.
  const [opened] = useState(Date.now);
  const filter = auditFilter(parameters, opened);
  const list = useCursorList<AuditEntry>('/admin/audit', filter, 30);
  const { range, ...others } = parameters;
  const filtered = range !== 'all' || Object.values(others).some((value) => value !== null && value !== '');
  return (
    <Page>
      <PageHeader
        title={t('adminAudit.title')}
        description={t('adminAudit.lead')}
        actions={<AuditExport filter={filter} />}
      />
      <AuditFilters />
      <DataTable
        label={t('adminAudit.title')}
        columns={useAuditColumns((row) => void setParameters({ entry: row.id }, { history: 'push' }))}
        list={list}
        rowKey={(row) => row.id}
        selected={entry ?? undefined}
        empty={
          filtered ? (
            <EmptyState
              icon={<SearchX />}
              title={t('list.noMatchTitle')}
              action={
                <Button onClick={() => void setParameters({ ...noFilters, range: 'all' }, { history: 'push' })}>
                  {t('adminAudit.showAll')}
                </Button>
              }
            >
              {t('adminAudit.noMatch')}
            </EmptyState>
          ) : (
            <EmptyState icon={<ScrollText />} title={t('adminAudit.emptyTitle')}>
              {t('adminAudit.empty')}
            </EmptyState>
          )
        }
      />
      <EntrySheet
        open={entry !== null}
        id={entry}
        known={list.rows?.find((row) => row.id === entry)}
        onClose={() => void setParameters({ entry: null })}
      />
    </Page>
  );
}
