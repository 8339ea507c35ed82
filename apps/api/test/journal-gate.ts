import { connect, createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

/** Stands between a process and its database, and can take it away. */
export interface DatabaseGate {
  /** The database, through the gate. */
  readonly url: string;
  /** From now on connections are cut and refused. */
  cut(): void;
  /** From now on nothing is passed on and nothing is answered. */
  freeze(): void;
  /** From now on the database hears everything and nobody hears the database. */
  mute(): void;
  /** Connections that are open lead nowhere from now on, and nobody is told; new ones are passed on. As after a failover. */
  strand(): void;
  /** Nothing is passed on until somebody connects anew, and then everything is. As on a server that is late. */
  holdUp(): void;
  /** All is well again. */
  open(): void;
  close(): Promise<void>;
}

export async function startDatabaseGate(databaseUrl: string): Promise<DatabaseGate> {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  const upstreams = new Map<Socket, Socket>();
  const stranded = new WeakSet<Socket>();
  let state: 'open' | 'cut' | 'frozen' | 'mute' | 'held up' = 'open';
  const pause = () => {
    for (const socket of sockets) socket.pause();
  };
  const open = () => {
    state = 'open';
    for (const socket of sockets) socket.resume();
  };
  const server = createServer({ noDelay: true }, (client) => {
    if (state === 'cut') return void client.resetAndDestroy();
    if (state === 'held up') open();
    const upstream = connect({ port: Number(target.port), host: target.hostname, noDelay: true });
    upstreams.set(client, upstream);
    client.once('close', () => upstreams.delete(client));
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from);
      from.on('data', (bytes) => {
        if (state !== 'mute' || from === client) to.write(bytes);
      });
      const end = () => {
        if (!stranded.has(to)) to.destroy();
      };
      from.on('error', end);
      from.on('close', () => {
        sockets.delete(from);
        end();
      });
      if (state === 'frozen') from.pause();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(databaseUrl);
  url.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const cut = () => {
    state = 'cut';
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return {
    url: url.href,
    cut,
    freeze: () => {
      state = 'frozen';
      pause();
    },
    mute: () => (state = 'mute'),
    strand: () => {
      for (const [client, upstream] of upstreams) {
        stranded.add(client);
        // A server that is gone holds no locks either. What the client sends after that is read and dropped.
        upstream.destroy();
      }
    },
    holdUp: () => {
      state = 'held up';
      pause();
    },
    open,
    close: () => {
      cut();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
