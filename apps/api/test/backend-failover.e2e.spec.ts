import type { ServerResponse } from 'node:http';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Backend } from '@maas/contracts/models';
import { answerWith, die, type FakeBackend, fallSilent, startFakeBackend } from './backends-fake.js';
import { answerBriefly, type Behaviour } from './fake-model.js';
import { chat, errorOf } from './harness.js';
import { SeveralBackends, TOKENS } from './several-backends.js';
import { chunk, DONE, eventually, usageChunk } from './streams.js';

let many: SeveralBackends;
let first: FakeBackend;
let second: FakeBackend;

beforeAll(async () => {
  many = await SeveralBackends.start();
});
afterAll(() => many.stop());
beforeEach(async () => {
  [first, second] = await many.begin();
});
afterEach(() => many.end());

describe('B1, B8: a backend that fails before its answer', () => {
  it.each<[string, () => Behaviour | 'refused']>([
    ['closes the connection', () => die],
    ['is not there', () => 'refused'],
    ['answers 502', () => answerWith(502)],
    ['answers 503', () => answerWith(503)],
    ['answers 504', () => answerWith(504)],
    ['answers 429', () => answerWith(429)],
    ['refuses its credential with 401', () => answerWith(401)],
    ['refuses its credential with 403', () => answerWith(403)],
  ])('and %s is replaced by another one: one answer, one row, one charge', async (_what, failure) => {
    const behaviour = failure();
    if (behaviour === 'refused') await first.goAway();
    else first.behave(behaviour);
    await many.serve(first, second);
    const answer = await many.ask();
    expect([answer.status, many.seen()]).toEqual([200, [behaviour === 'refused' ? 0 : 1, 1, 0]]);
    const [, other] = (await many.shown()).backends as [Backend, Backend];
    expect(await many.rowsOf(answer.headers.get('x-request-id'))).toEqual([
      expect.objectContaining({ status: 200, backend_id: other.id, prompt_tokens: 5, completion_tokens: 2 }),
    ]);
    expect(answer.headers.get('x-ratelimit-remaining-tokens')).toBe(String(TOKENS - 7));
  });

  it.each([401, 403])(
    'and refuses its credential with %i is seen to, and is left alone after five times',
    async (status) => {
      first.behave(answerWith(status));
      await many.serve(first, second);
      for (let time = 0; time < 12; time += 1) expect((await many.ask()).status).toBe(200);
      const [refusing] = (await many.shown()).backends as [Backend, Backend];
      expect(refusing.health).toMatchObject({ state: 'open', lastError: `status ${status}` });
      expect(first.seen).toHaveLength(5);
    },
  );

  it('is not left alone for requests that others refuse with 403, too', async () => {
    for (const each of [first, second]) each.behave(answerWith(403));
    await many.serve(first, second);
    for (let time = 0; time < 12; time += 1) expect((await many.ask()).status).toBe(502);
    const { backends } = await many.shown();
    expect(backends.map(({ health }) => health?.state)).toEqual(['closed', 'closed']);
    expect(backends.map(({ health }) => health?.lastError)).toEqual(['status 403', 'status 403']);
  });

  it('is replaced for a stream, too', async () => {
    first.behave(die);
    second.behave((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end(chunk('one') + usageChunk(3, 1) + DONE);
    });
    await many.serve(first, second);
    expect(await (await many.open()).rest()).toBe(chunk('one') + DONE);
  });

  it('hands over the request with the other’s name of the model and the other’s credential', async () => {
    first.behave(die);
    await many.serve(first);
    await many.maas.admin(`/models/${many.model}/backends`, {
      method: 'POST',
      body: { url: second.url, upstreamModel: 'theirs', credential: 'secret-of-the-second' },
    });
    expect((await many.ask({ seed: 7 })).status).toBe(200);
    const [request] = second.seen;
    expect(request?.headers.authorization).toBe('Bearer secret-of-the-second');
    expect(JSON.parse(request?.body ?? '')).toMatchObject({ model: 'theirs', seed: 7 });
    expect(first.seen[0]?.headers.authorization).toBeUndefined();
  });

  it('is replaced at most twice', async () => {
    const fourth = await startFakeBackend();
    many.backends.push(fourth);
    for (const backend of many.backends) backend.behave(answerWith(503));
    await many.serve(...many.backends);
    const answer = await many.ask();
    expect([answer.status, many.seen()]).toEqual([503, [1, 1, 1, 0]]);
    expect(await many.rowsOf(answer.headers.get('x-request-id'))).toHaveLength(1);
    expect(await many.remaining()).toBe(String(TOKENS));
  });

  it('is replaced only once when it may have executed the request', async () => {
    for (const backend of many.backends) backend.behave(die);
    await many.serve(...many.backends);
    expect([(await many.ask()).status, many.seen()]).toEqual([502, [1, 1, 0]]);
  });

  it('is not replaced when it may still be executing it', async () => {
    first.behave(fallSilent);
    await many.serve(first, second);
    const answer = await many.ask();
    expect([answer.status, errorOf(answer).code, many.seen()]).toEqual([504, 'upstream_timeout', [1, 0, 0]]);
  });

  it('is not replaced for a 500: another one would fail at the same request', async () => {
    first.behave(answerWith(500));
    await many.serve(first, second);
    expect([(await many.ask()).status, many.seen()]).toEqual([502, [1, 0, 0]]);
  });

  it('passes its 429 on when there is no other', async () => {
    first.behave(answerWith(429, { 'retry-after': '9' }));
    await many.serve(first);
    const answer = await many.ask();
    expect([answer.status, answer.headers.get('retry-after'), many.seen()]).toEqual([429, '9', [1, 0, 0]]);
  });

  it.each<[string, Behaviour]>([
    ['closing it', die],
    ['resetting it', (_request, _response, { socket }) => void socket.resetAndDestroy()],
  ])('gets the request again when it only had ended a connection as idle, %s', async (_how, end) => {
    await many.serve(first);
    expect((await many.ask()).status).toBe(200);
    first.behave((request, response, message) => {
      first.behave(answerBriefly);
      end(request, response, message);
    });
    expect([(await many.ask()).status, many.seen()]).toEqual([200, [3, 0, 0]]);
  });

  it('does not get it again when it ends a new connection, also after one that it refused', async () => {
    first.behave(die);
    await many.serve(first);
    expect([(await many.ask()).status, many.seen()]).toEqual([502, [1, 0, 0]]);
    await first.goAway();
    expect((await many.ask()).status).toBe(503);
    await first.comeBack();
    expect([(await many.ask()).status, many.seen()]).toEqual([502, [2, 0, 0]]);
  });
});

