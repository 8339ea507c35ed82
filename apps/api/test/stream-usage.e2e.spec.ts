import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { BUDGET, type FaultBench, idOf, startFaultBench } from './fault-bench.js';
import { type Behaviour, type FakeModel, type SeenRequest, startFakeModel } from './fake-model.js';
import { chat } from './harness.js';
import { chunk, DONE, eventually, usageChunk } from './streams.js';

let bench: FaultBench;
let backend: FakeModel;
let model: string;
let made = 0;

beforeAll(async () => {
  bench = await startFaultBench({});
});
afterAll(() => bench.stop());
beforeEach(async () => {
  bench.maas.clock.turn(60_000);
  backend = await startFakeModel();
  model = `usage-${(made += 1)}`;
  await bench.maas.addModel(model, backend.url, { maxOutputTokens: 1000 });
});
afterEach(async () => {
  await bench.maas.admin(`/models/${model}`, { method: 'DELETE' });
  await backend.close();
});

interface Body {
  stream?: boolean;
  stream_options?: { include_usage?: boolean } | null;
}
const bodyOf = ({ body }: SeenRequest) => JSON.parse(body) as Body;
const asksUsage = (request: SeenRequest) => bodyOf(request).stream_options?.include_usage === true;

/** Answers as servers do: with usage in every event and a last one of its own, to who asks for it. */
function streamOf(words: readonly string[], extra: readonly string[] = []): Behaviour {
  return (request, response) => {
    const usage = asksUsage(request) ? { usage: null } : {};
    const last = chunk('', { ...usage, choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] });
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(words.map((word) => chunk(word, usage)).join('') + extra.join('') + last);
    response.end((asksUsage(request) ? usageChunk(9, words.length) : '') + DONE);
  };
}

/** The same request, asked of the backend itself. */
async function direct(fields: object): Promise<string> {
  const body = JSON.stringify(chat('hi', { model, ...fields }));
  const answer = await fetch(`${backend.url}/chat/completions`, { method: 'POST', body });
  return answer.text();
}

describe('C2: the usage that the gateway asks for', () => {
  it.each<[string, readonly string[], readonly string[]]>([
    ['words', ['one', 'two', 'three'], []],
    ['text that looks like usage', ['"usage":null', ',"usage":{"prompt_tokens":1}', '"usage": null,'], []],
    ['text of many bytes a character', ['größe', '€', '😀', '\u2028'], []],
    ['comments and other fields', ['one'], [': ping\n\n', 'event: x\ndata: {"a":1}\n\n', 'id: 7\n\n']],
    ['nothing', [], []],
  ])(
    'C2: is not in the stream of who did not ask: byte by byte what the backend sends by itself: %s',
    async (_what, words, extra) => {
      backend.behave(streamOf(words, extra));
      const answer = await bench.stream(model);
      expect(await answer.rest()).toBe(await direct({ stream: true }));
      expect(backend.seen.map(asksUsage)).toEqual([true, false]);
      expect(await bench.rows(idOf(answer))).toEqual([
        expect.objectContaining({ prompt_tokens: 9, completion_tokens: words.length, count_source: 'upstream' }),
      ]);
    },
  );

  it.each([{ include_usage: true }, { include_usage: true, continuous_usage_stats: true }])(
    'C2: is in the stream of who asked, byte by byte: %j',
    async (options) => {
      backend.behave(streamOf(['one', 'two']));
      const fields = { stream: true, stream_options: options };
      expect(await (await bench.stream(model, fields)).rest()).toBe(await direct(fields));
      expect(backend.seen.map(bodyOf)[0]?.stream_options).toEqual(options);
    },
  );

  it('C2: is not asked for where nothing is streamed', async () => {
    expect((await bench.ask(model)).status).toBe(200);
    expect(backend.seen.map(bodyOf)[0]?.stream_options).toBeUndefined();
  });
});

