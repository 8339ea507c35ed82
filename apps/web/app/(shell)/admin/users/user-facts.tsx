'use client';

import Link from 'next/link';
import { useTranslations } from 'use-intl';
import type { User } from '@maas/contracts/auth';
import { Badge } from '@/components/badge';
import { CopyButton } from '@/components/copy-button';
import { FactList } from '@/components/fact-list';
import { RelativeTime } from '@/components/relative-time';
import { TierReason } from './tier-reason';

/** Who somebody is. */
export function UserFacts({ user }: { user: User }) {
  const t = useTranslations('adminUsers.facts');
  const states = useTranslations('adminUsers');
  return (
    <div className="flex flex-col gap-4">
      <FactList
        facts={[
          { label: t('tier'), value: <TierReason user={user} /> },
          {
            label: t('state'),
            value:
              user.suspendedAt === null ? (
                states('state.active')
              ) : (
                <span className="text-danger">
                  {t.rich('suspended', { time: () => <RelativeTime at={user.suspendedAt ?? ''} /> })}
                </span>
              ),
          },
          { label: t('role'), value: states(`role.${user.role}`) },
          { label: t('email'), value: user.email ?? <span className="text-faint">{t('none')}</span> },
          { label: t('created'), value: <RelativeTime at={user.createdAt} /> },
          { label: t('seen'), value: <RelativeTime at={user.lastSeenAt} /> },
          {
            label: t('id'),
            value: (
              <span className="flex items-center gap-1">
                <code className="truncate-id">{user.id}</code>
                <CopyButton value={user.id} label={t('copyId')} />
              </span>
            ),
          },
          {
            label: t('groups'),
            value: (
              <span className="flex flex-wrap gap-1">
                {user.groups.length === 0 && <span className="text-faint">{t('none')}</span>}
                {user.groups.map((group) => (
                  <Badge key={group}>{group}</Badge>
                ))}
              </span>
            ),
          },
        ]}
      />
      <p className="flex flex-wrap gap-x-4 gap-y-1 text-sm [&_a]:text-accent [&_a]:hover:underline">
        <Link href={`/admin/usage?user=${user.id}`}>{t('usage')}</Link>
        <Link href={`/admin/tokens?user=${user.id}`}>{t('tokens')}</Link>
        <Link href={`/admin/audit?search=${user.id}&range=all`}>{t('changes')}</Link>
        <Link href={`/admin/audit?actor=${encodeURIComponent(user.username)}&range=all`}>{t('deeds')}</Link>
      </p>
    </div>
  );
}
