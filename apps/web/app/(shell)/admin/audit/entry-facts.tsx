'use client';

import Link from 'next/link';
import { useTranslations } from 'use-intl';
import type { AuditEntry } from '@maas/contracts/auth';
import { CopyButton } from '@/components/copy-button';
import { FactList } from '@/components/fact-list';
import { targetName } from './target-name';
import { placeOf } from './target-place';

/** Who did it to what, and from where. */
export function EntryFacts({ entry }: { entry: AuditEntry }) {
  const t = useTranslations('adminAudit.entry');
  const { actorId, actorName, targetType, targetId, address, requestId } = entry;
  const name = targetName(entry);
  const place = entry.after === null ? undefined : placeOf(targetType, targetId);
  const unknown = <span className="text-faint">{t('unknown')}</span>;
  return (
    <FactList
      facts={[
        {
          label: t('actor'),
          value: actorId === null ? actorName : <TextLink href={`/admin/users?id=${actorId}`}>{actorName}</TextLink>,
        },
        { label: t('address'), value: address === null ? unknown : <code className="font-mono">{address}</code> },
        {
          label: t('target'),
          value: (
            <>
              <span className="text-muted">{targetType} </span>
              {place === undefined ? (
                <span className={name === targetId ? 'font-mono text-xs' : undefined} title={targetId}>
                  {name}
                </span>
              ) : (
                <TextLink href={place}>
                  <span className={name === targetId ? 'font-mono text-xs' : undefined} title={targetId}>
                    {name}
                  </span>
                </TextLink>
              )}
            </>
          ),
        },
        {
          label: t('request'),
          value:
            requestId === null ? (
              unknown
            ) : (
              <span className="flex items-center gap-1">
                <code className="truncate-id">{requestId}</code>
                <CopyButton value={requestId} label={t('copyRequest')} />
              </span>
            ),
        },
      ]}
    />
  );
}

function TextLink({ href, children }: { href: string; children: React.ReactNode }) {
  return (
    <Link href={href} className="text-accent hover:underline">
      {children}
    </Link>
  );
}
