import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { BUDGET, type FaultBench, idOf, startFaultBench } from './fault-bench.js';
import {
  answerWell,
  completion,
  type FaultyBackend,
  type Script,
  startFaultyBackend,
  STREAM_HEAD,
  wireAnswer,
} from './faulty-backend.js';
import { errorOf } from './harness.js';
import { chunk, DONE, eventually } from './streams.js';

let bench: FaultBench;
let backend: FaultyBackend;
let model: string;
let others: string[];
let made = 0;

beforeAll(async () => {
  bench = await startFaultBench({ UPSTREAM_FIRST_BYTE_TIMEOUT: '4s', UPSTREAM_IDLE_TIMEOUT: '3s' });
  const limits = { requestsPerMinute: null, tokensPerMinute: BUDGET, maxConcurrentRequests: null };
  for (const tier of ['free', 'premium']) {
    await bench.maas.admin(`/tiers/${tier}`, { method: 'PATCH', body: limits });
  }
  others = [await bench.maas.accessToken('free'), await bench.maas.accessToken('premium'), bench.token];
});
afterAll(() => bench.stop());
beforeEach(async () => {
  bench.maas.clock.turn(60_000);
  backend = await startFaultyBackend();
  model = `answers-${(made += 1)}`;
  await bench.maas.addModel(model, backend.url, { maxOutputTokens: 1000, contextWindow: 4096 });
});
afterEach(async () => {
  const { text } = await bench.maas.call('/healthz');
  await bench.maas.admin(`/models/${model}`, { method: 'DELETE' });
  await backend.close();
  if (text !== '{"status":"healthy"}') throw new Error(`the process is not well: ${text}`);
});

const nonceIn = (text: string) => /nonce-[\w-]+/.exec(text)?.[0];

/** Many requests of several people, one after another and at once: each must see what belongs to it. */
async function requireOwnAnswers(): Promise<void> {
  backend.play((socket, { body }) => void socket.write(wireAnswer(completion(nonceIn(body) ?? 'none'))));
  const one = async (turn: number) => {
    const nonce = `nonce-${model}-${turn}`;
    const fields = { messages: [{ role: 'user', content: nonce }] };
    const answer = await bench.ask(model, fields, others[turn % others.length]);
    expect([answer.status, nonceIn(answer.text)]).toEqual([200, nonce]);
  };
  for (let turn = 0; turn < 40; turn += 1) await one(turn);
  for (let turn = 40; turn < 100; turn += 10) {
    await Promise.all(Array.from({ length: 10 }, (_, index) => one(turn + index)));
  }
}

const stray = wireAnswer(completion('a stray answer'));