describe('B2: once an answer has begun', () => {
  it('no other backend is tried, and the client is told that it broke off', async () => {
    first.behave((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(chunk('one'));
      setTimeout(() => response.destroy(), 20);
    });
    await many.serve(first, second);
    const text = await (await many.open()).rest();
    expect(text.startsWith(chunk('one'))).toBe(true);
    expect(text).toContain('"code":"upstream_error"');
    expect(text).not.toContain('[DONE]');
    expect(many.seen()).toEqual([1, 0, 0]);
  });

  it('no other backend is tried either for one that is held: it was paid for', async () => {
    first.behave((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' });
      response.write('{"id":');
      setTimeout(() => response.destroy(), 20);
    });
    await many.serve(first, second);
    expect([(await many.ask()).status, many.seen()]).toEqual([502, [1, 0, 0]]);
  });
});

describe('B1: a request that is tried again', () => {
  it('ends with its client: nothing more is tried, and the row says so', async () => {
    first.behave(die);
    let closed = false;
    second.behave((_request, response) => void response.once('close', () => (closed = true)));
    await many.serve(...many.backends);
    const controller = new AbortController();
    const asked = fetch(`${many.maas.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${many.token}` },
      body: JSON.stringify(chat('hi', { model: many.model })),
      signal: controller.signal,
    }).catch(() => undefined);
    await eventually(() => second.seen.length === 1, 'the second has the request');
    controller.abort();
    await asked;
    await eventually(() => closed, 'the second sees the end');
    expect(many.seen()).toEqual([1, 1, 0]);
    const id = String(second.seen[0]?.headers['x-request-id']);
    await eventually(async () => (await many.rowsOf(id)).length === 1, 'the row is there');
    const [, other] = (await many.shown()).backends as [Backend, Backend];
    expect(await many.rowsOf(id)).toEqual([expect.objectContaining({ status: 499, backend_id: other.id })]);
    expect(await many.remaining()).toBe(String(TOKENS));
    expect((await many.health()).map(({ outstanding }) => outstanding)).toEqual([0, 0, 0]);
  });

  it('has no more time than is left', async () => {
    const late: Behaviour = (request, response, message) => void setTimeout(() => die(request, response, message), 500);
    first.behave(late);
    second.behave((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const timer = setInterval(() => response.write(chunk('again')), 50);
      response.once('close', () => clearInterval(timer));
    });
    await many.serve(first, second);
    expect(await (await many.open()).rest()).toContain('"code":"upstream_timeout"');
  });

  it('is one of a few: a total outage does not multiply the load', async () => {
    const requests = 60;
    const waiting: ServerResponse[] = [];
    for (const backend of many.backends) backend.behave((_request, response) => void waiting.push(response));
    await many.serve(...many.backends);
    const answers = Array.from({ length: requests }, () => many.ask());
    await eventually(() => waiting.length === requests, 'all are under way');
    for (const response of waiting.splice(0)) response.destroy();
    await eventually(() => waiting.length > 0, 'some are tried again');
    for (const backend of many.backends) backend.behave(die);
    for (const response of waiting) response.destroy();
    const statuses = (await Promise.all(answers)).map(({ status }) => status);
    expect(statuses).toEqual(statuses.map(() => 502));
    const attempts = many.seen().reduce((sum, count) => sum + count);
    expect(attempts).toBeGreaterThan(requests);
    expect(attempts).toBeLessThanOrEqual(requests * 1.2 + 3);
    // And then none at all.
    expect((await many.askOften(20)).map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 503));
    expect(many.seen().reduce((sum, count) => sum + count)).toBe(attempts);
    expect((await many.health()).map(({ outstanding }) => outstanding)).toEqual([0, 0, 0]);
  });
});

