import { connect, createServer } from 'node:net';

/**
 * Below the ports that systems give to whoever asks for any (Linux from 32,768 on), so that none is taken between when it
 * is found and when it is used; and for each of Jest's workers others.
 */
const FIRST = 20_000;
const PORTS = 4000;
const WORKERS = 3;

const first = FIRST + (Number(process.env['JEST_WORKER_ID'] ?? 0) % WORKERS) * PORTS;
/** Another run of the suite may be on its way on the same machine. */
let last = Math.floor(Math.random() * PORTS);

/** Ports that are free now; each process keeps its own over its restarts, as a pod keeps its service. */
export async function freePorts(count: number): Promise<number[]> {
  const found: number[] = [];
  while (found.length < count) {
    last += 1;
    const port = first + (last % PORTS);
    if (await isFree(port)) found.push(port);
  }
  return found;
}

function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

/** Whether something listens on a port of this machine. */
export function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
