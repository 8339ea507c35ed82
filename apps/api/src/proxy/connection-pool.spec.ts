import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ConnectionPool, NoConnection, type PooledHandler } from './connection-pool.js';

const MOST = 3;
const PATIENCE = 60_000;
const SHORT_PATIENCE = 200;
let origin: string;
let pool: ConnectionPool;
let requests: { url: string; response: ServerResponse; socket: Socket }[];
let sockets: Set<Socket>;
let onChange: () => void;
const server = createServer((request, response) => {
  requests.push({ url: request.url ?? '', response, socket: request.socket });
  onChange();
});
server.on('connection', (socket: Socket) => {
  sockets.add(socket);
  socket.once('close', () => {
    sockets.delete(socket);
    onChange();
  });
});

beforeEach(async () => {
  [requests, sockets, onChange] = [[], new Set(), () => undefined];
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  pool = new ConnectionPool(origin, MOST, PATIENCE, { pipelining: 1 });
});
afterEach(async () => {
  await pool.destroy();
  await new Promise((resolve) => server.close(resolve));
});

/**
 * Resolves when the answer is whole; rejects when there is none.
 * @param onWait is given what ends the wait for a connection
 */
function ask(path: string, onWait?: (leave: (() => boolean) | undefined) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const handler: PooledHandler = {
      onFree: undefined,
      onRequestStart: () => undefined,
      onResponseStart: () => undefined,
      onResponseData: () => undefined,
      onResponseEnd: () => (handler.onFree?.(true), resolve()),
      onResponseError: (_controller, error) => (handler.onFree?.(false), reject(error)),
    };
    const leave = pool.dispatch({ method: 'GET', path }, handler);
    onWait?.(leave);
  });
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise<void>((resolve) => (onChange = resolve));
}

const asked = (count: number) => until(() => requests.length === count);
const answer = (index: number) => requests[index]?.response.end('whole');

describe('connections to a backend', () => {
  it('are used again, the one that was used last first', async () => {
    const answers = [ask('/a'), ask('/b')];
    await asked(2);
    answer(0);
    await answers[0];
    answer(1);
    await answers[1];
    const again = ask('/c');
    await asked(3);
    expect(requests[2]?.socket).toBe(requests[1]?.socket);
    answer(2);
    await again;
    expect(sockets.size).toBe(2);
  });

  it('are never more than allowed: who comes then waits, and is served in order', async () => {
    const answers = Array.from({ length: 2 * MOST }, (_, index) => ask(`/${index}`));
    await asked(MOST);
    for (let index = 0; index < 2 * MOST; index += 1) {
      await asked(Math.min(2 * MOST, MOST + index));
      expect(sockets.size).toBe(MOST);
      answer(index);
      await answers[index];
    }
    expect(requests.slice(MOST).map(({ url }) => url)).toEqual(['/3', '/4', '/5']);
  });

  it('are not spent on who left while waiting: the next in line is served, and nothing is kept', async () => {
    const answers = Array.from({ length: MOST }, (_, index) => ask(`/${index}`));
    const left: (() => boolean)[] = [];
    for (let index = 0; index < 100; index += 1) void ask('/left', (leave) => leave && left.push(leave));
    const last = ask('/last');
    expect(left.map((leave) => leave())).toEqual(Array.from({ length: 100 }, () => true));
    expect(left[0]?.()).toBe(false);
    await asked(MOST);
    answer(0);
    await asked(MOST + 1);
    expect(requests[MOST]?.url).toBe('/last');
    for (let index = 1; index <= MOST; index += 1) answer(index);
    await Promise.all([...answers, last]);
    expect([requests.length, sockets.size]).toEqual([MOST + 1, MOST]);
  });

  it('are waited for only so long, each in its turn', async () => {
    pool = new ConnectionPool(origin, MOST, SHORT_PATIENCE, { pipelining: 1 });
    const answers = Array.from({ length: MOST }, (_, index) => ask(`/${index}`));
    const late = await Promise.allSettled([ask('/late'), ask('/later')]);
    for (const outcome of late) expect(outcome.status === 'rejected' && outcome.reason).toBeInstanceOf(NoConnection);
    await asked(MOST);
    for (let index = 0; index < MOST; index += 1) answer(index);
    await Promise.all(answers);
    expect(requests).toHaveLength(MOST);
  });

  it('that the backend closed are forgotten, and others made', async () => {
    const first = ask('/a');
    await asked(1);
    answer(0);
    await first;
    requests[0]?.socket.destroy();
    await until(() => sockets.size === 0);
    const answers = Array.from({ length: MOST }, () => ask('/b'));
    await asked(1 + MOST);
    for (let index = 1; index <= MOST; index += 1) answer(index);
    await Promise.all(answers);
    expect(sockets.size).toBe(MOST);
  });

  it('that broke off let the next in line have a new one', async () => {
    const answers = Array.from({ length: MOST + 1 }, (_, index) => ask(`/${index}`));
    await asked(MOST);
    requests[0]?.socket.destroy();
    await expect(answers[0]).rejects.toThrow();
    await asked(MOST + 1);
    for (let index = 1; index <= MOST; index += 1) answer(index);
    await Promise.all(answers.slice(1));
  });

  it('end with the pool: idle ones at once, others when their answer is whole and nobody waits', async () => {
    const answers = Array.from({ length: MOST + 1 }, (_, index) => ask(`/${index}`));
    await asked(MOST);
    pool.close();
    answer(0);
    await asked(MOST + 1);
    for (let index = 1; index <= MOST; index += 1) answer(index);
    await Promise.all(answers);
    await until(() => sockets.size === 0);
  });

  it('destroyed, whoever has an answer under way or waits for a connection is told', async () => {
    const answers = Array.from({ length: MOST + 1 }, (_, index) => ask(`/${index}`));
    await asked(MOST);
    const outcomes = Promise.allSettled(answers);
    await pool.destroy();
    expect((await outcomes).map(({ status }) => status)).toEqual(Array.from({ length: MOST + 1 }, () => 'rejected'));
  });
});
