'use client';

import { useEffect, useState } from 'react';
import { useTranslations } from 'use-intl';
import type { LimitState } from '@maas/contracts/tiers';
import { classNames } from '@/lib/class-names';
import { NumberText } from './number-text';

/** A limit: how much of it is left now, and when all of it is back. */
export function LimitBar({ label, unit, state }: { label: string; unit: string; state: LimitState }) {
  const t = useTranslations('limit');
  const { limit, remaining } = state;
  if (limit === null || remaining === null) return <Unlimited label={label} text={t('unlimited')} />;
  const share = limit === 0 ? 0 : Math.max(0, Math.min(1, remaining / limit));
  const colour = share > 0.25 ? 'bg-accent' : share > 0 ? 'bg-warning' : 'bg-danger';
  const value = t('left', { remaining, limit, unit });
  return (
    <div className="flex flex-col gap-2">
      <div className="flex items-baseline justify-between gap-3" aria-hidden>
        <span className="text-sm text-muted">{label}</span>
        <span className="text-sm text-muted">
          {t.rich('leftOf', {
            remaining: () => (
              <span className="text-lg font-semibold text-ink">
                <NumberText value={remaining} />
              </span>
            ),
            limit: () => <NumberText value={limit} unit={unit} />,
          })}
        </span>
      </div>
      <div
        role="meter"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={limit}
        aria-valuenow={remaining}
        aria-valuetext={value}
        className="h-1.5 overflow-hidden rounded-full bg-selected"
      >
        <div
          style={{ width: `${share * 100}%` }}
          className={classNames('h-full rounded-full transition-[width] duration-500 ease-out', colour)}
        />
      </div>
      <p className="text-xs text-muted tabular-nums">
        {share === 1 ? t('full') : <Countdown key={state.resetSeconds} seconds={state.resetSeconds} />}
      </p>
    </div>
  );
}

/** Counts on by itself until the limit is asked for again. */
function Countdown({ seconds }: { seconds: number }) {
  const t = useTranslations('limit');
  const [left, setLeft] = useState(seconds);
  useEffect(() => {
    const timer = setInterval(() => setLeft((now) => now - 1), 1000);
    return () => clearInterval(timer);
  }, []);
  return t('reset', { seconds: Math.max(1, Math.ceil(left)) });
}

function Unlimited({ label, text }: { label: string; text: string }) {
  return (
    <div className="flex items-baseline justify-between gap-3">
      <span className="text-sm text-muted">{label}</span>
      <span className="text-lg font-semibold">{text}</span>
    </div>
  );
}
