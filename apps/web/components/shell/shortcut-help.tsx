'use client';

import { useTranslations } from 'use-intl';
import { setPreferences, usePreferences } from '@/lib/preferences';
import { Dialog } from '../dialog';
import { Field } from '../field';
import { Kbd } from '../kbd';
import { Switch } from '../switch';

const shortcuts = [
  { keys: 'mod+k', name: 'palette' },
  { keys: '/', name: 'search' },
  { keys: '?', name: 'help' },
  { keys: '↑ ↓', name: 'rows' },
] as const;

/** The keys that do something, and the switch for those that are a single one. */
export default function ShortcutHelp(props: { open: boolean; onOpenChange: (open: boolean) => void }) {
  const t = useTranslations('shortcuts');
  const { singleKeys } = usePreferences();
  return (
    <Dialog {...props} width="sm" title={t('title')}>
      <dl className="divide-y divide-line text-sm">
        {shortcuts.map(({ keys, name }) => (
          <div key={name} className="flex items-center justify-between py-2.5">
            <dt>{t(name)}</dt>
            <dd>
              <Kbd keys={keys} />
            </dd>
          </div>
        ))}
      </dl>
      <Field label={t('singleKeys')} hint={t('singleKeysHint')} className="mt-4 border-t border-line pt-4">
        <Switch checked={singleKeys} onChange={(on) => setPreferences({ singleKeys: on })} />
      </Field>
    </Dialog>
  );
}
