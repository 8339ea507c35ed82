'use client';

import { MoreHorizontal } from 'lucide-react';
import { type KeyboardEvent, type ReactNode, useRef, useState } from 'react';
import { lazyOverlay } from '@/lib/lazy-overlay';
import { iconButtonClass } from './icon-button';
import type { MenuEntry } from './menu-entry';

export type { MenuEntry } from './menu-entry';

const MenuPopup = lazyOverlay(() => import('./menu-popup'));

interface MenuProps {
  /** The name of the button. It says what the menu is about: `Actions for ci-pipeline`. */
  label: string;
  /** What is on the button. */
  children: ReactNode;
  /** The look of the button: `iconButtonClass`, `buttonClass()`. */
  className: string;
  entries: readonly MenuEntry[];
  /** Above the entries: who or what this is about. */
  head?: ReactNode;
}

/** A button with a list of things to do. */
export function Menu({ label, children, className, entries, head }: MenuProps) {
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
    event.preventDefault();
    event.stopPropagation();
    setOpen(true);
  };
  return (
    <>
      <button
        ref={button}
        type="button"
        aria-label={label}
        aria-haspopup="menu"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
        onKeyDown={onKeyDown}
        className={className}
      >
        {children}
      </button>
      <MenuPopup open={open} onOpenChange={setOpen} button={button} label={label} entries={entries} head={head} />
    </>
  );
}

/** The menu of a row of a table. */
export function RowMenu({ label, entries }: Pick<MenuProps, 'label' | 'entries'>) {
  return (
    <Menu label={label} entries={entries} className={iconButtonClass}>
      <MoreHorizontal />
    </Menu>
  );
}
