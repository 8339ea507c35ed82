'use client';

import { Laptop, Smartphone } from 'lucide-react';
import { useTranslations } from 'use-intl';
import type { Session } from '@maas/contracts/sessions';
import { Badge } from '@/components/badge';
import { Button } from '@/components/button';
import { RelativeTime } from '@/components/relative-time';
import { readDevice } from './device';
import { useDeviceName } from './use-device-name';

/** One browser: which, where from, since when. The one at hand is signed out from the menu above. */
export function SessionRow({ session, onEnd }: { session: Session; onEnd: () => void }) {
  const t = useTranslations('settings');
  const { userAgent, address, current, kind, createdAt, lastSeenAt } = session;
  const name = useDeviceName()(userAgent);
  const Icon = readDevice(userAgent).phone ? Smartphone : Laptop;
  return (
    <li className="flex items-center gap-3.5 py-3 first:pt-0 last:pb-0">
      <span aria-hidden className="grid size-9 shrink-0 place-items-center rounded-md border border-line bg-sunken">
        <Icon className="size-4.5 text-muted" />
      </span>
      <div className="min-w-0 flex-1 text-sm">
        <p className="flex flex-wrap items-center gap-x-2 gap-y-1 font-medium">
          <span title={userAgent ?? undefined}>{name}</span>
          {current && <Badge tone="success">{t('current')}</Badge>}
        </p>
        <p className="text-xs text-muted">
          {t.rich('seen', { time: () => <RelativeTime at={lastSeenAt} /> })}
          {' · '}
          {t.rich('since', { method: t(`kind.${kind}`), time: () => <RelativeTime at={createdAt} /> })}
          {address !== null && ` · ${t('from', { address })}`}
        </p>
      </div>
      {!current && (
        <Button size="sm" onClick={onEnd} aria-label={t('endNamed', { name })}>
          {t('end')}
        </Button>
      )}
    </li>
  );
}
