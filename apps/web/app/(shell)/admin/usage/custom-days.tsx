'use client';

import { useTranslations } from 'use-intl';
import { Input } from '@/components/input';
import { usePlatformUsageParameters } from './platform-usage-parameters';
import { useChosenRange } from './use-platform-usage';

/** The first and the last day of a range of one's own, both inclusive, in UTC. */
export function CustomDays() {
  const t = useTranslations('usage');
  const [{ from, to }, setParameters] = usePlatformUsageParameters();
  const shown = useChosenRange();
  const last = new Date(Date.parse(shown.to) - 1).toISOString().slice(0, 10);
  const refused = from !== shown.from.slice(0, 10) || to !== last;
  return (
    <>
      <div className="flex items-center gap-2 text-sm text-muted max-sm:w-full">
        <Input
          type="date"
          aria-label={t('firstDay')}
          aria-invalid={refused || undefined}
          value={from ?? ''}
          max={to ?? undefined}
          onChange={({ target }) => void setParameters({ from: target.value || null })}
        />
        <span aria-hidden>–</span>
        <Input
          type="date"
          aria-label={t('lastDay')}
          aria-invalid={refused || undefined}
          value={to ?? ''}
          min={from ?? undefined}
          onChange={({ target }) => void setParameters({ to: target.value || null })}
        />
      </div>
      {refused && (
        <p role="status" className="text-xs text-danger">
          {t('badRange')}
        </p>
      )}
    </>
  );
}
