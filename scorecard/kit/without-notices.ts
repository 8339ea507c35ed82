import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A PostgreSQL whose notifications are lost on the way. */
export interface WithoutNotices {
  readonly url: string;
  /** Notifications that were lost. */
  lost(): number;
  close(): Promise<void>;
}

/** PostgreSQL's protocol: NotificationResponse. */
const NOTIFICATION = 'A'.charCodeAt(0);

/** Stands before a PostgreSQL, as a pooler does, and passes everything on but notifications. */
export async function startWithoutNotices(postgresUrl: string): Promise<WithoutNotices> {
  const target = new URL(postgresUrl);
  const sockets = new Set<Socket>();
  let lost = 0;
  const server = createServer({ noDelay: true }, (client) => {
    const upstream = connect({ port: Number(target.port), host: target.hostname, noDelay: true });
    client.pipe(upstream);
    let rest = Buffer.alloc(0);
    upstream.on('data', (bytes: Buffer) => {
      rest = Buffer.concat([rest, bytes]);
      // A message is its type, and a length that counts itself but not the type.
      while (rest.length >= 5 && rest.length >= 1 + rest.readInt32BE(1)) {
        const message = rest.subarray(0, 1 + rest.readInt32BE(1));
        rest = rest.subarray(message.length);
        if (message[0] === NOTIFICATION) lost += 1;
        else client.write(message);
      }
    });
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(postgresUrl);
  url.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: url.href,
    lost: () => lost,
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
