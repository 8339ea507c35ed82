import { useEffect, useEffectEvent } from 'react';
import { readPreferences } from './preferences';

/** Calls `act` for a single key (`/`, `?`), unless somebody is writing, a dialog is open or the keys are switched off. */
export function useSingleKey(key: string, act: () => void): void {
  useKey((event) => {
    if (event.key !== key || event.ctrlKey || event.metaKey || event.altKey) return false;
    if (!readPreferences().singleKeys || isWriting(event.target) || isDialogOpen()) return false;
    act();
    return true;
  });
}

/** Calls `act` for Ctrl with the key, and Cmd with the key, unless a dialog is open that only its own buttons close. */
export function useCommandKey(key: string, act: () => void): void {
  useKey((event) => {
    if (event.key.toLowerCase() !== key || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey)
      return false;
    // It would go, and with it a secret that is shown once.
    if (document.querySelector('[data-locked]') === null) act();
    return true;
  });
}

function useKey(handle: (event: KeyboardEvent) => boolean): void {
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (!event.defaultPrevented && handle(event)) event.preventDefault();
  });
  useEffect(() => {
    const listener = (event: KeyboardEvent) => onKey(event);
    window.addEventListener('keydown', listener);
    return () => window.removeEventListener('keydown', listener);
  }, []);
}

function isWriting(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && target.closest('input, textarea, select, [contenteditable], [role=menu]') !== null
  );
}

function isDialogOpen(): boolean {
  return document.querySelector('[role=dialog], [role=alertdialog]') !== null;
}
