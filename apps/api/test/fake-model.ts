import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a backend saw of a request. */
export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export type Behaviour = (request: SeenRequest, response: ServerResponse, message: IncomingMessage) => void;

/** A backend that does as it is told, and remembers what it saw. */
export interface FakeModel {
  /** What to register as a backend's `url`. */
  readonly url: string;
  readonly seen: SeenRequest[];
  /** What it does from now on. */
  behave(behaviour: Behaviour): void;
  close(): Promise<void>;
}

/** A chat completion of a few tokens, whole. */
export const answerBriefly: Behaviour = (_request, response) => {
  response.writeHead(200, { 'content-type': 'application/json' }).end(
    JSON.stringify({
      id: 'chatcmpl-1',
      object: 'chat.completion',
      created: 1,
      model: 'fake',
      choices: [{ index: 0, message: { role: 'assistant', content: 'Hello there' }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7 },
    }),
  );
};

export async function startFakeModel(): Promise<FakeModel> {
  const seen: SeenRequest[] = [];
  let behaviour = answerBriefly;
  const server = createServer((message, response) => {
    // The gateway asks now and then whether somebody is there: no part of what a test is about.
    if (message.headers['user-agent'] === 'maas-probe') return void response.end('{}');
    const chunks: Buffer[] = [];
    message.on('data', (chunk: Buffer) => chunks.push(chunk));
    message.on('end', () => {
      const { method = '', url = '', headers } = message;
      const request = { method, url, headers, body: Buffer.concat(chunks).toString() };
      seen.push(request);
      behaviour(request, response, message);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    seen,
    behave: (next) => (behaviour = next),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
