import type { ServerResponse } from 'node:http';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { AnswerRelay } from '../src/proxy/answer-relay.js';
import { ProxyService } from '../src/proxy/proxy.service.js';
import { answerWith, type FakeBackend } from './backends-fake.js';
import { answerBriefly } from './fake-model.js';
import { chat } from './harness.js';
import { SeveralBackends, TOKENS } from './several-backends.js';
import { chunk, DONE, eventually, openAnswer, usageChunk } from './streams.js';

const COMMENT = ': keep-alive\n\n';

let many: SeveralBackends;
let backend: FakeBackend;
let other: FakeBackend;

beforeAll(async () => {
  many = await SeveralBackends.start({
    STREAM_KEEPALIVE_INTERVAL: '200ms',
    // Far beyond what a busy machine takes: nothing here is about them.
    UPSTREAM_FIRST_BYTE_TIMEOUT: '60s',
    UPSTREAM_IDLE_TIMEOUT: '60s',
    UPSTREAM_TOTAL_TIMEOUT: '120s',
  });
});
afterAll(() => many.stop());
beforeEach(async () => {
  [backend, other] = await many.begin();
});
afterEach(() => many.end());

/** A backend that says nothing until it is told what. */
function waitToBeTold(of: FakeBackend): () => Promise<ServerResponse> {
  let waiting: ServerResponse | undefined;
  of.behave((_request, response) => void (waiting = response));
  return async () => {
    await eventually(() => waiting !== undefined, 'the backend is asked');
    return waiting as ServerResponse;
  };
}

const shown = (text: string) => text.replaceAll(COMMENT, '');

describe('a stream that has begun and is quiet', () => {
  it('gets comments between its events, which no reader takes for one, and none after its end', async () => {
    const asked = waitToBeTold(backend);
    await many.serve(backend);
    const opened = many.open();
    const send = await asked();
    send.writeHead(200, { 'content-type': 'text/event-stream' });
    send.write(chunk('one').slice(0, -1));
    const answer = await opened;
    expect(await answer.nextFrame()).toBe(COMMENT);
    send.write('\n');
    let frame = await answer.nextFrame();
    while (frame === COMMENT) frame = await answer.nextFrame();
    expect(frame).toBe(chunk('one'));
    expect(await answer.nextFrame()).toBe(COMMENT);
    send.end(DONE);
    expect(shown(await answer.rest())).toBe(DONE);
  });

  it.each([
    [3, 0],
    [4, 1],
    [7, 1],
    [8, 2],
  ])(
    'is never quiet for the whole interval: in %i quarters of it there are %i comments',
    async (quarters, comments) => {
      const { keepAlive } = AnswerRelay.prototype;
      let byQuarter: (() => void) | undefined;
      const looks = jest.spyOn(AnswerRelay.prototype, 'keepAlive').mockImplementation(function (
        this: AnswerRelay,
        turns,
      ) {
        byQuarter = () => keepAlive.call(this, turns);
      });
      try {
        const asked = waitToBeTold(backend);
        await many.serve(backend);
        const opened = many.open();
        const send = await asked();
        send.writeHead(200, { 'content-type': 'text/event-stream' });
        send.write(chunk('one'));
        const answer = await opened;
        expect(await answer.nextFrame()).toBe(chunk('one'));
        await eventually(() => byQuarter !== undefined, 'it is looked at');
        for (let quarter = 0; quarter < quarters; quarter += 1) byQuarter?.();
        send.end(DONE);
        expect(await answer.rest()).toBe(COMMENT.repeat(comments) + DONE);
      } finally {
        looks.mockRestore();
      }
    },
  );
});

