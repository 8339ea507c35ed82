'use client';

import { Tabs as BaseTabs } from '@base-ui/react/tabs';
import { useTranslations } from 'use-intl';
import { useState } from 'react';
import { classNames } from '@/lib/class-names';
import { CopyButton } from './copy-button';
import { tabClass } from './tabs';

export interface Code {
  id: string;
  label: string;
  code: string;
}

/** Code to copy, in one or several languages. Scrolls inside itself, never the page. */
export function CodeBlock({ label, codes, className }: { label: string; codes: readonly Code[]; className?: string }) {
  const t = useTranslations('action');
  const [chosen, setChosen] = useState(codes[0]?.id);
  const shown = codes.find(({ id }) => id === chosen) ?? codes[0];
  if (shown === undefined) return null;
  return (
    <BaseTabs.Root
      value={shown.id}
      onValueChange={setChosen}
      className={classNames('overflow-hidden rounded-lg border border-line bg-sunken', className)}
    >
      <div className="flex items-center justify-between border-b border-line ps-2 pe-1.5">
        <BaseTabs.List aria-label={label} className="flex gap-1 overflow-x-auto">
          {codes.map(({ id, label: name }) => (
            <BaseTabs.Tab key={id} value={id} className={tabClass}>
              {name}
            </BaseTabs.Tab>
          ))}
        </BaseTabs.List>
        <CopyButton value={shown.code} label={t('copyCode', { name: shown.label })} />
      </div>
      {codes.map(({ id, label: name, code }) => (
        <BaseTabs.Panel key={id} value={id}>
          <pre
            // Scrollable, so it must be reachable by the keyboard.
            // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
            tabIndex={0}
            aria-label={name}
            role="region"
            className="max-h-96 overflow-auto p-4 font-mono text-xs leading-5 focus-visible:-outline-offset-2"
          >
            <code>{code}</code>
          </pre>
        </BaseTabs.Panel>
      ))}
    </BaseTabs.Root>
  );
}
