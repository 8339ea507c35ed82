'use client';

import { useTheme } from 'next-themes';
import { type ReactNode, useSyncExternalStore } from 'react';
import { useTranslations } from 'use-intl';
import { Card } from '@/components/card';
import { Segmented } from '@/components/segmented';
import { Switch } from '@/components/switch';
import { setPreferences, usePreferences } from '@/lib/preferences';
import { ZoneSetting } from './zone-setting';

/** What is kept in this browser: theme, zone, keys. Takes effect at once. */
export function AppearanceCard() {
  const t = useTranslations('settings');
  const { singleKeys } = usePreferences();
  return (
    <Card title={t('appearance')} description={t('appearanceHint')}>
      <div className="divide-y divide-line">
        <Setting name={t('theme')} hint={t('themeHint')}>
          <ThemeChoice />
        </Setting>
        <Setting name={t('zone')} hint={t('zoneHint')}>
          <ZoneSetting />
        </Setting>
        <Setting name={t('singleKeys')} hint={t('singleKeysHint')}>
          <Switch label={t('singleKeys')} checked={singleKeys} onChange={(on) => setPreferences({ singleKeys: on })} />
        </Setting>
      </div>
    </Card>
  );
}

function Setting({ name, hint, children }: { name: string; hint: string; children: ReactNode }) {
  return (
    <div className="flex flex-wrap items-center justify-between gap-x-6 gap-y-2 py-3.5 first:pt-0 last:pb-0">
      <div className="min-w-0 flex-1 basis-60">
        <p className="text-sm font-medium">{name}</p>
        <p className="text-sm text-muted">{hint}</p>
      </div>
      {children}
    </div>
  );
}

const themes = ['system', 'light', 'dark'] as const;

function ThemeChoice() {
  const t = useTranslations();
  const { theme, setTheme } = useTheme();
  // Which one is chosen is known to the browser alone, not to the page as it was built.
  const known = useSyncExternalStore(
    () => () => {},
    () => true,
    () => false,
  );
  const chosen = themes.find((one) => one === theme) ?? 'system';
  return (
    <Segmented
      label={t('theme.label')}
      value={known ? chosen : 'system'}
      onChange={setTheme}
      choices={themes.map((value) => ({ value, label: t(`settings.themes.${value}`) }))}
    />
  );
}
