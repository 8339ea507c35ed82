'use client';

import Link from 'next/link';
import { useTranslations } from 'use-intl';
import type { TierExplanation } from '@maas/contracts/tier-insight';
import { AbsoluteTime } from '@/components/absolute-time';
import { Badge } from '@/components/badge';

/** The tier that somebody gets, why, and all tiers that hold one of their groups. */
export function TierExplanationView({ explanation }: { explanation: TierExplanation }) {
  const t = useTranslations('adminTiers.tester');
  const { tier, reason, matches, override, user } = explanation;
  return (
    <div className="mt-4 flex flex-col gap-3 rounded-lg border border-line bg-sunken p-4 text-sm">
      <p className="flex flex-wrap items-center gap-2">
        {user && (
          <Link href={`/admin/users?id=${user.id}`} className="font-medium text-accent hover:underline">
            {user.username}
          </Link>
        )}
        <Badge tone={tier ? 'accent' : 'warning'}>{tier ? tier.displayName : t('none')}</Badge>
        <span className="text-muted">{reason}</span>
      </p>
      {override && (
        <p className="text-muted">
          {t(override.expired ? 'overrideExpired' : 'override', { tier: override.tier })}{' '}
          {override.expiresAt !== null && <AbsoluteTime at={override.expiresAt} />}
        </p>
      )}
      {matches.length > 0 && (
        <table className="w-full">
          <caption className="mb-1 text-start text-xs text-muted">{t('matches')}</caption>
          <thead className="text-xs text-muted">
            <tr className="border-b border-line text-start [&_th]:py-1 [&_th]:pe-4 [&_th]:text-start [&_th]:font-medium">
              <th scope="col">{t('tier')}</th>
              <th scope="col">{t('level')}</th>
              <th scope="col">{t('through')}</th>
            </tr>
          </thead>
          <tbody>
            {matches.map((match) => (
              <tr key={match.name} className="[&_td]:py-1 [&_td]:pe-4">
                <td className={match.name === tier?.name ? 'font-medium' : 'text-muted'}>{match.displayName}</td>
                <td className="tabular-nums">{match.level}</td>
                <td className="font-mono text-xs wrap-anywhere">{match.groups.join(', ')}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </div>
  );
}
