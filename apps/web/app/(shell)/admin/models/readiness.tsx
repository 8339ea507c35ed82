'use client';

import { useTranslations } from 'use-intl';
import type { Model } from '@maas/contracts/models';
import { StatusChip } from '@/components/status-chip';
import { backendsUp } from './backend-state';

/** Whether a model can be used, and whether all of its backends take part. */
export function Readiness({ model }: { model: Pick<Model, 'enabled' | 'ready' | 'backends'> }) {
  const t = useTranslations('adminModels.readiness');
  if (!model.enabled) return <StatusChip tone="neutral">{t('disabled')}</StatusChip>;
  if (model.backends.length === 0) return <StatusChip tone="warning">{t('noBackend')}</StatusChip>;
  const wanted = model.backends.filter(({ state }) => state === 'enabled').length;
  const up = backendsUp(model.backends);
  if (!model.ready || up === 0) return <StatusChip tone="danger">{t('down')}</StatusChip>;
  return up < wanted ? (
    <StatusChip tone="warning">{t('partly')}</StatusChip>
  ) : (
    <StatusChip tone="success">{t('ready')}</StatusChip>
  );
}
