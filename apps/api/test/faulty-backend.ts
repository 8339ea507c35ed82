import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';

/** A request as it came over the wire. */
export interface WireRequest {
  readonly head: string;
  readonly body: string;
  /** The how-manieth of the backend, from 1. */
  readonly number: number;
}

/** What a backend does with a request: it writes to the connection whatever it likes, or closes it, or does nothing. */
export type Script = (socket: Socket, request: WireRequest) => void;

/** A backend on bare sockets, so that it can break every rule of HTTP. */
export interface FaultyBackend {
  readonly url: string;
  readonly port: number;
  readonly requests: WireRequest[];
  /** Connections that are open now. */
  open: number;
  /** Connections that there were. */
  connections: number;
  /** Bytes that were taken off its hands on all connections that are over. */
  taken: number;
  play(script: Script): void;
  close(): Promise<void>;
}

const HEAD_END = '\r\n\r\n';

/** An answer with its right length; a line more for each header. */
export function wireAnswer(body: string, lines: readonly string[] = [], status = '200 OK'): string {
  const length = `content-length: ${Buffer.byteLength(body)}`;
  return [`HTTP/1.1 ${status}`, 'content-type: application/json', length, ...lines].join('\r\n') + HEAD_END + body;
}

/** The head of an event stream that lasts until the connection ends. */
export const STREAM_HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n';

/** A whole chat completion that says something. */
export function completion(
  content: string,
  usage: string | null = '{"prompt_tokens":5,"completion_tokens":2}',
): string {
  const choices = JSON.stringify([{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }]);
  return `{"id":"c","object":"chat.completion","created":1,"model":"m","choices":${choices}${usage === null ? '' : `,"usage":${usage}`}}`;
}

export const answerWell: Script = (socket) => void socket.write(wireAnswer(completion('well')));

const fixture = (name: string) => readFileSync(new URL(`fixtures/${name}`, import.meta.url));

/** @param certificate of the fixtures: speaks TLS with it */
export async function startFaultyBackend(certificate?: string): Promise<FaultyBackend> {
  const sockets = new Set<Socket>();
  let script = answerWell;
  const backend: FaultyBackend = {
    get url() {
      return `${certificate === undefined ? 'http' : 'https'}://127.0.0.1:${backend.port}/v1`;
    },
    get port() {
      return (server.address() as AddressInfo).port;
    },
    requests: [],
    open: 0,
    connections: 0,
    taken: 0,
    play: (next) => (script = next),
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
  const serve = (socket: Socket) => {
    sockets.add(socket);
    backend.open += 1;
    backend.connections += 1;
    socket.on('error', () => undefined);
    socket.on('close', () => {
      sockets.delete(socket);
      backend.open -= 1;
      backend.taken += socket.bytesWritten - socket.writableLength;
    });
    readRequests(socket, (head, body) => {
      // The gateway asks now and then whether somebody is there: no part of what a test is about.
      if (head.includes('user-agent: maas-probe')) return void socket.write(wireAnswer('{}'));
      const request = { head, body, number: backend.requests.length + 1 };
      backend.requests.push(request);
      script(socket, request);
    });
  };
  const server: Server =
    certificate === undefined ? createServer(serve) : createTlsServer(tlsOptions(certificate), serve);
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return backend;
}

/** As many servers do, it would rather speak HTTP/2, of which it knows nothing more. */
function tlsOptions(certificate: string) {
  return {
    cert: fixture(certificate),
    key: fixture('test-server.key.pem'),
    ALPNProtocols: ['h2', 'http/1.1'],
  };
}

/** The gateway sends every body with its length. */
function readRequests(socket: Socket, onRequest: (head: string, body: string) => void): void {
  let received = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    for (;;) {
      const end = received.indexOf(HEAD_END);
      if (end < 0) return;
      const head = received.subarray(0, end).toString('latin1').toLowerCase();
      const start = end + HEAD_END.length;
      const length = Number(/content-length: (\d+)/.exec(head)?.[1] ?? 0);
      if (received.length < start + length) return;
      const body = received.subarray(start, start + length).toString();
      received = received.subarray(start + length);
      onRequest(head, body);
    }
  });
}
