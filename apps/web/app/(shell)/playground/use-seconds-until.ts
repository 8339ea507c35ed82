import { useCallback, useSyncExternalStore } from 'react';

const STEP_MILLISECONDS = 250;

/** Whole seconds until an instant, counted down; 0 when it is past. @param at milliseconds since 1970; undefined: no wait */
export function useSecondsUntil(at: number | undefined): number {
  const subscribe = useCallback(
    (listener: () => void) => {
      if (at === undefined) return () => {};
      const timer = setInterval(() => {
        listener();
        if (Date.now() >= at) clearInterval(timer);
      }, STEP_MILLISECONDS);
      return () => clearInterval(timer);
    },
    [at],
  );
  const left = () => (at === undefined ? 0 : Math.max(0, Math.ceil((at - Date.now()) / 1000)));
  return useSyncExternalStore(subscribe, left, () => 0);
}