describe('a backend that is taken out', () => {
  it.each([{ enabled: false }, { weight: 0 }])(
    'by %j gets nothing new at once, and finishes what it has',
    async (change) => {
      let stream: ServerResponse | undefined;
      first.behave((_request, response) => {
        stream = response;
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write(chunk('one'));
      });
      await many.serve(first, second);
      const running = await many.open();
      expect(await running.nextFrame()).toBe(chunk('one'));
      const [drained] = (await many.shown()).backends as [Backend];
      await many.maas.admin(`/models/${many.model}/backends/${drained.id}`, { method: 'PATCH', body: change });
      expect((await many.askOften(4)).map(({ status }) => status)).toEqual([200, 200, 200, 200]);
      expect(many.seen()).toEqual([1, 4, 0]);
      expect((await many.health()).map(({ outstanding }) => outstanding)).toEqual([1, 0]);
      stream?.end(chunk('two') + usageChunk(3, 2) + DONE);
      expect(await running.rest()).toBe(chunk('two') + DONE);
      expect((await many.health()).map(({ outstanding }) => outstanding)).toEqual([0, 0]);
    },
  );

  it('gets no retry either', async () => {
    let waiting: ServerResponse | undefined;
    first.behave((_request, response) => void (waiting = response));
    await many.serve(first, second);
    const asked = many.ask();
    await eventually(() => waiting !== undefined, 'the first has the request');
    const [, other] = (await many.shown()).backends as [Backend, Backend];
    await many.maas.admin(`/models/${many.model}/backends/${other.id}`, { method: 'PATCH', body: { enabled: false } });
    waiting?.destroy();
    expect([(await asked).status, many.seen()]).toEqual([502, [1, 0, 0]]);
  });
});
