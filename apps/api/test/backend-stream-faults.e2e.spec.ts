import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { BUDGET, type FaultBench, idOf, startFaultBench } from './fault-bench.js';
import {
  completion,
  type FaultyBackend,
  type Script,
  startFaultyBackend,
  STREAM_HEAD,
  wireAnswer,
} from './faulty-backend.js';
import { errorOf } from './harness.js';
import { chunk, DONE, eventually, usageChunk } from './streams.js';

let bench: FaultBench;
let backend: FaultyBackend;
let model: string;
let made = 0;

beforeAll(async () => {
  bench = await startFaultBench({
    UPSTREAM_CONNECT_TIMEOUT: '1s',
    UPSTREAM_FIRST_BYTE_TIMEOUT: '3s',
    UPSTREAM_IDLE_TIMEOUT: '4s',
    UPSTREAM_TOTAL_TIMEOUT: '8s',
  });
});
afterAll(() => bench.stop());
beforeEach(async () => {
  bench.maas.clock.turn(60_000);
  backend = await startFaultyBackend();
  model = `streams-${(made += 1)}`;
  await bench.maas.addModel(model, backend.url, { maxOutputTokens: 1000 });
});
afterEach(async () => {
  const { text } = await bench.maas.call('/healthz');
  await bench.maas.admin(`/models/${model}`, { method: 'DELETE' });
  await backend.close();
  if (text !== '{"status":"healthy"}') throw new Error(`the process is not well: ${text}`);
});

/** After whatever happened nothing is left open, held or under way. */
async function requireNothingLeft(used: number): Promise<void> {
  await eventually(() => backend.open === 0, 'the connections are closed');
  await eventually(async () => (await bench.health(model))?.outstanding === 0, 'nothing is under way');
  expect(await bench.remaining(model)).toBe(BUDGET - used);
}

const usedBy = (row: Record<string, unknown> | undefined) =>
  Number(row?.['prompt_tokens']) + Number(row?.['completion_tokens']);

describe('B2: a backend that dies in the middle of a stream', () => {
  it.each<[string, Script]>([
    ['closing the connection', (socket) => void socket.end(STREAM_HEAD + chunk('one') + chunk('two') + 'data: {"ha')],
    [
      'resetting it',
      (socket) => {
        socket.write(STREAM_HEAD + chunk('one') + chunk('two'), () => setTimeout(() => socket.resetAndDestroy(), 50));
      },
    ],
    [
      'within a chunk of the transfer coding',
      (socket) => {
        const head = STREAM_HEAD.replace('\r\n\r\n', '\r\ntransfer-encoding: chunked\r\n\r\n');
        const text = chunk('one') + chunk('two');
        socket.end(`${head}${text.length.toString(16)}\r\n${text}\r\nff\r\ndata: {"ha`);
      },
    ],
  ])('B2: ends it with an error, never with [DONE], and is billed for what it produced: %s', async (_how, script) => {
    backend.play(script);
    const answer = await bench.stream(model);
    const text = await answer.rest();
    expect(text.startsWith(chunk('one') + chunk('two'))).toBe(true);
    expect(text).toMatch(/data: \{"error":\{.*"code":"upstream_error"\}\}\n\n$/);
    expect(text).not.toContain('[DONE]');
    const rows = await bench.rows(idOf(answer));
    expect(rows).toEqual([expect.objectContaining({ status: 502, completion_tokens: 2, count_source: 'counted' })]);
    await requireNothingLeft(usedBy(rows[0]));
    expect(backend.requests).toHaveLength(1);
  });

  const said = (index: number, content: string, finish_reason: string | null) =>
    `data: ${JSON.stringify({ choices: [{ index, delta: { content }, finish_reason }] })}\n\n`;
  it.each<[string, object, string]>([
    ['whose choices all have an empty reason', {}, said(0, 'one', '') + said(0, 'two', '')],
    ['of which one choice of two has ended', { n: 2 }, said(0, 'one', 'stop') + said(1, 'two', null)],
    ['whose last event has no end', {}, said(0, 'one', null) + said(0, 'two', 'stop').trimEnd()],
  ])('B2: ends with an error also where the connection is closed after a stream %s', async (_what, fields, text) => {
    backend.play((socket) => void socket.end(STREAM_HEAD + text));
    const answer = await bench.stream(model, fields);
    expect(await answer.rest()).toMatch(/data: \{"error":\{.*"code":"upstream_error"\}\}\n\n$/);
    const rows = await bench.rows(idOf(answer));
    expect(rows).toEqual([expect.objectContaining({ status: 502, completion_tokens: 2, count_source: 'counted' })]);
  });

  it.each<[string, object, string]>([
    ['one choice', {}, said(0, 'one', null) + said(0, 'two', 'stop')],
    ['two choices', { n: 2 }, said(0, 'one', 'stop') + said(1, 'two', 'length')],
  ])(
    'B2: is whole where all that the backend says has its reason, though no [DONE]: %s',
    async (_what, fields, text) => {
      backend.play((socket) => void socket.end(STREAM_HEAD + text));
      const answer = await bench.stream(model, fields);
      expect(await answer.rest()).toBe(text);
      expect(await bench.rows(idOf(answer))).toEqual([expect.objectContaining({ status: 200, completion_tokens: 2 })]);
    },
  );
});

