'use client';

import { useTranslations } from 'use-intl';
import { StatusChip } from '@/components/status-chip';

/** Whether a model answers at the moment. */
export function ModelReadiness({ ready }: { ready: boolean }) {
  const t = useTranslations('models');
  return <StatusChip tone={ready ? 'success' : 'warning'}>{t(ready ? 'ready' : 'unready')}</StatusChip>;
}
