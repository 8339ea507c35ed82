'use client';

import { ArrowDown, ArrowUp } from 'lucide-react';
import type { ReactNode } from 'react';
import { useFormatter, useTranslations } from 'use-intl';
import { classNames } from '@/lib/class-names';
import { Skeleton } from './skeleton';

interface StatCardProps {
  label: string;
  /** undefined while it is loading. */
  value: ReactNode | undefined;
  /** How much more it is than before, as a share; null: nothing to compare with. */
  change?: number | null | undefined;
  /** Whether more of it is good, bad or neither. */
  more?: 'good' | 'bad' | 'neutral';
  /** What it is compared with: `the 30 days before`. */
  comparedWith?: string | undefined;
  /** A second line: what the number is made of. */
  detail?: ReactNode;
}

/** One number, and how it changed. Its height is the same while it loads. */
export function StatCard({ label, value, change, more = 'neutral', comparedWith, detail }: StatCardProps) {
  return (
    <div className="flex min-w-0 flex-col rounded-lg border border-line bg-surface px-4 py-3 shadow-card">
      <dt className="truncate text-xs text-muted">{label}</dt>
      <dd className="mt-1">
        <span className="flex h-8 items-center text-2xl font-semibold tabular-nums">
          {value ?? <Skeleton className="h-6 w-20" />}
        </span>
        <span className="mt-1 flex min-h-4 flex-wrap content-start items-center gap-x-2 text-xs text-muted max-sm:min-h-8">
          {change !== undefined && <Change change={change} more={more} comparedWith={comparedWith} />}
          {detail}
        </span>
      </dd>
    </div>
  );
}

type ChangeProps = Pick<StatCardProps, 'comparedWith'> & { change: number | null; more: 'good' | 'bad' | 'neutral' };

function Change({ change, more, comparedWith }: ChangeProps) {
  const t = useTranslations('chart');
  const format = useFormatter();
  if (change === null) return <span className="sr-only">{t('noChange')}</span>;
  const rounded = Math.round(change * 100);
  const Arrow = rounded < 0 ? ArrowDown : ArrowUp;
  const good = more === 'neutral' || rounded === 0 ? undefined : rounded > 0 === (more === 'good');
  const share = format.number(Math.abs(change), { style: 'percent', maximumFractionDigits: 0, notation: 'compact' });
  return (
    <span
      title={comparedWith}
      className={classNames(
        'inline-flex items-center gap-0.5 font-medium tabular-nums',
        good === true && 'text-success',
        good === false && 'text-danger',
      )}
    >
      {rounded !== 0 && <Arrow aria-hidden className="size-3" />}
      <span className="sr-only">{t(rounded === 0 ? 'same' : rounded > 0 ? 'more' : 'less')}</span>
      {share}
      <span className="sr-only">{comparedWith}</span>
    </span>
  );
}
