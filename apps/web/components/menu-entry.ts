import type { ReactNode } from 'react';

/** One thing of a menu: something to do, somewhere to go, a choice, or a line between groups of them. */
export type MenuEntry =
  | { label: string; icon?: ReactNode; onSelect: () => void; danger?: boolean; disabled?: boolean }
  | { label: string; icon?: ReactNode; href: string }
  | MenuChoices
  | 'separator';

/** One of a few, under a heading. */
export interface MenuChoices {
  heading: string;
  value: string;
  choices: readonly { value: string; label: string; icon?: ReactNode }[];
  onChoose: (value: string) => void;
}
