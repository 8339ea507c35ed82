'use client';

import { Download, FileJson, FileSpreadsheet } from 'lucide-react';
import { useTranslations } from 'use-intl';
import { buttonClass } from '@/components/button';
import { Menu } from '@/components/menu';
import { Spinner } from '@/components/spinner';
import type { Call } from '@/lib/api';
import { notifyError } from '@/lib/notify';
import { downloadFromServer } from '@/lib/server-file';
import { useSubmit } from '@/lib/submit';

/** Takes all entries of the filter along, as a file. That somebody did is itself an entry. */
export function AuditExport({ filter }: { filter: NonNullable<Call['query']> }) {
  const t = useTranslations('adminAudit');
  const errors = useTranslations('error');
  const { pending, submit } = useSubmit();
  const take = (type: string) =>
    void submit(() =>
      downloadFromServer('/admin/audit', filter, type).catch((error: unknown) =>
        notifyError(error, errors('copyRequest')),
      ),
    );
  return (
    <Menu
      label={t('export')}
      className={buttonClass('secondary')}
      entries={[
        { label: t('csv'), icon: <FileSpreadsheet />, onSelect: () => take('text/csv') },
        { label: t('ndjson'), icon: <FileJson />, onSelect: () => take('application/x-ndjson') },
      ]}
    >
      {pending ? <Spinner /> : <Download aria-hidden />}
      {t('export')}
    </Menu>
  );
}
