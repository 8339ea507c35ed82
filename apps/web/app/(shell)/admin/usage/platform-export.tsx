'use client';

import { Download } from 'lucide-react';
import { useTranslations } from 'use-intl';
import { Button } from '@/components/button';
import { notifyError } from '@/lib/notify';
import { downloadFromServer } from '@/lib/server-file';
import { useSubmit } from '@/lib/submit';
import { usePlatformUsageParameters } from './platform-usage-parameters';
import { usePlatformRange, useUsageFilter } from './use-platform-usage';

/** Range and filters as CSV: every group over time, also those that the page folds into one. */
export function PlatformExport() {
  const t = useTranslations();
  const filter = useUsageFilter();
  const { shown } = usePlatformRange();
  const [{ group }] = usePlatformUsageParameters();
  const { pending, submit } = useSubmit();
  const query = { ...filter, groupBy: group === 'none' ? shown : `${shown},${group}` };
  const take = () =>
    downloadFromServer('/admin/usage', query, 'text/csv').catch((error: unknown) =>
      notifyError(error, t('error.copyRequest')),
    );
  return (
    <Button pending={pending} onClick={() => void submit(take)}>
      <Download aria-hidden />
      {t('usage.export')}
    </Button>
  );
}
