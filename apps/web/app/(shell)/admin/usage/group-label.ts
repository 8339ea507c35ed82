import { useCallback } from 'react';
import { useTranslations } from 'use-intl';
import type { UsageRow } from '@maas/contracts/usage';
import type { PlatformGroup } from './platform-usage-parameters';

/** How a group is called: users and tokens by their names, where they still have one. */
export function useGroupLabel(group: PlatformGroup): (row: UsageRow) => string {
  const t = useTranslations('adminUsage');
  return useCallback(
    (row) => {
      if (group === 'user') return row.username ?? t('deletedUser', { id: (row.user ?? '').slice(0, 8) });
      if (group === 'token') return row.tokenName ?? t('unnamedToken', { id: (row.token ?? '').slice(0, 8) });
      return (group === 'none' ? undefined : row[group]) ?? '';
    },
    [group, t],
  );
}
