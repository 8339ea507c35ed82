import { startFakeModel } from '../../apps/api/test/fake-model.js';
import { chunk } from '../../apps/api/test/streams.js';

/** One event of a stream, 4 KB. */
const EVENT = chunk('word '.repeat(800));
const LOOK_EVERY = 1000;

/** A backend whose streams never end, and come as fast as they are taken. */
export interface EndlessModel {
  readonly url: string;
  /** Streams under way. */
  open(): number;
  /** Whether no more than so many bytes were taken off its hands within the last second. */
  isHeldBack(bytes: number): boolean;
  close(): Promise<void>;
}

export async function startEndlessModel(): Promise<EndlessModel> {
  const backend = await startFakeModel();
  let open = 0;
  let given = 0;
  let lately = Number.POSITIVE_INFINITY;
  let last = 0;
  backend.behave((_request, response) => {
    open += 1;
    response.once('close', () => (open -= 1));
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const fill = () => {
      do given += EVENT.length;
      while (response.write(EVENT));
    };
    response.on('drain', fill);
    fill();
  });
  const looking = setInterval(() => {
    lately = given - last;
    last = given;
  }, LOOK_EVERY);
  return {
    url: backend.url,
    open: () => open,
    isHeldBack: (bytes) => lately <= bytes,
    close: () => {
      clearInterval(looking);
      return backend.close();
    },
  };
}
