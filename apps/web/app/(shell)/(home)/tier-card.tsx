'use client';

import { useTranslations } from 'use-intl';
import type { TierAssignment } from '@maas/contracts/auth';
import { Card } from '@/components/card';

/** Which tier one has, and why. */
export function TierCard({ tier }: { tier: TierAssignment }) {
  const t = useTranslations('home');
  return (
    <Card title={t('tier')}>
      <p className="text-2xl font-semibold wrap-anywhere">{tier.displayName}</p>
      <p className="mt-1 text-sm text-muted">
        {tier.reason === 'override'
          ? t('byOverride')
          : t.rich('byGroup', {
              group: () => <code className="font-mono text-xs wrap-anywhere text-ink">{tier.group}</code>,
            })}
      </p>
    </Card>
  );
}
