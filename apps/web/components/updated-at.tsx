'use client';

import { RotateCw } from 'lucide-react';
import { useTranslations } from 'use-intl';
import { classNames } from '@/lib/class-names';
import { useNow } from '@/lib/now';

interface UpdatedAtProps {
  /** When the data came, in milliseconds since 1970; 0: not yet. */
  at: number;
  refreshing: boolean;
  onRefresh: () => void;
}

/** How old what is shown is, and a way to have it anew. */
export function UpdatedAt({ at, refreshing, onRefresh }: UpdatedAtProps) {
  const t = useTranslations('chart');
  const seconds = Math.max(0, Math.round((useNow() - at) / 1000));
  return (
    <button
      type="button"
      onClick={onRefresh}
      title={t('refresh')}
      className="inline-flex h-6 min-w-36 cursor-pointer items-center justify-end gap-1.5 rounded-sm px-1.5 text-xs text-muted tabular-nums hover:bg-hover hover:text-ink"
    >
      <RotateCw aria-hidden className={classNames('size-3', refreshing && 'animate-[spin_900ms_linear_infinite]')} />
      {at === 0
        ? t('updating')
        : seconds < 60
          ? t('seconds', { seconds })
          : t('minutes', { minutes: Math.floor(seconds / 60) })}
      <span className="sr-only">{t('refresh')}</span>
    </button>
  );
}