describe('C3: a backend that refuses stream_options', () => {
  const refusals: [what: string, status: number, body: string][] = [
    [
      'OpenAI',
      400,
      '{"error":{"message":"Unknown parameter: \'stream_options\'.","param":"stream_options","type":"x"}}',
    ],
    ['FastAPI', 422, '{"detail":[{"type":"extra_forbidden","loc":["body","stream_options"],"msg":"Extra inputs"}]}'],
    ['Go', 400, '{"error":"json: unknown field \\"stream_options\\""}'],
    ['text', 400, 'unexpected include_usage'],
  ];
  const refusing =
    (status: number, body: string): Behaviour =>
    (request, response, message) => {
      if (!bodyOf(request).stream_options) return streamOf(['one', 'two'])(request, response, message);
      response.writeHead(status, { 'content-type': 'application/json' }).end(body);
    };

  it.each(refusals)(
    'C3: is asked again without them, once, and its usage is counted: as %s says it',
    async (_who, status, body) => {
      backend.behave(refusing(status, body));
      const answer = await bench.stream(model);
      expect([answer.message.statusCode, await answer.rest()]).toEqual([200, await direct({ stream: true })]);
      // The last one is the test's own.
      expect(backend.seen.map(asksUsage)).toEqual([true, false, false]);
      const rows = await bench.rows(idOf(answer));
      expect(rows).toEqual([
        expect.objectContaining({ status: 200, completion_tokens: 2, count_source: 'counted', streamed: true }),
      ]);
      expect(await bench.remaining(model)).toBe(BUDGET - Number(rows[0]?.['prompt_tokens']) - 2);
      expect(await bench.health(model)).toMatchObject({ state: 'closed', outstanding: 0 });
    },
  );

  it('C3: is remembered: the next streams ask for nothing, until an hour later', async () => {
    backend.behave(refusing(400, '{"error":{"param":"stream_options"}}'));
    for (let turn = 0; turn < 3; turn += 1) await (await bench.stream(model)).rest();
    expect(backend.seen.map(asksUsage)).toEqual([true, false, false, false]);
    bench.maas.clock.turn(3_600_000);
    backend.behave(streamOf(['one']));
    const answer = await bench.stream(model);
    await answer.rest();
    expect(backend.seen.map(asksUsage)).toEqual([true, false, false, false, true]);
    expect(await bench.rows(idOf(answer))).toEqual([expect.objectContaining({ count_source: 'upstream' })]);
  });

  it('C3: is told to the client where the client asked for them', async () => {
    backend.behave(refusing(400, '{"error":{"param":"stream_options"}}'));
    const answer = await bench.ask(model, { stream: true, stream_options: { include_usage: true } });
    expect([answer.status, answer.text, backend.seen.length]).toEqual([400, '{"error":{"param":"stream_options"}}', 1]);
    await (await bench.stream(model)).rest();
    expect(backend.seen.map(asksUsage)).toEqual([true, true, false]);
  });

  it.each([
    ['another field', 400, '{"error":{"message":"temperature is too high","param":"temperature"}}'],
    ['something long', 400, JSON.stringify({ error: `${'x'.repeat(200_000)}stream_options` })],
    ['nothing', 422, ''],
  ])('C3: refuses something else: that is passed on as it is, and asked once: %s', async (_what, status, body) => {
    backend.behave((_request, response) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(body);
    });
    const answer = await bench.ask(model, { stream: true });
    expect([answer.status, answer.text, backend.seen.length]).toEqual([status, body, 1]);
    const rows = await bench.rows(answer.headers.get('x-request-id'));
    expect(rows).toEqual([expect.objectContaining({ status, prompt_tokens: 0, completion_tokens: 0 })]);
    expect(await bench.remaining(model)).toBe(BUDGET);
    await bench.ask(model, { stream: true });
    expect(backend.seen.map(asksUsage)).toEqual([true, true]);
  });

  it.each<[string, object, number]>([
    ['a value that is no object', { stream_options: 'x' }, 1],
    ['a field that it does not know', { stream_options: { bogus: 1 } }, 2],
    ['a text that it repeats', { messages: [{ role: 'stream_options', content: 'hi' }] }, 2],
  ])(
    'C3: refuses what the client wrote itself: that is passed on, and what other streams ask for stays: %s',
    async (_what, fields, times) => {
      const refusal = '{"error":{"message":"stream_options is not as it should be"}}';
      backend.behave((_request, response) => void response.writeHead(400).end(refusal));
      const answer = await bench.ask(model, { stream: true, ...fields });
      expect([answer.status, answer.text, backend.seen.length]).toEqual([400, refusal, times]);
      const rows = await bench.rows(answer.headers.get('x-request-id'));
      expect(rows).toEqual([expect.objectContaining({ status: 400, prompt_tokens: 0, completion_tokens: 0 })]);
      expect(await bench.health(model)).toMatchObject({ state: 'closed', outstanding: 0 });

      backend.behave(streamOf(['one']));
      const next = await bench.stream(model);
      await next.rest();
      expect(backend.seen.slice(times).map(asksUsage)).toEqual([true]);
      expect(await bench.rows(idOf(next))).toEqual([expect.objectContaining({ count_source: 'upstream' })]);
    },
  );

  it('C3: and whose client is gone before it is asked again leaves one row and nothing held', async () => {
    let isRefusing = false;
    let isClosed = false;
    backend.behave((request, response, message) => {
      if (!bodyOf(request).stream_options) return streamOf(['one'])(request, response, message);
      response.once('close', () => (isClosed = true));
      response.writeHead(400, { 'content-type': 'application/json' });
      response.write('{"error":{"param":"stream_', () => (isRefusing = true));
    });
    const controller = new AbortController();
    const asked = fetch(`${bench.maas.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${bench.token}` },
      body: JSON.stringify(chat('hi', { model, stream: true })),
      signal: controller.signal,
    }).catch(() => undefined);
    await eventually(() => isRefusing, 'the backend refuses');
    controller.abort();
    await asked;
    await eventually(() => isClosed, 'the backend sees the end');
    await eventually(async () => (await bench.rowsOf(model)).length > 0, 'the row is there');
    expect(await bench.rowsOf(model)).toEqual([expect.objectContaining({ status: 499, completion_tokens: 0 })]);
    expect([backend.seen.length, await bench.remaining(model)]).toEqual([1, BUDGET]);
  });
});
