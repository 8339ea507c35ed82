'use client';

import { useSyncExternalStore } from 'react';

/** A key or a chord, as the keyboard at hand writes it. `mod` is Cmd on Apple's, Ctrl elsewhere. */
export function Kbd({ keys }: { keys: string }) {
  const apple = useSyncExternalStore(
    () => () => {},
    () => /Mac|iPhone|iPad/.test(navigator.userAgent),
    () => false,
  );
  const mod = apple ? '⌘' : 'Ctrl ';
  return (
    <kbd className="rounded-[0.25rem] border border-line bg-sunken px-1.5 py-px font-sans text-xs text-muted">
      {keys.replace('mod+', mod).replace(/[a-z]$/, (key) => key.toUpperCase())}
    </kbd>
  );
}
