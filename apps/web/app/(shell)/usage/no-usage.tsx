'use client';

import Link from 'next/link';
import { useFormatter, useTranslations } from 'use-intl';
import { Button, buttonClass } from '@/components/button';
import { rangeWith } from '@/lib/usage-range';
import { useUsageParameters } from './usage-parameters';
import { useLastUse } from './use-last-use';

/** Why there is nothing to draw, and what one does about it: nothing was used yet, or not in this range. */
export function NoUsage() {
  const t = useTranslations('usage');
  const format = useFormatter();
  const [, setParameters] = useUsageParameters();
  const last = useLastUse();
  if (last === null) {
    return (
      <Words title={t('never')} text={t('neverHint')}>
        <Link href="/playground" className={buttonClass('secondary', 'sm')}>
          {t('openPlayground')}
        </Link>
      </Words>
    );
  }
  if (last === undefined) return <Words title={t('empty')} />;
  const day = format.dateTime(new Date(last), { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' });
  const show = () => void setParameters({ ...rangeWith(last, Date.now()), by: null }, { history: 'push' });
  return (
    <Words title={t('empty')} text={t('lastUse', { day })}>
      <Button size="sm" onClick={show}>
        {t('showLastUse')}
      </Button>
    </Words>
  );
}

function Words({ title, text, children }: { title: string; text?: string; children?: React.ReactNode }) {
  return (
    <>
      <p className="font-medium text-ink">{title}</p>
      {text !== undefined && <p>{text}</p>}
      {children}
    </>
  );
}
