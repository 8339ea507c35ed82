const TICK_MILLISECONDS = 50;

/**
 * Calls back once this process has run for so many milliseconds. Time in which it stood still itself (a long garbage
 * collection, a machine that is paused or has too much to do) counts as one tick: what arrived meanwhile is read first, and
 * whoever is waited for is not blamed for it.
 * @returns takes it back
 */
export function afterOwnTime(milliseconds: number, callback: () => void): () => void {
  let ticks = Math.ceil(milliseconds / TICK_MILLISECONDS);
  const timer = setInterval(() => {
    ticks -= 1;
    if (ticks > 0) return;
    clearInterval(timer);
    callback();
  }, TICK_MILLISECONDS);
  timer.unref();
  return () => clearInterval(timer);
}
