'use client';

import { useFormatter, useTranslations } from 'use-intl';
import type { BackendTransition } from '@maas/contracts/backends';
import type { Backend } from '@maas/contracts/models';
import { useAbsoluteTime } from '@/lib/time';
import { useNow } from '@/lib/now';
import { downSpans } from './down-spans';
import { useLength } from '../length';

const DAYS = 7;
const DAY_MILLISECONDS = 86_400_000;

/** The last seven days of each backend as a strip, with the times that it was down. The table below says the same in words. */
export function HealthTimeline(props: { backends: readonly Backend[]; transitions: readonly BackendTransition[] }) {
  const t = useTranslations('adminModels.history');
  const format = useFormatter();
  const now = useNow();
  const window = { from: now - DAYS * DAY_MILLISECONDS, to: now };
  const days = Array.from({ length: DAYS + 1 }, (_, day) => new Date(window.from + day * DAY_MILLISECONDS));
  return (
    <div className="mb-3 rounded-lg border border-line bg-surface px-4 py-3 shadow-card">
      <ul className="flex flex-col gap-2.5">
        {props.backends.map((backend) => (
          <li key={backend.id}>
            <Strip backend={backend} transitions={props.transitions} window={window} />
          </li>
        ))}
      </ul>
      <div aria-hidden className="mt-1 flex justify-between text-xs text-faint tabular-nums">
        {days.map((day, index) => (
          <span key={day.getTime()} className={index % 2 === 1 ? 'max-sm:hidden' : undefined}>
            {index === DAYS ? t('now') : format.dateTime(day, { day: 'numeric', month: 'short' })}
          </span>
        ))}
      </div>
    </div>
  );
}

interface StripProps {
  backend: Backend;
  transitions: readonly BackendTransition[];
  window: { from: number; to: number };
}

function Strip({ backend, transitions, window }: StripProps) {
  const t = useTranslations('adminModels.history');
  const length = useLength();
  const absolute = useAbsoluteTime();
  const spans = downSpans(transitions, backend.id, window);
  const whole = window.to - window.from;
  const seconds = spans.reduce((sum, { from, to }) => sum + (to - from) / 1000, 0);
  const summary = spans.length === 0 ? t('never') : t('summary', { count: spans.length, length: length(seconds) });
  return (
    <>
      <p className="mb-1 flex flex-wrap justify-between gap-x-4 text-xs">
        <span className="font-mono wrap-anywhere">{backend.url}</span>
        <span className="text-muted">{summary}</span>
      </p>
      <div aria-hidden className="relative h-4 overflow-hidden rounded-sm bg-success/45">
        {spans.map(({ from, to }) => (
          <span
            key={from}
            data-tooltip={t('span', { at: absolute(new Date(from)), length: length((to - from) / 1000) })}
            className="absolute inset-y-0 min-w-[3px] bg-danger"
            style={{ left: `${((from - window.from) / whole) * 100}%`, width: `${((to - from) / whole) * 100}%` }}
          />
        ))}
      </div>
    </>
  );
}