describe('B10: an answer that is longer or shorter than it says', () => {
  it.each<[string, Script]>([
    ['a second answer, unasked', (socket) => void socket.write(wireAnswer(completion('first')) + stray)],
    [
      'a body longer than its length, which reads like an answer',
      (socket) => {
        const body = completion('first');
        socket.write(wireAnswer(body) + stray.slice(0, -10));
      },
    ],
    [
      'an answer to an event stream’s end',
      (socket) => {
        const text = chunk('first') + DONE;
        const head = STREAM_HEAD.replace('\r\n\r\n', `\r\ncontent-length: ${text.length}\r\n\r\n`);
        socket.write(head + text + stray);
      },
    ],
    ['bytes that are no HTTP', (socket) => void socket.write(`${wireAnswer(completion('first'))}garbage\r\n\r\n`)],
  ])('B10: in one piece with %s closes the connection; nobody else gets a byte of it', async (_what, script) => {
    backend.play(script);
    const answer = await bench.ask(model);
    expect(answer.status).toBe(200);
    expect(answer.text).toContain('first');
    expect(answer.text).not.toContain('stray');
    await eventually(() => backend.open === 0, 'the connection is closed');
    await requireOwnAnswers();
    expect(await bench.rows(answer.headers.get('x-request-id'))).toHaveLength(1);
  });

  it('B10: later than its answer closes the connection; nobody else gets a byte of it', async () => {
    let poison: (() => void) | undefined;
    backend.play((socket) => {
      socket.write(wireAnswer(completion('first')));
      poison = () => void socket.write(stray);
    });
    expect((await bench.ask(model)).status).toBe(200);
    expect(backend.open).toBe(1);
    poison?.();
    await eventually(() => backend.open === 0, 'the connection is closed');
    await requireOwnAnswers();
  });

  it('B10: shorter than it says is a 502, with one row and no charge', async () => {
    backend.play((socket) => {
      const [head = '', body = ''] = wireAnswer(completion('x'.repeat(100))).split('\r\n\r\n');
      socket.end(`${head}\r\n\r\n${body.slice(0, -20)}`);
    });
    const answer = await bench.ask(model);
    expect([answer.status, errorOf(answer).code]).toEqual([502, 'upstream_error']);
    const rows = await bench.rows(answer.headers.get('x-request-id'));
    expect(rows).toEqual([expect.objectContaining({ status: 502, prompt_tokens: 0, completion_tokens: 0 })]);
    await requireOwnAnswers();
  });

  it('B10: that ends with its connection, in the middle of its JSON, is a 502 too', async () => {
    const head = 'HTTP/1.0 200 OK\r\ncontent-type: application/json\r\n\r\n';
    backend.play((socket) => void socket.end(head + completion('x'.repeat(100)).slice(0, -20)));
    const answer = await bench.ask(model);
    expect([answer.status, errorOf(answer).code]).toEqual([502, 'upstream_error']);
    const rows = await bench.rows(answer.headers.get('x-request-id'));
    expect(rows).toEqual([expect.objectContaining({ status: 502, prompt_tokens: 0, completion_tokens: 0 })]);
    expect((await bench.health(model))?.lastError).toBe('answer');
    for (const body of [completion('whole'), completion('whole').replace('"created":1', '"created":NaN')]) {
      backend.play((socket) => void socket.end(head + body));
      expect(await (await bench.stream(model, { stream: false })).rest()).toBe(body);
    }
  });

  it.each([
    ['a length and chunks', ['content-length: 5', 'transfer-encoding: chunked']],
    ['two lengths', ['content-length: 5', 'content-length: 50']],
    ['a length that is no number', ['content-length: 5x']],
    ['a negative length', ['content-length: -5']],
  ])('B10: with %s is not believed at all', async (_what, lines) => {
    const head = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n${lines.join('\r\n')}\r\n\r\n`;
    backend.play((socket) => void socket.write(`${head}5\r\nhello\r\n0\r\n\r\n${stray}`));
    const answer = await bench.ask(model);
    expect([answer.status, errorOf(answer).code]).toEqual([502, 'upstream_error']);
    expect(answer.text).not.toContain('stray');
    await eventually(() => backend.open === 0, 'the connection is closed');
    expect(await bench.remaining(model)).toBe(BUDGET);
    await requireOwnAnswers();
  });
});

describe('B11: an answer that is encoded although it was asked not to be', () => {
  const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024));
  const encoded = (lines: string[], body: Buffer, type = 'application/json'): Script => {
    const head = [`HTTP/1.1 200 OK`, `content-type: ${type}`, ...lines].join('\r\n');
    return (socket) => {
      socket.write(`${head}\r\n\r\n`);
      socket.write(body);
    };
  };
  const small = gzipSync(completion('hidden'));
  it.each<[string, Script]>([
    ['gzip', encoded(['content-encoding: gzip', `content-length: ${small.length}`], small)],
    ['br, of a stream', encoded(['content-encoding: br'], small, 'text/event-stream')],
    ['gzip, 64 MB of nothing', encoded(['content-encoding: gzip'], bomb)],
    ['six encodings', encoded([`content-encoding: ${'gzip, '.repeat(5)}gzip`], small)],
    [
      'six headers',
      encoded(
        Array.from({ length: 6 }, () => 'content-encoding: gzip'),
        small,
      ),
    ],
    ['an encoding that nobody knows', encoded(['content-encoding: zip'], small)],
    [
      'the transfer coding',
      (socket) => {
        socket.write('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: gzip, chunked\r\n\r\n');
        socket.write(`${small.length.toString(16)}\r\n`);
        socket.write(small);
        socket.write('\r\n0\r\n\r\n');
      },
    ],
  ])('B11: is a 502 at once, and nothing is decoded: %s', async (_what, script) => {
    backend.play(script);
    const before = process.memoryUsage().rss;
    const answer = await bench.ask(model);
    expect([answer.status, errorOf(answer).code]).toEqual([502, 'upstream_error']);
    await eventually(() => backend.open === 0, 'the connection is closed');
    expect(process.memoryUsage().rss - before).toBeLessThan(60_000_000);
    const rows = await bench.rows(answer.headers.get('x-request-id'));
    expect(rows).toEqual([expect.objectContaining({ status: 502, prompt_tokens: 0, completion_tokens: 0 })]);
    expect(await bench.remaining(model)).toBe(BUDGET);
    expect(backend.requests[0]?.head).toContain('accept-encoding: identity');
  });
});

describe('B12: a refusal that is no JSON', () => {
  it.each([
    ['text', ['content-type: text/plain'], 'slow down'],
    ['nothing', [], ''],
    ['an event stream', ['content-type: text/event-stream'], 'data: {"error":{"message":"slow down"}}\n\n'],
  ])('B12: is passed on as one in JSON is, with when to come again: %s', async (_what, lines, body) => {
    const head = ['HTTP/1.1 429 Too Many Requests', ...lines, `content-length: ${body.length}`].join('\r\n');
    for (const stream of [false, true]) {
      backend.play((socket) => void socket.write(`${head}\r\n\r\n${body}`));
      const answer = await bench.ask(model, { stream });
      const { headers } = answer;
      expect([answer.status, answer.text]).toEqual([429, body]);
      expect([headers.get('retry-after'), headers.get('retry-after-ms')]).toEqual(['5', '5000']);
      expect([headers.get('cache-control'), headers.get('x-accel-buffering')]).toEqual([null, null]);
      const rows = await bench.rows(headers.get('x-request-id'));
      expect(rows).toEqual([expect.objectContaining({ status: 429, prompt_tokens: 0, completion_tokens: 0 })]);
      bench.maas.clock.turn(60_000);
    }
  });
});

describe('B12: a header that comes twice', () => {
  it.each([
    ['429 Too Many Requests', 429],
    ['503 Service Unavailable', 503],
  ])('B12: the first retry-after is the one, and the backend is left alone: %s', async (line, status) => {
    backend.play((socket) => void socket.write(wireAnswer('{}', ['retry-after: 7', 'retry-after: 9'], line)));
    const answer = await bench.ask(model);
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([status, '7']);
    expect((await bench.ask(model)).status).toBe(503);
    expect(backend.requests).toHaveLength(1);
  });

  it('B12: the first type is the one of a good answer', async () => {
    backend.play((socket) => void socket.write(wireAnswer(completion('well'), ['content-type: text/plain'])));
    const answer = await bench.ask(model);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/json']);
    expect(await bench.rows(answer.headers.get('x-request-id'))).toEqual([
      expect.objectContaining({ prompt_tokens: 5, completion_tokens: 2, count_source: 'upstream' }),
    ]);
  });
});

describe('B12: an answer of another kind', () => {
  it.each([301, 302, 303, 307, 308])('B12: a redirect (%i) is a 502 and is never followed', async (status) => {
    const elsewhere = await startFaultyBackend();
    const location = `location: http://127.0.0.1:${elsewhere.port}/v1/chat/completions`;
    backend.play((socket) => void socket.write(wireAnswer('{}', [location], `${status} Elsewhere`)));
    const answer = await bench.ask(model);
    expect([answer.status, errorOf(answer).code]).toEqual([502, 'upstream_error']);
    expect(answer.headers.get('location')).toBeNull();
    await bench.ask(model, { stream: true });
    expect(elsewhere.connections).toBe(0);
    await elsewhere.close();
  });

  it.each(['102 Processing', '103 Early Hints'])('B12: an interim answer (%s) is passed over', async (line) => {
    backend.play((socket) => {
      socket.write(`HTTP/1.1 ${line}\r\nlink: </x>\r\n\r\n`.repeat(3));
      setTimeout(() => socket.write(wireAnswer(completion('final'))), 20);
    });
    const answer = await bench.ask(model);
    expect([answer.status, answer.headers.get('link')]).toEqual([200, null]);
    expect(answer.text).toContain('final');
  });

  it.each(['100 Continue', '101 Switching Protocols'])(
    'B12: %s, which nobody asked for, is a 502 and closes the connection',
    async (line) => {
      backend.play(
        (socket) => void socket.write(`HTTP/1.1 ${line}\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n${stray}`),
      );
      const answer = await bench.ask(model);
      expect([answer.status, answer.text.includes('stray')]).toEqual([502, false]);
      await eventually(() => backend.open === 0, 'the connection is closed');
      expect(await bench.remaining(model)).toBe(BUDGET);
    },
  );

  it('B12: nothing at all (204) is passed on as that, with no answer to pay for', async () => {
    backend.play((socket) => void socket.write('HTTP/1.1 204 No Content\r\n\r\n'));
    const answer = await bench.ask(model);
    expect([answer.status, answer.text]).toEqual([204, '']);
    const rows = await bench.rows(answer.headers.get('x-request-id'));
    expect(rows).toEqual([expect.objectContaining({ status: 204, completion_tokens: 0 })]);
  });

  it('B12: trailers are not passed on, nor taken for headers', async () => {
    const body = completion('whole');
    const head =
      'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\ntrailer: x-a\r\n\r\n';
    backend.play((socket) => {
      socket.write(`${head}${body.length.toString(16)}\r\n${body}\r\n0\r\nx-a: b\r\nset-cookie: c=d\r\n\r\n`);
    });
    const answer = await bench.ask(model);
    expect([answer.status, answer.text, answer.headers.get('x-a'), answer.headers.get('set-cookie')]).toEqual([
      200,
      body,
      null,
      null,
    ]);
  });

  it('B12: many or large headers are a 502, not a crash', async () => {
    backend.play((socket) => {
      const lines = Array.from({ length: 2000 }, (_, index) => `x-${index}: ${'y'.repeat(100)}`);
      socket.write(wireAnswer(completion('hidden'), lines));
    });
    expect((await bench.ask(model)).status).toBe(502);
    backend.play(answerWell);
    expect((await bench.ask(model)).status).toBe(200);
  });
});

