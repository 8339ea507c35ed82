'use client';

import { useFormatter, useTranslations } from 'use-intl';
import type { SystemHealth } from '@maas/contracts/health';
import { AbsoluteTime } from '@/components/absolute-time';
import { Card } from '@/components/card';
import { FactList } from '@/components/fact-list';
import { useLength } from '../length';

/** Which process answered, and since when it runs. */
export function HealthFacts({ health }: { health: SystemHealth }) {
  const t = useTranslations('adminHealth.facts');
  const format = useFormatter();
  const length = useLength();
  const { version, uptimeSeconds, startedAt, process } = health;
  const megabytes = { style: 'unit', unit: 'megabyte', maximumFractionDigits: 0 } as const;
  return (
    <Card title={t('title')} description={t('lead')}>
      <FactList
        facts={[
          { label: t('version'), value: version },
          { label: t('uptime'), value: length(uptimeSeconds) },
          { label: t('started'), value: <AbsoluteTime at={startedAt} /> },
          { label: t('host'), value: t('hostValue', { host: process.host, id: String(process.id) }) },
          { label: t('memory'), value: format.number(process.memoryBytes / 1_000_000, megabytes) },
          { label: t('node'), value: process.node },
        ]}
      />
    </Card>
  );
}
