'use client';

import { useTranslations } from 'use-intl';
import type { User } from '@maas/contracts/auth';
import { StatusChip } from '@/components/status-chip';

/** The tier that somebody has at the moment, and how they came to it. */
export function TierReason({ user: { tier } }: { user: Pick<User, 'tier'> }) {
  const t = useTranslations('adminUsers');
  if (tier === null) return <StatusChip tone="warning">{t('noTier')}</StatusChip>;
  return (
    <span className="block min-w-0">
      <span className="block">{tier.displayName}</span>
      <span className="block max-w-64 truncate text-xs text-faint">
        {tier.reason === 'override' ? t('byOverride') : t('byGroup', { group: tier.group ?? '' })}
      </span>
    </span>
  );
}
