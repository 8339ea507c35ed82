'use client';

import Link from 'next/link';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import type { SystemHealth } from '@maas/contracts/health';
import type { Tone } from '@/components/badge';
import { NumberText } from '@/components/number-text';
import { StatusChip } from '@/components/status-chip';
import { ClusterSources } from './cluster-sources';

const tones: Record<SystemHealth['status'], Tone> = { ok: 'success', degraded: 'warning', down: 'danger' };

/** The parts of the platform: how each is, in a word and a sentence, with its numbers. */
export function PartList({ health: { parts } }: { health: SystemHealth }) {
  const t = useTranslations('adminHealth');
  const { database, changeFeed, usage, limiter, keys, backends, cluster } = parts;
  return (
    <ul className="divide-y divide-line rounded-lg border border-line bg-surface shadow-card">
      <Part name={t('part.database')} part={database}>
        {database.latencyMs !== null && (
          <Measure label={t('latency')}>
            <NumberText value={database.latencyMs} unit="ms" />
          </Measure>
        )}
        <Measure label={t('kind')}>{t(database.embedded ? 'embedded' : 'external')}</Measure>
      </Part>
      <Part name={t('part.changeFeed')} part={changeFeed}>
        {changeFeed.behind !== null && (
          <Measure label={t('behind')}>
            <NumberText value={changeFeed.behind} unit={t('changes')} />
          </Measure>
        )}
        {changeFeed.lagSeconds !== null && (
          <Measure label={t('lag')}>
            <NumberText value={changeFeed.lagSeconds} unit="s" />
          </Measure>
        )}
      </Part>
      <Part name={t('part.usage')} part={usage}>
        <Measure label={t('backlog')}>
          <NumberText value={usage.backlogRows} unit={t('rows')} />
        </Measure>
        <Measure label={t('journal')}>{t(usage.journalWritable ? 'writable' : 'notWritable')}</Measure>
        <Measure label={t('journalQuota')}>
          <NumberText value={Math.round((100 * usage.journalBytes) / usage.journalQuotaBytes)} unit="%" />
        </Measure>
        {!usage.accepting && <Measure label={t('inference')}>{t('refused')}</Measure>}
      </Part>
      <Part name={t('part.limiter')} part={limiter}>
        <Measure label={t('kind')}>{t(`limiter.${limiter.kind}`)}</Measure>
      </Part>
      <Part name={t('part.keys')} part={keys}>
        {keys.problems > 0 && (
          <Measure label={t('problems')}>
            <NumberText value={keys.problems} />
          </Measure>
        )}
      </Part>
      <Part name={t('part.backends')} part={backends} more={<ModelLinks ids={backends.modelsDown} />}>
        <Measure label={t('up')}>
          <Link href="/admin/models" className="hover:underline">
            {t('upOf', { up: backends.up, total: backends.up + backends.down })}
          </Link>
        </Measure>
      </Part>
      {cluster.sources.length > 0 && (
        <Part name={t('part.cluster')} part={cluster} more={<ClusterSources sources={cluster.sources} />}>
          {cluster.sources.map(({ source, found, used }) => (
            <Measure key={source} label={t(`cluster.${source}`)}>
              {t('cluster.usedOf', { used, found })}
            </Measure>
          ))}
        </Part>
      )}
    </ul>
  );
}

interface PartProps {
  name: string;
  part: { status: SystemHealth['status']; message: string };
  /** Below the sentence. */
  more?: ReactNode;
  children: ReactNode;
}

function Part({ name, part, more, children }: PartProps) {
  const t = useTranslations('adminHealth.status');
  return (
    <li className="grid gap-x-6 gap-y-2 px-4 py-3.5 sm:grid-cols-[8rem_minmax(0,1fr)_14rem] sm:px-5">
      <div>
        <h2 className="text-sm font-medium">{name}</h2>
        <span className="text-sm">
          <StatusChip tone={tones[part.status]}>{t(part.status)}</StatusChip>
        </span>
      </div>
      <div className="min-w-0">
        <p className="max-w-prose text-sm wrap-anywhere text-muted">{part.message}</p>
        {more}
      </div>
      <dl className="flex flex-col gap-1 text-sm">{children}</dl>
    </li>
  );
}

/** The way to each model that nobody answers for. */
function ModelLinks({ ids }: { ids: readonly string[] }) {
  const t = useTranslations('adminHealth');
  if (ids.length === 0) return null;
  return (
    <ul aria-label={t('modelsDown')} className="mt-1 flex flex-wrap gap-x-3 text-sm">
      {ids.map((id) => (
        <li key={id}>
          <Link
            href={`/admin/models?id=${encodeURIComponent(id)}`}
            className="inline-flex min-h-6 items-center text-accent hover:underline"
          >
            {id}
          </Link>
        </li>
      ))}
    </ul>
  );
}

function Measure({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="flex justify-between gap-4">
      <dt className="text-muted">{label}</dt>
      <dd className="tabular-nums">{children}</dd>
    </div>
  );
}
