// @ts-check
// Preloaded into every process that is measured (`--import`): answers questions of the benchmark over the IPC channel.
// It does nothing unless asked, so it costs what is measured nothing.
import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { setTimeout as delay } from 'node:timers/promises';

const SETTLE_MS = 300;
/** @type {Session | undefined} */
let profiler;

/** @type {Record<string, (argument: string) => unknown>} */
const answers = {
  sample,
  /**
   * A full collection that also gives free pages back to the system, twice: finalizers of the first free what the second
   * collects.
   */
  async collect() {
    for (let pass = 0; pass < 2; pass += 1) {
      globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' });
      await delay(SETTLE_MS);
    }
    return sample();
  },
  async startProfile() {
    profiler = new Session();
    profiler.connect();
    await profiler.post('Profiler.enable');
    await profiler.post('Profiler.setSamplingInterval', { interval: 250 });
    await profiler.post('Profiler.start');
  },
  async stopProfile(path) {
    if (!profiler) throw new Error('no profile was started');
    const { profile } = await profiler.post('Profiler.stop');
    writeFileSync(path, JSON.stringify(profile));
    profiler.disconnect();
  },
};

/** Memory in bytes; CPU time of this process since its start, in microseconds. */
function sample() {
  const { rss, heapUsed, external } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  return { rss, heapUsed, external, cpuMicros: user + system };
}

process.on('message', async (message) => {
  if (typeof message !== 'object' || message === null || !('question' in message)) return;
  const { question, id, argument } = /** @type {{ question: string; id: number; argument: string }} */ (message);
  const answer = answers[question];
  if (!answer) return;
  try {
    process.send?.({ id, answer: await answer(argument) });
  } catch (error) {
    process.send?.({ id, error: String(error) });
  }
});
// The benchmark is gone, whatever ended it: so is the need for this process.
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
process.channel?.unref();
