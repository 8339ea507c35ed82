'use client';

import { useTranslations } from 'use-intl';
import type { RequestRow } from '@maas/contracts/requests';
import { DataTable } from '@/components/data-table';
import { EmptyState } from '@/components/empty-state';
import { useRequestColumns } from '@/components/requests/request-columns';
import { useCursorList } from '@/lib/cursor-list';

const PAGE = 10;

/** The last requests of a token. */
export function TokenRequests({ jti }: { jti: string }) {
  const t = useTranslations('tokenDetail');
  const list = useCursorList<RequestRow>('/usage/requests', { token: jti, limit: PAGE });
  // Those of the token that was open before are not shown for this one.
  const rows = list.rows?.every(({ token }) => token === jti) ? list.rows : undefined;
  return (
    <section>
      <h3 className="mb-2 text-sm font-medium">{t('requests')}</h3>
      <DataTable
        label={t('requests')}
        columns={useRequestColumns({ brief: true })}
        list={{ ...list, rows }}
        rowKey={({ id }) => id}
        empty={<EmptyState title={t('noRequestsTitle')}>{t('noRequests')}</EmptyState>}
      />
    </section>
  );
}
