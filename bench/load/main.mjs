// @ts-check
// The load generator: a process of its own, on raw sockets, so that it costs less than anything it measures.
import { closedLoop } from './closed-loop.mjs';
import { dropStreams, holdStreams } from './held-streams.mjs';
import { interleaved } from './interleaved.mjs';

/** @type {Record<string, (argument: any) => unknown>} */
const loads = { closedLoop, interleaved, holdStreams, dropStreams };

process.on('message', async (/** @type {any} */ { question, id, argument }) => {
  const load = loads[question];
  if (!load) return;
  try {
    process.send?.({ id, answer: (await load(argument)) ?? null });
  } catch (error) {
    process.send?.({ id, error: String(error) });
  }
});
process.send?.({ event: 'listening' });
// The probe lets a process end that has nothing else to do; this one waits for the next load.
process.channel?.ref();
