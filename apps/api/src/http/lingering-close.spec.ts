import { once } from 'node:events';
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from '@jest/globals';
import { eventually } from '../../test/streams.js';
import { type LingerBounds, lingerAfter } from './lingering-close.js';

const HOUR = 3_600_000;
const unbounded: LingerBounds = { bytes: Infinity, silence: HOUR, whole: HOUR };
const PIECE = Buffer.alloc(65_536, ' ');

const open: { close(): void }[] = [];
afterEach(() => {
  for (const each of open.splice(0)) each.close();
});

async function serve(server: Server, connection = 'connection'): Promise<{ port: number; accepted: Promise<Socket> }> {
  const accepted = once(server, connection).then(([socket]) => socket as Socket);
  // As ours does, once the connection is no longer written to.
  server.on('clientError', (_error, socket) => socket.destroy());
  server.listen(0, '127.0.0.1');
  open.push({ close: () => server.close().closeAllConnections() });
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, accepted };
}

const refuse = (bounds: LingerBounds) => (_message: unknown, response: ServerResponse) => {
  lingerAfter(response, bounds);
  response.writeHead(413, { connection: 'close', 'content-length': 0 }).end();
};

const HEAD = 'POST / HTTP/1.1\r\nhost: a\r\n';

/** A client that does not close because the server does. */
function client(port: number, socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true })): Socket {
  open.push({ close: () => void socket.destroy() });
  return socket.on('error', () => undefined);
}

async function refused(bounds: LingerBounds): Promise<{ theirs: Socket; ours: Socket }> {
  const { port, accepted } = await serve(createServer(refuse(bounds)));
  const theirs = client(port);
  theirs.write(`${HEAD}content-length: 1000000000000\r\n\r\n`);
  theirs.resume();
  await once(theirs, 'end');
  return { theirs, ours: await accepted };
}

describe('a connection whose last answer came before the whole of the request', () => {
  it('is read until the client closes it', async () => {
    const { theirs, ours } = await refused(unbounded);
    for (let count = 0; count < 100; count += 1) if (!theirs.write(PIECE)) await once(theirs, 'drain');
    theirs.end();
    await once(ours, 'close');
    expect(ours.bytesRead).toBeGreaterThan(100 * PIECE.length);
    if (!theirs.destroyed) await once(theirs, 'close');
    expect(theirs.errored).toBe(null);
  });

  it('is read on where the answer came between two pieces of the body that arrived as one', async () => {
    const { port, accepted } = await serve(
      createServer({ highWaterMark: 4096 }, (message, response) => {
        message.once('data', () => {
          message.pause();
          refuse(unbounded)(message, response);
        });
      }),
    );
    const theirs = client(port);
    const chunk = `4000\r\n${' '.repeat(16_384)}\r\n`;
    theirs.write(`${HEAD}transfer-encoding: chunked\r\n\r\n${chunk.repeat(3)}`);
    theirs.resume();
    await once(theirs, 'end');
    for (let count = 0; count < 1000; count += 1) if (!theirs.write(PIECE)) await once(theirs, 'drain');
    theirs.end();
    await once(await accepted, 'close');
  });

  it('is read no longer than the bytes that may come', async () => {
    const { theirs, ours } = await refused({ ...unbounded, bytes: 2_000_000 });
    const write = () => {
      while (!theirs.destroyed && theirs.write(PIECE));
    };
    theirs.on('drain', write);
    write();
    await once(ours, 'close');
    expect(ours.bytesRead).toBeGreaterThan(2_000_000);
    expect(ours.bytesRead).toBeLessThan(2_000_000 + 2 * PIECE.length);
  });

  it('is read no longer than it may be silent', async () => {
    const { ours } = await refused({ ...unbounded, silence: 50 });
    await once(ours, 'close');
  });

  it('is read no longer than it may last, however little comes', async () => {
    const { theirs, ours } = await refused({ ...unbounded, whole: 50 });
    const drip = setInterval(() => theirs.write(' '), 5);
    await once(ours, 'close');
    clearInterval(drip);
    expect(ours.bytesRead).toBeLessThan(PIECE.length);
  });

  it('takes nothing that comes for a request', async () => {
    let requests = 0;
    const listener: RequestListener = (message, response) => {
      requests += 1;
      refuse(unbounded)(message, response);
    };
    const { port, accepted } = await serve(createServer(listener));
    const theirs = client(port);
    theirs.write(`${HEAD}content-length: 5\r\n\r\n`);
    theirs.resume();
    await once(theirs, 'end');
    theirs.end(`12345${HEAD}content-length: 0\r\n\r\n`);
    await once(await accepted, 'close');
    expect(requests).toBe(1);
  });

  it('is read on where it is encrypted, too', async () => {
    const fixture = (name: string) => readFileSync(new URL(`../../test/fixtures/${name}`, import.meta.url));
    const pem = { cert: fixture('test-server.cert.pem'), key: fixture('test-server.key.pem') };
    const { port, accepted } = await serve(createTlsServer(pem, refuse(unbounded)), 'secureConnection');
    const theirs = client(port, connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false }));
    theirs.pause();
    theirs.write(`${HEAD}content-length: ${100 * PIECE.length}\r\n\r\n`);
    for (let count = 0; count < 100; count += 1) if (!theirs.write(PIECE)) await once(theirs, 'drain');
    const [answer] = (await once(theirs.resume(), 'data')) as [Buffer];
    expect(answer.toString()).toContain('413');
    await once(await accepted, 'close');
    expect(theirs.errored).toBe(null);
  });
});

describe('a connection is closed at once', () => {
  it('after a request that has come whole meanwhile', async () => {
    const { port, accepted } = await serve(
      createServer((message, response) => {
        lingerAfter(response, unbounded);
        message.resume().on('end', () => response.writeHead(200, { connection: 'close' }).end());
      }),
    );
    const theirs = client(port);
    theirs.write(`${HEAD}content-length: 5\r\n\r\n12345`);
    await once(await accepted, 'close');
  });

  it('after an earlier answer, so that who works for a later one learns it', async () => {
    const responses: ServerResponse[] = [];
    const { port } = await serve(
      createServer((_message, response) => {
        lingerAfter(response, unbounded);
        if (responses.push(response) === 2) responses[0]?.writeHead(200, { connection: 'close' }).end();
      }),
    );
    client(port).write(`${HEAD}content-length: 0\r\n\r\n${HEAD}content-length: 5\r\n\r\n`);
    await eventually(() => responses[1]?.req.destroyed ?? false, 'the later one is broken off');
  });
});