describe('B3: a stream that is not as it should be', () => {
  const bom = '\ufeff';
  it.each<[string, string, number]>([
    ['comments and unknown fields', `: hello\n\nretry: 5\nid: 7\n\n${chunk('one')}`, 1],
    ['CRLF', chunk('one').replaceAll('\n', '\r\n') + chunk('two').replaceAll('\n', '\r\n'), 2],
    ['CR alone', chunk('one').replaceAll('\n', '\r') + chunk('two').replaceAll('\n', '\r'), 2],
    ['a byte order mark', bom + chunk('one'), 1],
    ['several data lines', `data: {"choices":[{"delta":\ndata: {"content":"one"}}]}\n\n`, 1],
    ['JSON that is none', `data: {"choices":[{"delta"\n\ndata: ]\n\n${chunk('one')}`, 1],
    ['no JSON at all', `data: hello\n\n${chunk('one')}`, 1],
    ['usage that is no object', `${chunk('one', { usage: 7 })}${chunk('two', { usage: [] })}`, 2],
    ['NUL and control bytes', `data: \0\x01\x02\x1b\n\n${chunk('one')}`, 1],
  ])('B3: passes every event byte by byte, and the process lives: %s', async (_what, events, pieces) => {
    backend.play((socket) => void socket.end(STREAM_HEAD + events + DONE));
    const answer = await bench.stream(model, { stream_options: { include_usage: true } });
    const chunks: Buffer[] = [];
    for await (const piece of answer.message as AsyncIterable<Buffer>) chunks.push(piece);
    expect(Buffer.concat(chunks).toString()).toBe(events + DONE);
    const rows = await bench.rows(idOf(answer));
    expect(rows).toEqual([
      expect.objectContaining({ status: 200, completion_tokens: pieces, count_source: 'counted' }),
    ]);
  });

  it('B3: bytes that are no text at all are passed on, end in an error, and do no harm', async () => {
    const bytes = Buffer.from(Array.from({ length: 4096 }, (_, index) => (index * 73) % 256));
    backend.play((socket) => socket.write(STREAM_HEAD, () => socket.end(bytes)));
    const answer = await bench.stream(model);
    expect((await answer.rest()).endsWith('"code":"upstream_error"}}\n\n')).toBe(true);
    const rows = await bench.rows(idOf(answer));
    expect(rows).toEqual([expect.objectContaining({ status: 502, completion_tokens: 0 })]);
  });

  it('B3: events after [DONE] change nothing of the bill, and the client gets none of them', async () => {
    backend.play((socket) => {
      socket.write(STREAM_HEAD + chunk('one') + usageChunk(7, 1) + DONE, () =>
        setTimeout(() => socket.end(': bye\n\n' + chunk('late') + usageChunk(1000, 1000)), 100),
      );
    });
    const answer = await bench.stream(model);
    expect(await answer.rest()).toBe(chunk('one') + DONE + ': bye\n\n');
    const rows = await bench.rows(idOf(answer));
    expect(rows).toEqual([expect.objectContaining({ status: 200, prompt_tokens: 7, completion_tokens: 1 })]);
    await requireNothingLeft(8);
  });

  it('B3: events after [DONE] are cut off also when they come in one piece with it', async () => {
    const answered = chunk('one') + usageChunk(7, 1) + DONE;
    backend.play((socket) => void socket.end(STREAM_HEAD + answered + ': bye\n\n' + chunk('late') + chunk('later')));
    const answer = await bench.stream(model);
    expect(await answer.rest()).toBe(chunk('one') + DONE + ': bye\n\n');
    const rows = await bench.rows(idOf(answer));
    expect(rows).toEqual([expect.objectContaining({ status: 200, prompt_tokens: 7, completion_tokens: 1 })]);
    await requireNothingLeft(8);
  });

  it('B3: a page in the place of an answer is a 502, and nothing of it is passed on', async () => {
    const page = 'HTTP/1.1 200 OK\r\ncontent-type: text/html; charset=utf-8\r\n\r\n<h1>Sign in at secret.internal</h1>';
    backend.play((socket) => void socket.write(page));
    for (const fields of [{ stream: true }, {}]) {
      const answer = await bench.ask(model, fields);
      expect([answer.status, errorOf(answer).code]).toEqual([502, 'upstream_error']);
      expect(answer.text).not.toContain('secret');
      const rows = await bench.rows(answer.headers.get('x-request-id'));
      expect(rows).toEqual([expect.objectContaining({ status: 502, prompt_tokens: 0, completion_tokens: 0 })]);
    }
    await requireNothingLeft(0);
  });
});

