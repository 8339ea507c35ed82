import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { TurnedClock } from '../../test/turned-clock.js';
import { type Config, readConfig } from '../config.js';
import { BackendHealth } from '../models/backend-health.js';
import type { RoutableBackend } from '../models/routable-model.js';
import { Upstream } from './upstream.service.js';

let upstream: Upstream;
let backend: RoutableBackend;
let connections: number;
let responses: ServerResponse[];
let onChange: () => void;
const server = createServer((_request, response) => {
  responses.push(response);
  onChange();
});
server.on('connection', (socket) => {
  connections += 1;
  socket.once('close', () => {
    connections -= 1;
    onChange();
  });
});

beforeEach(async () => {
  [connections, responses, onChange] = [0, [], () => undefined];
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const config: Config = readConfig({});
  upstream = new Upstream(config);
  backend = {
    id: 'one',
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    basePath: '/v1',
    upstreamModel: null,
    authorization: null,
    weight: 1,
    health: new BackendHealth(new TurnedClock(), () => undefined),
  };
});
afterEach(async () => {
  await upstream.onApplicationShutdown();
  await new Promise((resolve) => server.close(resolve));
});

/** Resolves with what came, or rejects. */
function send(): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    upstream.send(
      backend,
      { method: 'POST', path: '/v1/chat/completions', headers: {}, body: Buffer.from('{}') },
      {
        started: () => undefined,
        data: (chunk) => (text += chunk.toString()),
        ended: () => resolve(text),
        failed: reject,
      },
    );
  });
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise<void>((resolve) => (onChange = resolve));
}

describe('connections to a backend that is no more', () => {
  it('are closed when nothing is under way', async () => {
    const answer = send();
    await until(() => responses.length === 1);
    responses[0]?.end('whole');
    expect(await answer).toBe('whole');
    upstream.retain(new Set([backend.origin]));
    expect(connections).toBe(1);
    upstream.retain(new Set());
    await until(() => connections === 0);
  });

  it('are kept until the answer that is under way is whole', async () => {
    const answer = send();
    await until(() => responses.length === 1);
    responses[0]?.write('first half, ');
    upstream.retain(new Set());
    responses[0]?.end('second half');
    expect(await answer).toBe('first half, second half');
    await until(() => connections === 0);
  });

  it('are made anew when it is there again', async () => {
    upstream.retain(new Set());
    const answer = send();
    await until(() => responses.length === 1);
    responses[0]?.end('again');
    expect(await answer).toBe('again');
  });
});
