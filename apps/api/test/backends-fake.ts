import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerBriefly, type Behaviour, type SeenRequest } from './fake-model.js';

/** One of a model's backends, which can go away and come back, and tells probes from requests. */
export interface FakeBackend {
  readonly url: string;
  /** The requests that it saw, without the probes. */
  readonly seen: SeenRequest[];
  /** How often it was asked whether it is there. */
  probes: number;
  behave(behaviour: Behaviour): void;
  behaveToProbes(behaviour: Behaviour): void;
  /** Nobody listens any more: connections are refused. */
  goAway(): Promise<void>;
  comeBack(): Promise<void>;
}

export const answerProbe: Behaviour = (_request, response) => void response.end('{"object":"list","data":[]}');
/** Closes the connection without a word. */
export const die: Behaviour = (_request, response) => void response.destroy();
export const fallSilent: Behaviour = () => undefined;

export function answerWith(status: number, headers: Record<string, string> = {}): Behaviour {
  return (_request, response) => {
    response
      .writeHead(status, { 'content-type': 'application/json', ...headers })
      .end('{"error":{"message":"theirs"}}');
  };
}

export async function startFakeBackend(): Promise<FakeBackend> {
  let behaviour = answerBriefly;
  let probeBehaviour = answerProbe;
  let server: Server | undefined;
  let port = 0;
  const listen = () =>
    new Promise<void>((resolve, reject) => {
      server = createServer((message, response) => {
        const chunks: Buffer[] = [];
        message.on('data', (chunk: Buffer) => chunks.push(chunk));
        message.on('end', () => {
          const { method = '', url = '', headers } = message;
          const request = { method, url, headers, body: Buffer.concat(chunks).toString() };
          if (headers['user-agent'] === 'maas-probe') {
            backend.probes += 1;
            return probeBehaviour(request, response, message);
          }
          backend.seen.push(request);
          behaviour(request, response, message);
        });
      });
      server.once('error', reject);
      server.listen(port, '127.0.0.1', () => {
        const address = server?.address() as AddressInfo | undefined;
        port = address?.port ?? port;
        resolve();
      });
    });
  const backend: FakeBackend = {
    get url() {
      return `http://127.0.0.1:${port}/v1`;
    },
    seen: [],
    probes: 0,
    behave: (next) => (behaviour = next),
    behaveToProbes: (next) => (probeBehaviour = next),
    goAway: () =>
      new Promise((resolve) => {
        if (!server) return resolve();
        server.closeAllConnections();
        server.close(() => resolve());
        server = undefined;
      }),
    comeBack: listen,
  };
  await listen();
  return backend;
}
