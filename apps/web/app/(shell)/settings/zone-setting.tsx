'use client';

import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { LazyCombobox } from '@/components/lazy-combobox';
import { Select } from '@/components/select';
import { useNow } from '@/lib/now';
import { setPreferences, usePreferences } from '@/lib/preferences';
import { useAbsoluteTime } from '@/lib/time';

/** In which zone instants are shown: that of the browser, UTC, or one of all that the browser knows. */
export function ZoneSetting() {
  const t = useTranslations('settings');
  const { zone } = usePreferences();
  const [choosing, setChoosing] = useState(false);
  const absolute = useAbsoluteTime();
  const now = useNow();
  const kind = choosing || (zone !== 'browser' && zone !== 'UTC') ? 'chosen' : zone;
  const change = (next: 'browser' | 'UTC' | 'chosen') => {
    setChoosing(next === 'chosen');
    if (next !== 'chosen') setPreferences({ zone: next });
  };
  return (
    <div className="flex w-64 max-w-full flex-col gap-2 max-sm:w-full">
      <Select
        label={t('zone')}
        value={kind}
        onChange={change}
        choices={[
          {
            value: 'browser',
            label: t('zones.browser', { zone: new Intl.DateTimeFormat().resolvedOptions().timeZone }),
          },
          { value: 'UTC', label: 'UTC' },
          { value: 'chosen', label: t('zones.chosen') },
        ]}
      />
      {kind === 'chosen' && (
        <LazyCombobox
          label={t('zoneName')}
          placeholder={t('zonePlaceholder')}
          value={zone === 'browser' || zone === 'UTC' ? null : zone}
          choices={Intl.supportedValuesOf('timeZone').map((value) => ({ value, label: value.replaceAll('_', ' ') }))}
          onChange={(next) => next !== null && setPreferences({ zone: next })}
        />
      )}
      <p className="text-xs text-muted">{t('zoneNow', { time: absolute(new Date(now)) })}</p>
    </div>
  );
}
