'use client';

import { Tabs as BaseTabs } from '@base-ui/react/tabs';
import type { ReactNode } from 'react';
import { classNames } from '@/lib/class-names';

export interface Tab<Id extends string> {
  id: Id;
  label: ReactNode;
  content: ReactNode;
}

interface TabsProps<Id extends string> {
  label: string;
  tabs: readonly Tab<Id>[];
  value: Id;
  /** Put it into the URL (`useQueryState`), so that the tab can be linked to. */
  onChange: (id: Id) => void;
  className?: string;
}

/** Views of the same thing. Only the chosen one is rendered. */
export function Tabs<Id extends string>({ label, tabs, value, onChange, className }: TabsProps<Id>) {
  return (
    <BaseTabs.Root value={value} onValueChange={onChange} className={className}>
      <BaseTabs.List aria-label={label} className="flex gap-1 overflow-x-auto border-b border-line">
        {tabs.map((tab) => (
          <BaseTabs.Tab key={tab.id} value={tab.id} className={tabClass}>
            {tab.label}
          </BaseTabs.Tab>
        ))}
      </BaseTabs.List>
      {tabs.map((tab) => (
        <BaseTabs.Panel key={tab.id} value={tab.id} className="pt-5">
          {tab.content}
        </BaseTabs.Panel>
      ))}
    </BaseTabs.Root>
  );
}

export const tabClass = classNames(
  '-mb-px h-9 cursor-pointer border-b-2 border-transparent px-2 text-sm font-medium whitespace-nowrap text-muted',
  'transition-colors duration-100 hover:text-ink focus-visible:-outline-offset-2 data-active:border-ink data-active:text-ink',
);
