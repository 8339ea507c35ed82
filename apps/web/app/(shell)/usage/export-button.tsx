'use client';

import { Download } from 'lucide-react';
import { useTranslations } from 'use-intl';
import { Button } from '@/components/button';
import { notifyError } from '@/lib/notify';
import { downloadFromServer } from '@/lib/server-file';
import { useSubmit } from '@/lib/submit';
import { useReportQuery } from './use-usage';

/** Exactly what the page shows, as CSV. */
export function ExportButton() {
  const t = useTranslations();
  const query = useReportQuery();
  const { pending, submit } = useSubmit();
  const exportCsv = () =>
    downloadFromServer('/usage', query, 'text/csv').catch((error: unknown) =>
      notifyError(error, t('error.copyRequest')),
    );
  return (
    <Button pending={pending} onClick={() => void submit(exportCsv)}>
      <Download aria-hidden />
      {t('usage.export')}
    </Button>
  );
}
