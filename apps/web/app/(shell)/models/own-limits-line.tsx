'use client';

import { useFormatter, useTranslations } from 'use-intl';
import { useSession } from '@/lib/session';

/** What one may use of all models together: limits are those of the tier, not of a model. */
export function OwnLimitsLine() {
  const t = useTranslations('models');
  const format = useFormatter();
  const { tier, limits } = useSession();
  if (tier === null || limits === null) return t('lead');
  const parts = [
    ...(limits.requests.limit === null ? [] : [t('requests', { count: limits.requests.limit })]),
    ...(limits.tokens.limit === null ? [] : [t('tokens', { count: limits.tokens.limit })]),
  ];
  const name = tier.displayName;
  if (parts.length === 0) return t('unlimited', { tier: name });
  return t('limits', { tier: name, limits: format.list(parts) });
}