describe('B15: usage that a backend reports', () => {
  const counts: [what: string, usage: string | null, row: object][] = [
    ['as it is', '{"prompt_tokens":11,"completion_tokens":7}', { prompt_tokens: 11, completion_tokens: 7 }],
    ['zero, which is a count', '{"prompt_tokens":0,"completion_tokens":0}', { prompt_tokens: 0, completion_tokens: 0 }],
  ];
  const doubtful: [what: string, usage: string | null][] = [
    ['missing', null],
    ['null', 'null'],
    ['empty', '{}'],
    ['negative', '{"prompt_tokens":-1,"completion_tokens":-7}'],
    ['a string', '{"prompt_tokens":"11","completion_tokens":"7"}'],
    ['a fraction', '{"prompt_tokens":11.5,"completion_tokens":7.5}'],
    ['1e308', '{"prompt_tokens":1e308,"completion_tokens":1e308}'],
    ['1e999', '{"prompt_tokens":1e999,"completion_tokens":1e999}'],
    ['true', '{"prompt_tokens":true,"completion_tokens":true}'],
    ['an object', '{"prompt_tokens":{},"completion_tokens":[7]}'],
    ['beyond the context of the model', '{"prompt_tokens":4097,"completion_tokens":4097}'],
    ['a text', '"a lot"'],
    ['a list', '[{"prompt_tokens":11,"completion_tokens":7}]'],
  ];
  const TEXT = 'x'.repeat(40);

  it.each(counts)('B15: %s is believed', async (_what, usage, row) => {
    backend.play((socket) => void socket.write(wireAnswer(completion(TEXT, usage))));
    const answer = await bench.ask(model);
    const rows = await bench.rows(answer.headers.get('x-request-id'));
    expect(rows).toEqual([expect.objectContaining({ ...row, count_source: 'upstream' })]);
    const used = Number(rows[0]?.['prompt_tokens']) + Number(rows[0]?.['completion_tokens']);
    expect(answer.headers.get('x-odhu-usage-total-tokens')).toBe(String(used));
    expect(await bench.remaining(model)).toBe(BUDGET - used);
  });

  it.each(doubtful)('B15: %s is estimated, and the answer says no number', async (_what, usage) => {
    backend.play((socket) => void socket.write(wireAnswer(completion(TEXT, usage))));
    const answer = await bench.ask(model);
    expect(answer.headers.get('x-odhu-usage-total-tokens')).toBeNull();
    const rows = await bench.rows(answer.headers.get('x-request-id'));
    expect(rows).toEqual([expect.objectContaining({ count_source: 'estimated' })]);
    // Four bytes of text a token, with the few words around it.
    expect(Number(rows[0]?.['completion_tokens'])).toBeGreaterThanOrEqual(10);
    expect(Number(rows[0]?.['completion_tokens'])).toBeLessThanOrEqual(15);
    expect(Number(rows[0]?.['prompt_tokens'])).toBeGreaterThan(0);
    expect(Number(rows[0]?.['prompt_tokens'])).toBeLessThan(20);
  });

  it.each(doubtful)('B15: %s is counted, in a stream', async (_what, usage) => {
    const frames = chunk('one') + chunk('two') + `data: {"choices":[]${usage === null ? '' : `,"usage":${usage}`}}\n\n`;
    backend.play((socket) => void socket.end(STREAM_HEAD + frames + DONE));
    const answer = await bench.stream(model);
    await answer.rest();
    const rows = await bench.rows(idOf(answer));
    expect(rows).toEqual([expect.objectContaining({ completion_tokens: 2, count_source: 'counted' })]);
  });

  it('B15: of several in a stream the last valid one of each count holds', async () => {
    const report = (usage: string) => `data: {"choices":[],"usage":${usage}}\n\n`;
    const frames = [
      chunk('one'),
      report('{"prompt_tokens":5,"completion_tokens":1}'),
      report('{"prompt_tokens":6,"completion_tokens":2}'),
      report('{"prompt_tokens":"many","completion_tokens":-3}'),
      report('{"completion_tokens":0}'),
    ];
    backend.play((socket) => void socket.end(STREAM_HEAD + frames.join('') + DONE));
    const answer = await bench.stream(model);
    expect(await answer.rest()).toBe(chunk('one') + DONE);
    const rows = await bench.rows(idOf(answer));
    expect(rows).toEqual([
      expect.objectContaining({ prompt_tokens: 6, completion_tokens: 0, count_source: 'upstream' }),
    ]);
  });
});