describe('B3: a stream that the backend ends with an error of its own', () => {
  const openai = 'data: {"error":{"message":"CUDA out of memory","type":"server_error"}}\n\n';
  const anthropic =
    'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}\n\n';
  it.each<[string, string, string]>([
    ['and no end', openai, ''],
    ['and [DONE]', openai, DONE],
    ['without its last line end', openai.trimEnd(), '\n\n'],
    ['among other fields', 'data: {"id":"c","error":{"code":502,"message":"gone"},"choices":[]}\n\n', DONE],
    ['as older servers say it', 'data: {"object":"error","message":"gone","code":500}\n\n', DONE],
    ['by its type alone', 'data: {"type":"response.failed","response":{"error":{"code":"server_error"}}}\n\n', ''],
    ['as Anthropic says it', anthropic, ''],
    ['as OpenAI’s responses say it', 'event: response.failed\ndata: {"type":"response.failed"}\n\n', ''],
  ])('B3: has broken off, and the client is told once: %s', async (_how, error, end) => {
    const sent = end === '\n\n' ? error : error + end;
    backend.play((socket) => void socket.end(STREAM_HEAD + chunk('one') + chunk('two') + sent));
    const answer = await bench.stream(model);
    expect(await answer.rest()).toBe(chunk('one') + chunk('two') + error + end);
    const rows = await bench.rows(idOf(answer));
    expect(rows).toEqual([expect.objectContaining({ status: 502, completion_tokens: 2, count_source: 'counted' })]);
    await requireNothingLeft(usedBy(rows[0]));
    expect((await bench.health(model))?.lastError).toBe('answer');
  });

  it('B3: is not waited for any longer, and the backend is blamed', async () => {
    backend.play((socket) => void socket.write(STREAM_HEAD + chunk('one') + openai));
    const answer = await bench.stream(model);
    expect(await answer.rest()).toBe(chunk('one') + openai);
    expect((await bench.health(model))?.lastError).toBe('answer');
    expect(await bench.rows(idOf(answer))).toEqual([expect.objectContaining({ status: 502, completion_tokens: 1 })]);
    await requireNothingLeft(usedBy((await bench.rows(idOf(answer)))[0]));
  });

  it.each(['null', '""'])('B3: is not one whose events say that there is no error: %s', async (none) => {
    const events = `data: {"error":${none},"choices":[{"delta":{"content":"one"}}]}\n\n`;
    backend.play((socket) => void socket.end(STREAM_HEAD + events + DONE));
    const answer = await bench.stream(model);
    expect(await answer.rest()).toBe(events + DONE);
    expect(await bench.rows(idOf(answer))).toEqual([expect.objectContaining({ status: 200, completion_tokens: 1 })]);
  });
});

/** Writes the same for ever, as fast as it is taken, until the connection is closed. */
function forEver(head: string, more: string): Script {
  return (socket) => {
    socket.write(head);
    const write = () => {
      while (!socket.destroyed && socket.write(more));
    };
    socket.on('drain', write);
    write();
  };
}

