// @ts-check
// A process of its own, so that what it costs is not taken for what the watched one does: a backend whose streams never end,
// and clients that read them far slower than they come. It says each second how it stands, and does what it is told.
import { createServer } from 'node:http';
import { connect } from 'node:net';

const EVERY_MS = 1000;
/** So many connections are begun at a time. */
const AT_ONCE = 20;
const PAUSE_MS = 100;

/** One event of a stream, 4 KB. */
const EVENT = `data: ${JSON.stringify({
  id: 'c',
  object: 'chat.completion.chunk',
  created: 1,
  model: 'endless',
  choices: [{ index: 0, delta: { content: 'word '.repeat(800) }, finish_reason: null }],
})}\n\n`;

/** How it stands, as `SlowState` has it. */
const state = { open: 0, given: 0, givenLately: 0, taken: 0, cut: 0 };

const backend = createServer((request, response) => {
  // The gateway asks now and then whether somebody is there.
  if (request.headers['user-agent'] === 'maas-probe') return void response.end('{}');
  request.resume();
  state.open += 1;
  response.once('close', () => (state.open -= 1));
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const fill = () => {
    do state.given += EVENT.length;
    while (response.write(EVENT));
  };
  response.on('drain', fill);
  fill();
});

/** @type {Set<import('node:net').Socket>} */
const readers = new Set();
let isOver = false;

/**
 * Takes a little now and then, and begins anew when it is cut off.
 * @param {{ port: number; request: string; bytes: number }} order
 */
function read(order) {
  const socket = connect({ host: '127.0.0.1', port: order.port });
  readers.add(socket);
  socket.on('error', () => undefined);
  // Reading at all has to be asked for: otherwise nothing is taken from the system.
  socket.on('readable', () => undefined);
  const timer = setInterval(() => {
    state.taken += socket.read(Math.min(order.bytes, socket.readableLength))?.length ?? 0;
  }, EVERY_MS);
  socket.once('close', () => {
    clearInterval(timer);
    readers.delete(socket);
    if (isOver) return;
    state.cut += 1;
    read(order);
  });
  socket.once('connect', () => socket.write(order.request));
}

process.on(
  'message',
  (/** @type {{ count: number; port: number; request: string; bytes: number } | 'stop'} */ order) => {
    if (order === 'stop') {
      isOver = true;
      for (const socket of readers) socket.destroy();
      return;
    }
    let begun = 0;
    const timer = setInterval(() => {
      for (let index = 0; index < AT_ONCE && begun < order.count; index += 1, begun += 1) read(order);
      if (begun === order.count) clearInterval(timer);
    }, PAUSE_MS);
  },
);
process.on('disconnect', () => process.exit());

let given = 0;
setInterval(() => {
  state.givenLately = state.given - given;
  given = state.given;
  process.send?.({ state });
}, EVERY_MS);
backend.listen(0, '127.0.0.1', () => process.send?.({ address: backend.address() }));
