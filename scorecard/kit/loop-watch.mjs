// @ts-check
// Preloaded into a process that is watched (`NODE_OPTIONS=--import …`): writes what only it can know, once a second.
import { renameSync, writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';

const file = process.env['SCORECARD_WATCH'];
const EVERY_MS = 1000;
const RESOLUTION_MS = 10;

if (file !== undefined) {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  setInterval(() => {
    const { rss, heapUsed, external } = process.memoryUsage();
    // The histogram counts the time between two looks, of which the resolution is none of the delay.
    const loopP99 = Math.max(0, delay.percentile(99) / 1e6 - RESOLUTION_MS);
    delay.reset();
    writeFileSync(`${file}.new`, JSON.stringify({ rss, heapUsed, external, loopP99 }));
    renameSync(`${file}.new`, file);
  }, EVERY_MS).unref();
}
