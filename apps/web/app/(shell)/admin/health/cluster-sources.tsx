'use client';

import { useTranslations } from 'use-intl';
import type { ClusterSource } from '@maas/contracts/health';
import { RelativeTime } from '@/components/relative-time';

/** What is watched in the cluster, how that stands, and what of it cannot be followed. */
export function ClusterSources({ sources }: { sources: readonly ClusterSource[] }) {
  const t = useTranslations('adminHealth.cluster');
  return (
    <ul className="mt-2 flex max-w-prose flex-col gap-2 text-sm">
      {sources.map(({ source, watched, problems, process, confirmedAt }) => (
        <li key={source}>
          <ul className="flex flex-col gap-0.5 text-muted">
            {watched.map(({ what, state, since }) => (
              <li key={what} className="wrap-anywhere">
                {t.rich('watched', { what, state: t(`state.${state}`), time: () => <RelativeTime at={since} /> })}
              </li>
            ))}
          </ul>
          {process !== null && confirmedAt !== null && (
            <p className="text-xs wrap-anywhere text-faint">
              {t.rich('process', { process, time: () => <RelativeTime at={confirmedAt} /> })}
            </p>
          )}
          {problems.length > 0 && (
            <ul aria-label={t('problems')} className="mt-1 flex list-disc flex-col gap-0.5 ps-5">
              {problems.map(({ object, problem }) => (
                <li key={`${object} ${problem}`} className="wrap-anywhere">
                  <span className="font-mono text-xs">{object}</span>: {problem}
                </li>
              ))}
            </ul>
          )}
        </li>
      ))}
    </ul>
  );
}
