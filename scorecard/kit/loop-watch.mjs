// @ts-check
// Preloaded into a process that is watched (`NODE_OPTIONS=--import …`): writes what only it can know, once a second.
import { renameSync, writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';

const file = process.env['SCORECARD_WATCH'];
const EVERY_MS = 1000;
const RESOLUTION_MS = 10;
const SETTLE_MS = 300;

if (file !== undefined) {
  setFlagsFromString('--expose-gc');
  const loop = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  loop.enable();
  let collections = 0;
  const write = () => {
    const { rss, heapUsed, external } = process.memoryUsage();
    // The histogram counts the time between two looks, of which the resolution is none of the delay.
    const loopP99 = Math.max(0, loop.percentile(99) / 1e6 - RESOLUTION_MS);
    loop.reset();
    writeFileSync(`${file}.new`, JSON.stringify({ rss, used: heapUsed + external, loopP99, collections }));
    renameSync(`${file}.new`, file);
  };
  setInterval(write, EVERY_MS).unref();
  // A full collection that gives free pages back, twice: finalizers of the first free what the second collects.
  process.on('SIGUSR2', async () => {
    for (let pass = 0; pass < 2; pass += 1) {
      globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' });
      await delay(SETTLE_MS);
    }
    collections += 1;
    write();
  });
}
