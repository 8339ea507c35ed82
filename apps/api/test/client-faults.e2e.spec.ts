import { connect, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { BUDGET, type FaultBench, startFaultBench } from './fault-bench.js';
import {
  answerWell,
  completion,
  type FaultyBackend,
  type Script,
  startFaultyBackend,
  STREAM_HEAD,
  wireAnswer,
} from './faulty-backend.js';
import { chat } from './harness.js';
import { RawConnection } from './raw-connection.js';
import { rawRequest } from './raw-request.js';
import { chunk, DONE, eventually } from './streams.js';

const MOST_CONNECTIONS = 60;
let bench: FaultBench;
let backend: FaultyBackend;
let model: string;
let made = 0;
/** The gateway's side of the connections. */
const accepted: { readonly port: number | undefined; readonly socket: Socket }[] = [];

beforeAll(async () => {
  bench = await startFaultBench({
    CLIENT_HEADERS_TIMEOUT: '1s',
    CLIENT_REQUEST_TIMEOUT: '2s',
    CLIENT_STALL_TIMEOUT: '2s',
    MAX_CONNECTIONS: String(MOST_CONNECTIONS),
    UPSTREAM_IDLE_TIMEOUT: '30s',
  });
  const server = bench.maas.nest.getHttpServer();
  server.on('connection', (socket: Socket) => accepted.push({ port: socket.remotePort, socket }));
});
afterAll(() => bench.stop());
beforeEach(async () => {
  bench.maas.clock.turn(60_000);
  backend = await startFaultyBackend();
  model = `clients-${(made += 1)}`;
  await bench.maas.addModel(model, backend.url, { maxOutputTokens: 1000 });
});
afterEach(async () => {
  await bench.maas.admin(`/models/${model}`, { method: 'DELETE' });
  await backend.close();
});

const post = (fields: object = {}) =>
  rawRequest({
    path: '/v1/chat/completions',
    token: bench.token,
    body: JSON.stringify(chat('hi', { model, ...fields })),
  });

async function requireNothingLeft(rows: number): Promise<Record<string, unknown>[]> {
  await eventually(async () => (await bench.rowsOf(model)).length === rows, `${rows} rows`);
  await eventually(async () => (await bench.health(model))?.outstanding === 0, 'nothing is under way');
  const found = await bench.rowsOf(model);
  const used = found.reduce((sum, row) => sum + Number(row['prompt_tokens']) + Number(row['completion_tokens']), 0);
  expect([found.length, await bench.remaining(model)]).toEqual([rows, BUDGET - used]);
  return found;
}

describe('C1: clients that go away', () => {
  let produced = 0;
  const tick: Script = (socket) => {
    socket.write(STREAM_HEAD);
    const timer = setInterval(() => {
      socket.write(chunk('word'));
      produced += 1;
    }, 10);
    socket.once('close', () => clearInterval(timer));
  };
  const silent: Script = () => undefined;
  const ways: [string, (connection: RawConnection) => void][] = [
    ['a reset', (connection) => connection.reset()],
    ['a half-closed connection', (connection) => void connection.halfClose()],
    ['a closed one', (connection) => connection.close()],
  ];

  it.each(ways)('C1: before the answer, by %s: the backend is stopped, and nothing is charged', async (_how, leave) => {
    backend.play(silent);
    const clients = await Promise.all(Array.from({ length: 10 }, () => RawConnection.open(bench.maas.url)));
    for (const client of clients) client.send(post({ stream: true }));
    await eventually(() => backend.requests.length === 10, 'all are under way');
    const began = performance.now();
    clients.forEach(leave);
    await eventually(() => backend.open === 0, 'the backend sees the end of all');
    expect(performance.now() - began).toBeLessThan(5000);
    const rows = await requireNothingLeft(10);
    expect(new Set(rows.map(({ status }) => status))).toEqual(new Set([499]));
    expect(await bench.remaining(model)).toBe(BUDGET);
  });

  it.each(ways)('C1: in a stream, at any instant, by %s: charged is what was produced', async (_how, leave) => {
    produced = 0;
    backend.play(tick);
    const clients = await Promise.all(Array.from({ length: 20 }, () => RawConnection.open(bench.maas.url)));
    for (const client of clients) client.send(post({ stream: true }));
    let seen = 0;
    await Promise.all(
      clients.map(async (client, index) => {
        const events = () => client.soFar.split('word').length - 1;
        await eventually(() => events() > index % 7, 'some events');
        seen += events();
        leave(client);
      }),
    );
    await eventually(() => backend.open === 0, 'the backend sees the end of all');
    const rows = await requireNothingLeft(20);
    expect(rows).toEqual(rows.map(() => expect.objectContaining({ status: 499, count_source: 'counted' })));
    const billed = rows.reduce((sum, row) => sum + Number(row['completion_tokens']), 0);
    expect(billed).toBeGreaterThanOrEqual(seen);
    expect(billed).toBeLessThanOrEqual(produced);
  });
});

describe('C4: a client that does not read', () => {
  const FRAME = chunk('x'.repeat(16_000));
  /** As fast as it is taken, and without an end. */
  const flood: Script = (socket) => {
    socket.write(STREAM_HEAD);
    const write = () => {
      while (!socket.destroyed && socket.write(FRAME));
    };
    socket.on('drain', write);
    write();
  };
  /** A connection on which nothing is read, with the smallest buffer of the kernel. */
  const deaf = (text: string): Socket => {
    const { hostname, port } = new URL(bench.maas.url);
    const socket = connect({ host: hostname, port: Number(port) });
    socket.on('error', () => undefined);
    socket.pause();
    socket.write(text);
    return socket;
  };

  it('C4: holds the backend back, is cut off after a while, and pays for what was produced; others notice nothing', async () => {
    backend.play(flood);
    const clients = Array.from({ length: 5 }, () => deaf(post({ stream: true, max_tokens: 100_000 })));
    await eventually(() => backend.requests.length === 5, 'all are under way');
    backend.play(answerWell);
    // Meanwhile others are served.
    for (let turn = 0; turn < 20; turn += 1) expect((await bench.ask(model)).status).toBe(200);
    await eventually(() => backend.open <= 1, 'the backend is stopped');
    // Of each stream what fits into the kernel's buffers of two connections, and 64 KiB of ours.
    expect(backend.taken / 5).toBeLessThan(60_000_000);
    for (const client of clients) client.destroy();
    const rows = (await requireNothingLeft(25)).filter(({ status }) => status === 499);
    expect(rows).toHaveLength(5);
    for (const row of rows) expect(Number(row['completion_tokens'])).toBeGreaterThan(0);
    expect((await bench.health(model))?.state).toBe('closed');
  });

  it('C4: of answers that are whole is cut off, too, and its connection is closed', async () => {
    backend.play((socket) => void socket.write(wireAnswer(completion('x'.repeat(3_900_000)))));
    // More than the kernel takes.
    const client = deaf(post().repeat(12));
    await eventually(() => client.localPort !== undefined, 'it is connected');
    const theirs = () => accepted.find(({ port }) => port === client.localPort)?.socket;
    await eventually(() => theirs() !== undefined, 'the gateway has it');
    await requireNothingLeft(12);
    await eventually(() => theirs()?.destroyed === true, 'its connection is closed');
    client.destroy();
  });

  it('C4: and leaves when the answer is whole, but not all of it taken, leaves nothing under way', async () => {
    const coded = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`;
    const head = STREAM_HEAD.replace('\r\n\r\n', '\r\ntransfer-encoding: chunked\r\n\r\n');
    let isTold = false;
    backend.play((socket) => {
      let sent = 0;
      socket.write(head);
      const step = () => {
        const { bytesWritten = 0, writableLength = 0 } = theirs() ?? {};
        // One event at a time, until the client takes no more and the backend is held back: what comes next is the end.
        if (writableLength >= 4096) {
          socket.write(coded(DONE));
          isTold = true;
          return;
        }
        if (bytesWritten >= sent) {
          socket.write(coded(FRAME));
          sent += FRAME.length;
        }
        setImmediate(step);
      };
      step();
    });
    const client = deaf(post({ stream: true, max_tokens: 100_000 }));
    const theirs = () => accepted.find(({ port }) => port === client.localPort)?.socket;
    await eventually(() => isTold, 'the backend has said all');
    await eventually(async () => (await bench.rowsOf(model)).length === 1, 'the answer is whole');
    client.destroy();
    await eventually(() => backend.open === 0, 'the backend sees the end');
    expect(await requireNothingLeft(1)).toEqual([expect.objectContaining({ status: 200 })]);
  });

  it('C4: but is slow gets all of it', async () => {
    const text = Array.from({ length: 600 }, (_, index) => chunk(`${index} ${'y'.repeat(10_000)}`)).join('') + DONE;
    backend.play((socket) => void socket.end(STREAM_HEAD + text));
    const client = deaf(post({ stream: true }));
    let received = '';
    client.on('data', (piece: Buffer) => {
      received += piece.toString('latin1');
      client.pause();
      setTimeout(() => client.resume(), 20);
    });
    client.resume();
    await eventually(() => received.includes('[DONE]'), 'the end');
    client.destroy();
    expect(received.split('"content":"').length - 1).toBe(600);
    expect((await requireNothingLeft(1))[0]).toMatchObject({ status: 200, completion_tokens: 600 });
  });

  it('C4: while a model thinks is nothing else than patient', async () => {
    backend.play((socket) => void setTimeout(() => answerWell(socket, { head: '', body: '', number: 0 }), 4500));
    expect((await bench.ask(model)).status).toBe(200);
  });
});

/** Connections of clients that the gateway has now, without the test's own. */
async function connections(): Promise<number> {
  const server = bench.maas.nest.getHttpServer();
  return new Promise((resolve, reject) => {
    server.getConnections((error: Error | null, count: number) => (error ? reject(error) : resolve(count)));
  });
}

describe('C5: clients that take their time, or too much', () => {
  const slowly = async (text: string, rest: string) => {
    const connection = await RawConnection.open(bench.maas.url);
    connection.send(text);
    const timer = setInterval(() => connection.send(rest), 100);
    const answer = await connection.answer();
    await connection.rest();
    clearInterval(timer);
    return answer;
  };

  it.each([
    ['the headers', () => 'GET /healthz HTTP/1.1\r\nhost: a\r\n', 'x-a: b\r\n'],
    ['the request line', () => 'GET /', 'a'],
    ['the body', () => post().slice(0, -40), ' '],
  ])('C5: with %s are answered 408 and cut off', async (_what, text, rest) => {
    const answer = await slowly(text(), rest);
    expect([answer?.status, answer?.headers.get('connection')]).toEqual([408, 'close']);
    expect(answer?.body).toContain('"code":"invalid_request"');
    expect(backend.requests).toEqual([]);
  });

  it('C5: with nothing at all are cut off', async () => {
    const connection = await RawConnection.open(bench.maas.url);
    await connection.rest();
    connection.close();
  });

  it('C5: with a flood of headers are answered 431', async () => {
    const lines = Array.from({ length: 5000 }, (_, index) => `x-${index}: y`);
    const connection = await RawConnection.open(bench.maas.url);
    expect((await connection.send(rawRequest({ lines })).answer())?.status).toBe(431);
    connection.close();
  });

  it('C5: with more connections than there may be are refused as they come, and who is in is served', async () => {
    backend.play(answerWell);
    expect((await bench.ask(model)).status).toBe(200);
    const crowd = await Promise.all(
      Array.from({ length: 2 * MOST_CONNECTIONS }, () => RawConnection.open(bench.maas.url).catch(() => undefined)),
    );
    await eventually(async () => (await connections()) <= MOST_CONNECTIONS, 'no more than may be');
    await eventually(
      () => crowd.filter((connection) => connection?.isOver ?? true).length >= MOST_CONNECTIONS,
      'the others are refused',
    );
    // The idle ones go when the time for their headers is over.
    await eventually(async () => (await bench.ask(model).catch(() => undefined))?.status === 200, 'there is room');
    for (const connection of crowd) connection?.close();
  });
});

describe('C10: what multiplies the cost', () => {
  /** What a request that is under way has set aside. */
  async function reserved(path: string, body: object): Promise<number> {
    let waiting: Socket | undefined;
    backend.play((socket) => void (waiting = socket));
    const connection = await RawConnection.open(bench.maas.url);
    connection.send(rawRequest({ path, token: bench.token, body: JSON.stringify({ model, ...body }) }));
    await eventually(() => waiting !== undefined, 'the request is under way');
    const held = BUDGET - (await bench.remaining(model));
    connection.close();
    await eventually(async () => (await bench.remaining(model)) === BUDGET, 'it is given back');
    return held;
  }
  const CHAT = '/v1/chat/completions';
  const TEXT = '/v1/completions';
  const messages = [{ role: 'user', content: 'hi' }];
  // The prompts come to a few tokens.
  const SLACK = 40;

  it.each<[string, string, object, number]>([
    ['one answer', CHAT, { messages, max_tokens: 500 }, 500],
    ['n answers', CHAT, { messages, max_tokens: 500, n: 8 }, 4000],
    ['the larger of both names', CHAT, { messages, max_tokens: 5, max_completion_tokens: 700 }, 700],
    ['the largest of the model, where none is named', CHAT, { messages, n: 3 }, 3000],
    ['best_of where it is more than n', TEXT, { prompt: 'hi', max_tokens: 100, n: 2, best_of: 9 }, 900],
    ['an array of prompts', TEXT, { prompt: ['a', 'b', 'c'], max_tokens: 100, n: 2 }, 600],
    ['one prompt in tokens', TEXT, { prompt: [1, 2, 3], max_tokens: 100 }, 100],
    ['several prompts in tokens', TEXT, { prompt: [[1], [2, 3]], max_tokens: 100, best_of: 3 }, 600],
    ['more than there is', CHAT, { messages, max_tokens: 2_000_000_000, n: 128 }, BUDGET],
  ])('C10: is set aside as often: %s', async (_what, path, body, tokens) => {
    const held = await reserved(path, body);
    expect(held).toBeGreaterThanOrEqual(tokens);
    expect(held).toBeLessThanOrEqual(Math.min(BUDGET, tokens + SLACK));
  });

  it.each(['-1', '1.5', '"12"', '1e10', '1e999', 'true', '[1]', '{}', '9007199254740993'])(
    'C10: is refused where it is no number that could be meant: %s',
    async (value) => {
      for (const name of ['max_tokens', 'max_completion_tokens', 'n']) {
        const text = `{"model":"${model}","messages":[],"${name}":${value}}`;
        const answer = await bench.maas.call(CHAT, { token: bench.token, body: text });
        expect([name, answer.status]).toEqual([name, 400]);
        expect(answer.body).toMatchObject({ error: { param: name, code: 'invalid_request' } });
      }
      expect(backend.requests).toEqual([]);
    },
  );

  it.each([{ n: 129 }, { n: 0 }, { best_of: 129 }])('C10: is refused beyond what anybody needs: %j', async (fields) => {
    const answer = await bench.maas.call(TEXT, { token: bench.token, body: { model, prompt: 'hi', ...fields } });
    expect([answer.status, backend.requests.length]).toEqual([400, 0]);
  });
});