describe('B3: a stream that does not say that it is one', () => {
  it.each([
    ['no type', []],
    ['the type of JSON', ['content-type: application/json']],
    ['the type of text', ['content-type: text/plain']],
  ])('B3: is passed on as it comes, and metered: %s', async (_what, lines) => {
    const head = ['HTTP/1.1 200 OK', ...lines].join('\r\n');
    let end: (() => void) | undefined;
    backend.play((socket) => {
      socket.write(`${head}\r\n\r\n${chunk('one')}`);
      end = () => void socket.end(chunk('two') + usageChunk(7, 2) + DONE);
    });
    const answer = await bench.stream(model);
    expect(await answer.nextFrame()).toBe(chunk('one'));
    expect(answer.message.headers['content-type']).toBe('text/event-stream');
    end?.();
    expect(await answer.rest()).toBe(chunk('two') + DONE);
    expect(await bench.rows(idOf(answer))).toEqual([
      expect.objectContaining({ status: 200, prompt_tokens: 7, completion_tokens: 2, count_source: 'upstream' }),
    ]);
    backend.play((socket) => void socket.end(`${head}\r\n\r\n${chunk('one')}`));
    const cut = await bench.stream(model);
    expect(await cut.rest()).toMatch(/"code":"upstream_error"\}\}\n\n$/);
    expect(await bench.rows(idOf(cut))).toEqual([expect.objectContaining({ status: 502, completion_tokens: 1 })]);
  });

  it('B3: is none where a server answers whole though a stream was asked for', async () => {
    backend.play((socket) => void socket.write(wireAnswer(completion('well'))));
    const answer = await bench.stream(model);
    expect(await answer.rest()).toBe(completion('well'));
    expect(await bench.rows(idOf(answer))).toEqual([expect.objectContaining({ status: 200, completion_tokens: 2 })]);
  });
});

describe('B4: one event without end', () => {
  it.each([
    ['a line', STREAM_HEAD, 'x'.repeat(65_536)],
    ['an event of many lines', STREAM_HEAD, `data: ${'x'.repeat(60)}\n`.repeat(1000)],
  ])('B4: is cut off after 16 MiB, and the backend stopped: %s', async (_what, head, more) => {
    backend.play(forEver(head, more));
    const answer = await bench.stream(model);
    expect(await answer.rest()).toMatch(/^data: \{"error":\{.*"code":"upstream_error"\}\}\n\n$/);
    await requireNothingLeft(0);
    // What fits into the buffers of two sockets, and the 16 MiB.
    expect(backend.taken).toBeLessThan(32_000_000);
    expect(await bench.rows(idOf(answer))).toEqual([expect.objectContaining({ status: 502, completion_tokens: 0 })]);
  });

  it('B4: that has an end is passed on and metered as any other, also with a whole image in it', async () => {
    const image = { type: 'image_url', image_url: { url: `data:image/png;base64,${'iVBORw0K'.repeat(1_000_000)}` } };
    const text = chunk('here', { images: [image], usage: { prompt_tokens: 3, completion_tokens: 900 } }) + DONE;
    backend.play((socket) => void socket.end(STREAM_HEAD + text));
    const answer = await bench.stream(model);
    expect((await answer.rest()) === text).toBe(true);
    const [row] = await bench.rows(idOf(answer));
    expect(row).toMatchObject({ status: 200, prompt_tokens: 3, completion_tokens: 900, count_source: 'upstream' });
    await requireNothingLeft(usedBy(row));
  });

  it('B4: of an answer that nobody gets little is read', async () => {
    backend.play(forEver('HTTP/1.1 500 Oops\r\ncontent-type: application/json\r\n\r\n', ' '.repeat(65_536)));
    expect((await bench.ask(model)).status).toBe(502);
    await requireNothingLeft(0);
    expect(backend.taken).toBeLessThan(16_000_000);
  });
});

