'use client';

import { useFormatter, useTranslations } from 'use-intl';
import type { TierPreview } from '@maas/contracts/tier-insight';
import { Skeleton } from '@/components/skeleton';

const limits = ['requestsPerMinute', 'tokensPerMinute', 'maxTokensPerRequest', 'maxConcurrentRequests'] as const;

/** What a change does to people: who moves from where to where, and whose limits change. */
export function TierImpact({ preview }: { preview: TierPreview | undefined }) {
  const t = useTranslations('adminTiers.impact');
  if (preview === undefined) {
    return (
      <div className="flex flex-col gap-2">
        <Skeleton className="h-5" />
        <Skeleton className="h-5 w-2/3" />
      </div>
    );
  }
  const { moved, moves, limits: changed, overridden } = preview;
  const strong = (text: React.ReactNode) => <strong>{text}</strong>;
  return (
    <div className="flex flex-col gap-3" aria-live="polite">
      {moved === 0 ? <p>{t('nobodyMoves')}</p> : <p>{t.rich('moved', { count: moved, strong })}</p>}
      {moves.length > 0 && (
        <ul className="flex flex-col gap-2">
          {moves.map((move) => (
            <li key={`${move.from}>${move.to}`} className="rounded-md border border-line bg-sunken px-3 py-2">
              <p className="text-ink">
                {t.rich(move.to === null ? 'toNone' : move.from === null ? 'fromNone' : 'fromTo', {
                  count: move.users,
                  from: move.from ?? '',
                  to: move.to ?? '',
                  strong,
                })}
              </p>
              <Names names={move.usernames} of={move.users} />
            </li>
          ))}
        </ul>
      )}
      {changed && <LimitChanges changed={changed} />}
      {overridden > 0 && <p>{t('overridden', { count: overridden })}</p>}
    </div>
  );
}

function LimitChanges({ changed }: { changed: NonNullable<TierPreview['limits']> }) {
  const t = useTranslations('adminTiers');
  const format = useFormatter();
  const text = (value: number | null) => (value === null ? t('unlimited') : format.number(value));
  const { before, after, users, usernames } = changed;
  return (
    <div className="rounded-md border border-line bg-sunken px-3 py-2">
      <p className="text-ink">{t('impact.limits', { count: users })}</p>
      <ul className="mt-1 tabular-nums">
        {limits
          .filter((name) => before[name] !== after[name])
          .map((name) => (
            <li key={name}>
              {t(`form.${name}`)}: {text(before[name])} → <strong>{text(after[name])}</strong>
            </li>
          ))}
      </ul>
      <Names names={usernames} of={users} />
    </div>
  );
}

function Names({ names, of }: { names: readonly string[]; of: number }) {
  const t = useTranslations('adminTiers.impact');
  if (names.length === 0) return null;
  return (
    <p className="mt-0.5 text-xs wrap-anywhere">
      {names.join(', ')}
      {of > names.length && ` ${t('andMore', { count: of - names.length })}`}
    </p>
  );
}