describe('a stream that has not begun', () => {
  it('gets comments too, and then all of itself; it is counted as any other', async () => {
    const asked = waitToBeTold(backend);
    await many.serve(backend);
    const answer = await many.open();
    expect(answer.message.statusCode).toBe(200);
    expect(answer.message.headers['content-type']).toBe('text/event-stream');
    expect(Number(answer.message.headers['x-ratelimit-limit-tokens'])).toBe(TOKENS);
    expect([await answer.nextFrame(), await answer.nextFrame()]).toEqual([COMMENT, COMMENT]);
    const send = await asked();
    send.writeHead(200, { 'content-type': 'text/event-stream' });
    send.end(chunk('one') + usageChunk(3, 1) + DONE);
    expect(shown(await answer.rest())).toBe(chunk('one') + DONE);
    expect(await many.rowsOf(String(answer.message.headers['x-request-id']))).toEqual([
      expect.objectContaining({ status: 200, prompt_tokens: 3, completion_tokens: 1 }),
    ]);
  });

  it('is another backend’s where the first fails meanwhile', async () => {
    const asked = waitToBeTold(backend);
    other.behave((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end(chunk('other') + usageChunk(3, 1) + DONE);
    });
    await many.serve(backend, other);
    const answer = await many.open();
    expect(await answer.nextFrame()).toBe(COMMENT);
    (await asked()).destroy();
    expect(shown(await answer.rest())).toBe(chunk('other') + DONE);
  });

  it.each<[string, (response: ServerResponse) => void, object, number]>([
    ['closes the connection', (response) => response.destroy(), { code: 'upstream_error' }, 502],
    ['answers 503', (response) => response.writeHead(503).end(), { code: 'upstream_unavailable' }, 503],
    [
      'refuses the request in its own words',
      (response) => response.writeHead(400).end('{"error":{"message":"too long","code":"context_length_exceeded"}}'),
      { message: 'too long', code: 'context_length_exceeded' },
      400,
    ],
    [
      'refuses it as older servers do',
      (response) => response.writeHead(400).end('{"object":"error","message":"too long","code":40303}'),
      { message: 'too long', code: 40303 },
      400,
    ],
    [
      'refuses it by words alone',
      (response) => response.writeHead(422).end('{"error":"too long","error_type":"validation"}'),
      { message: 'too long' },
      422,
    ],
    ['refuses it without a word', (response) => response.writeHead(400).end(), { code: 'upstream_error' }, 400],
    [
      'answers without a stream',
      (response) => answerBriefly({} as never, response, {} as never),
      { code: 'upstream_error' },
      502,
    ],
  ])(
    'and whose backend %s ends with an error event, is whole, and is charged nothing',
    async (_what, act, error, status) => {
      const asked = waitToBeTold(backend);
      await many.serve(backend);
      const answer = await many.open();
      expect(await answer.nextFrame()).toBe(COMMENT);
      act(await asked());
      const text = shown(await answer.rest());
      expect(text).toMatch(/^data: \{.*\}\n\n$/);
      expect(JSON.parse(text.slice('data: '.length))).toEqual({ error: expect.objectContaining(error) as unknown });
      expect(answer.message.complete).toBe(true);
      expect(await many.rowsOf(String(answer.message.headers['x-request-id']))).toEqual([
        expect.objectContaining({ status, prompt_tokens: 0, completion_tokens: 0 }),
      ]);
      expect(await many.remaining()).toBe(String(TOKENS));
    },
  );

  it('of Anthropic’s messages is told an error as its SDK reads it', async () => {
    const asked = waitToBeTold(backend);
    await many.serve(backend);
    const body = { ...chat('hi', { model: many.model, stream: true }), max_tokens: 10 };
    const answer = await openAnswer(`${many.maas.url}/v1/messages`, many.token, body);
    expect(await answer.nextFrame()).toBe(COMMENT);
    (await asked()).writeHead(503).end();
    expect(shown(await answer.rest())).toMatch(/^event: error\ndata: \{"type":"error",.*"overloaded_error".*\}\n\n$/);
  });

  it('is told so when our process ends', async () => {
    const asked = waitToBeTold(backend);
    await many.serve(backend);
    const answer = await many.open();
    expect(await answer.nextFrame()).toBe(COMMENT);
    await asked();
    many.maas.nest.get(ProxyService).interrupt();
    expect(shown(await answer.rest())).toMatch(/^data: \{"error":\{.*"code":"service_unavailable"\}\}\n\n$/);
    expect(await many.rowsOf(String(answer.message.headers['x-request-id']))).toEqual([
      expect.objectContaining({ status: 503, prompt_tokens: 0, completion_tokens: 0 }),
    ]);
  });

  it('ends with its client', async () => {
    const asked = waitToBeTold(backend);
    await many.serve(backend);
    const answer = await many.open();
    expect(await answer.nextFrame()).toBe(COMMENT);
    const send = await asked();
    let isClosed = false;
    send.once('close', () => (isClosed = true));
    answer.abandon();
    await eventually(() => isClosed, 'the backend sees the end');
    const id = String(answer.message.headers['x-request-id']);
    await eventually(async () => (await many.rowsOf(id)).length === 1, 'the row is there');
    expect(await many.rowsOf(id)).toEqual([expect.objectContaining({ status: 499 })]);
  });
});

it('comes to no answer that is not to be a stream, however long that takes', async () => {
  const asked = waitToBeTold(backend);
  await many.serve(backend);
  const answering = many.ask();
  const send = await asked();
  const stream = await many.open();
  expect([await stream.nextFrame(), await stream.nextFrame()]).toEqual([COMMENT, COMMENT]);
  answerWith(400)({} as never, send, {} as never);
  expect((await answering).status).toBe(400);
  stream.abandon();
});