describe('B5: a backend that never ends', () => {
  it.each([
    ['the largest answer that was asked for', { max_tokens: 20 }, 5000],
    ['the largest answer of the model, where none was asked for', {}, 10_000],
  ])('B5: is stopped soon after %s, and billed for what was seen', async (_what, fields, most) => {
    backend.play(forEver(STREAM_HEAD, chunk('again')));
    const answer = await bench.stream(model, fields);
    const text = await answer.rest();
    expect(text).toMatch(/"code":"upstream_error"\}\}\n\n$/);
    expect(text).not.toContain('[DONE]');
    const rows = await bench.rows(idOf(answer));
    expect(rows).toEqual([expect.objectContaining({ status: 502, count_source: 'counted' })]);
    expect(Number(rows[0]?.['completion_tokens'])).toBeLessThan(most);
    await requireNothingLeft(usedBy(rows[0]));
  });

  it('B5: and says nothing is stopped when the total time is over', async () => {
    backend.play((socket) => {
      socket.write(STREAM_HEAD);
      const timer = setInterval(() => socket.write(': still here\n\n'), 100);
      socket.once('close', () => clearInterval(timer));
    });
    const answer = await bench.stream(model);
    expect(await answer.rest()).toMatch(/"code":"upstream_timeout"\}\}\n\n$/);
    expect(await bench.rows(idOf(answer))).toEqual([expect.objectContaining({ status: 502, completion_tokens: 0 })]);
    await requireNothingLeft(0);
  });
});

describe('B6: a backend that takes its time', () => {
  const dribble =
    (text: string, milliseconds: number): Script =>
    (socket) => {
      let at = 0;
      const timer = setInterval(() => socket.write(text[(at += 1) - 1] ?? ' '), milliseconds);
      socket.once('close', () => clearInterval(timer));
    };

  it('B6: has one limit for the whole head of its answer, however it dribbles', async () => {
    backend.play(dribble(`HTTP/1.1 200 OK\r\nx-slow: ${'x'.repeat(1000)}`, 100));
    const answer = await bench.ask(model);
    expect([answer.status, errorOf(answer).code]).toEqual([504, 'upstream_timeout']);
    await requireNothingLeft(0);
  });

  it('B6: has one limit for the whole answer, though a byte comes now and then', async () => {
    backend.play((socket, request) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100000\r\n\r\n');
      dribble('{"id":', 200)(socket, request);
    });
    const answer = await bench.ask(model);
    expect([answer.status, errorOf(answer).code]).toEqual([504, 'upstream_timeout']);
    expect(await bench.rows(answer.headers.get('x-request-id'))).toHaveLength(1);
    await requireNothingLeft(0);
  });

  it('B6: has a limit for the connection, also where only TLS is silent', async () => {
    const silent = `${model}-tls`;
    // The bytes of a TLS greeting are no HTTP request, so nobody answers them.
    await bench.maas.addModel(silent, backend.url.replace('http:', 'https:'));
    const answer = await bench.ask(silent);
    expect([answer.status, errorOf(answer).code]).toEqual([503, 'upstream_unavailable']);
    expect((await bench.health(silent))?.lastError).toBe('connect');
    await bench.maas.admin(`/models/${silent}`, { method: 'DELETE' });
    await requireNothingLeft(0);
  });
});

describe('B7: a backend that is gone without a word', () => {
  it('B7: in the middle of a stream is given up when the idle time is over, blamed, and its connection destroyed', async () => {
    backend.play((socket) => {
      socket.write(STREAM_HEAD + chunk('one'));
      // As after a pulled cable: nothing is read any more, nothing is said, and no FIN comes.
      socket.pause();
    });
    const answer = await bench.stream(model);
    expect(await answer.nextFrame()).toBe(chunk('one'));
    expect(await answer.rest()).toMatch(/"code":"upstream_timeout"\}\}\n\n$/);
    expect((await bench.health(model))?.lastError).toBe('timeout');
    await eventually(async () => (await bench.health(model))?.outstanding === 0, 'nothing is under way');
    const rows = await bench.rows(idOf(answer));
    expect(rows).toEqual([expect.objectContaining({ status: 502, completion_tokens: 1 })]);
    expect(await bench.remaining(model)).toBe(BUDGET - usedBy(rows[0]));
    // The next one gets a connection of its own.
    backend.play((socket) => void socket.write(wireAnswer(completion('well'))));
    expect((await bench.ask(model)).status).toBe(200);
    expect(backend.connections).toBe(2);
  });

  it('B7: before its answer is a 504, and after five the breaker keeps requests away', async () => {
    backend.play((socket) => void socket.pause());
    const statuses = await Promise.all(Array.from({ length: 5 }, async () => (await bench.ask(model)).status));
    expect(statuses).toEqual([504, 504, 504, 504, 504]);
    expect(await bench.health(model)).toMatchObject({ state: 'open', lastError: 'timeout', outstanding: 0 });
    expect((await bench.ask(model)).status).toBe(503);
    expect(backend.requests).toHaveLength(5);
    expect(await bench.remaining(model)).toBe(BUDGET);
  });
});
