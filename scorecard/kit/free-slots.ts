import { type Cluster, later } from '../../apps/api/test/cluster.js';
import { chunk, DONE } from '../../apps/api/test/streams.js';

const LONGEST_WAIT = 20_000;

/**
 * How many requests of a person are let in at the same time: as many as the limit says, unless something is held that
 * nobody uses any more.
 * @param asked as many as the person may have at once
 */
export async function freeSlots(cluster: Cluster, index: number, token: string, asked: number): Promise<number> {
  let release: () => void = () => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  cluster.backend.behave(async (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(chunk('word'));
    await released;
    response.end(DONE);
  });
  const before = cluster.backend.seen.length;
  let refused = 0;
  const answers = Array.from({ length: asked }, async () => {
    const answer = await cluster.ask(index, token, { stream: true, max_tokens: 10 });
    if (answer.status !== 200) refused += 1;
    return answer;
  });
  const began = performance.now();
  const here = () => cluster.backend.seen.length - before;
  while (here() + refused < asked && performance.now() - began < LONGEST_WAIT) await later(10);
  const letIn = here();
  release();
  await Promise.all(answers);
  return letIn;
}
