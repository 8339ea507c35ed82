import type { ServerResponse } from 'node:http';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Backend, Model, ModelList } from '@maas/contracts/models';
import pg from 'pg';
import { BackendProber } from '../src/proxy/backend-prober.service.js';
import { answerProbe, answerWith, die, type FakeBackend, fallSilent, startFakeBackend } from './backends-fake.js';
import { answerBriefly, type Behaviour } from './fake-model.js';
import { type Answer, chat, errorOf, type Harness, startHarness } from './harness.js';
import { chunk, DONE, eventually, openAnswer, usageChunk } from './streams.js';

const TOKENS = 1_000_000;
let maas: Harness;
let database: pg.Client;
let token: string;
let prober: BackendProber;
let backends: FakeBackend[];
let first: FakeBackend;
let second: FakeBackend;
let model = '';
let made = 0;

beforeAll(async () => {
  // The tests ask for the probes themselves.
  const timer = jest.spyOn(BackendProber.prototype, 'onApplicationBootstrap').mockReturnValue();
  maas = await startHarness({
    UPSTREAM_FIRST_BYTE_TIMEOUT: '600ms',
    UPSTREAM_IDLE_TIMEOUT: '600ms',
    UPSTREAM_TOTAL_TIMEOUT: '1500ms',
    UPSTREAM_CONNECT_TIMEOUT: '500ms',
  });
  timer.mockRestore();
  prober = maas.nest.get(BackendProber);
  const limits = { requestsPerMinute: null, tokensPerMinute: TOKENS, maxConcurrentRequests: null };
  await maas.admin('/tiers/enterprise', { method: 'PATCH', body: limits });
  token = await maas.accessToken('enterprise');
  database = new pg.Client({ connectionString: maas.databaseUrl });
  await database.connect();
});
afterAll(async () => {
  await database.end();
  await maas.stop();
});
beforeEach(async () => {
  maas.clock.turn(60_000);
  first = await startFakeBackend();
  second = await startFakeBackend();
  backends = [first, second, await startFakeBackend()];
  // Of those that are as good the first is chosen.
  jest.spyOn(Math, 'random').mockReturnValue(0);
});
afterEach(async () => {
  jest.restoreAllMocks();
  await maas.admin(`/models/${model}`, { method: 'DELETE' });
  for (const backend of backends) await backend.goAway();
});

/** Registers a model of the test's own. */
async function serve(...by: FakeBackend[]): Promise<void> {
  model = `many-${(made += 1)}`;
  await maas.addModel(model, first.url, { maxOutputTokens: 1000, backends: by.map(({ url }) => ({ url })) });
}

const ask = (fields: object = {}) =>
  maas.call('/v1/chat/completions', { token, body: chat('hi', { model, ...fields }) });
const open = () => openAnswer(`${maas.url}/v1/chat/completions`, token, chat('hi', { model, stream: true }));
const seen = () => backends.map((backend) => backend.seen.length);
const shown = async () => (await maas.admin<Model>(`/models/${model}`)).body;
const health = async () => (await shown()).backends.map((backend) => backend.health);
const list = async () => (await maas.call<ModelList>('/v1/models', { token })).body.data;
const isListedReady = async () => (await list()).find(({ id }) => id === model)?.ready;
const remaining = async () =>
  (await maas.call(`/${model}/v1/chat/completions`, { token, method: 'HEAD' })).headers.get(
    'x-ratelimit-remaining-tokens',
  );

/** Asks until the breaker has what it takes. */
async function askOften(times: number): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (let turn = 0; turn < times; turn += 1) answers.push(await ask());
  return answers;
}

async function rowsOf(requestId: string | null | undefined) {
  await maas.flushUsage();
  const { rows } = await database.query('SELECT * FROM usage_event WHERE id = $1', [requestId]);
  return rows as Record<string, unknown>[];
}

describe('a backend that fails before its answer', () => {
  it.each<[string, () => Behaviour | 'refused']>([
    ['closes the connection', () => die],
    ['is not there', () => 'refused'],
    ['answers 502', () => answerWith(502)],
    ['answers 503', () => answerWith(503)],
    ['answers 504', () => answerWith(504)],
    ['answers 429', () => answerWith(429)],
  ])('and %s is replaced by another one: one answer, one row, one charge', async (_what, failure) => {
    const behaviour = failure();
    if (behaviour === 'refused') await first.goAway();
    else first.behave(behaviour);
    await serve(first, second);
    const answer = await ask();
    expect([answer.status, seen()]).toEqual([200, [behaviour === 'refused' ? 0 : 1, 1, 0]]);
    const [, other] = (await shown()).backends as [Backend, Backend];
    expect(await rowsOf(answer.headers.get('x-request-id'))).toEqual([
      expect.objectContaining({ status: 200, backend_id: other.id, prompt_tokens: 5, completion_tokens: 2 }),
    ]);
    expect(answer.headers.get('x-ratelimit-remaining-tokens')).toBe(String(TOKENS - 7));
  });

  it('is replaced for a stream, too', async () => {
    first.behave(die);
    second.behave((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end(chunk('one') + usageChunk(3, 1) + DONE);
    });
    await serve(first, second);
    expect(await (await open()).rest()).toBe(chunk('one') + DONE);
  });

  it('hands over the request with the other’s name of the model and the other’s credential', async () => {
    first.behave(die);
    await serve(first);
    await maas.admin(`/models/${model}/backends`, {
      method: 'POST',
      body: { url: second.url, upstreamModel: 'theirs', credential: 'secret-of-the-second' },
    });
    expect((await ask({ seed: 7 })).status).toBe(200);
    const [request] = second.seen;
    expect(request?.headers.authorization).toBe('Bearer secret-of-the-second');
    expect(JSON.parse(request?.body ?? '')).toMatchObject({ model: 'theirs', seed: 7 });
    expect(first.seen[0]?.headers.authorization).toBeUndefined();
  });

  it('is replaced at most twice', async () => {
    const fourth = await startFakeBackend();
    backends.push(fourth);
    for (const backend of backends) backend.behave(answerWith(503));
    await serve(...backends);
    const answer = await ask();
    expect([answer.status, seen()]).toEqual([503, [1, 1, 1, 0]]);
    expect(await rowsOf(answer.headers.get('x-request-id'))).toHaveLength(1);
    expect(await remaining()).toBe(String(TOKENS));
  });

  it('is replaced only once when it may have executed the request', async () => {
    for (const backend of backends) backend.behave(die);
    await serve(...backends);
    expect([(await ask()).status, seen()]).toEqual([502, [1, 1, 0]]);
  });

  it('is not replaced when it may still be executing it', async () => {
    first.behave(fallSilent);
    await serve(first, second);
    const answer = await ask();
    expect([answer.status, errorOf(answer).code, seen()]).toEqual([504, 'upstream_timeout', [1, 0, 0]]);
  });

  it('is not replaced for a 500: another one would fail at the same request', async () => {
    first.behave(answerWith(500));
    await serve(first, second);
    expect([(await ask()).status, seen()]).toEqual([502, [1, 0, 0]]);
  });

  it('passes its 429 on when there is no other', async () => {
    first.behave(answerWith(429, { 'retry-after': '9' }));
    await serve(first);
    const answer = await ask();
    expect([answer.status, answer.headers.get('retry-after'), seen()]).toEqual([429, '9', [1, 0, 0]]);
  });

  it('gets the request again when it only had closed a connection as idle', async () => {
    await serve(first);
    expect((await ask()).status).toBe(200);
    first.behave((request, response, message) => {
      first.behave(answerBriefly);
      die(request, response, message);
    });
    expect([(await ask()).status, seen()]).toEqual([200, [3, 0, 0]]);
  });
});

describe('once an answer has begun', () => {
  it('no other backend is tried, and the client is told that it broke off', async () => {
    first.behave((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(chunk('one'));
      setTimeout(() => response.destroy(), 20);
    });
    await serve(first, second);
    const text = await (await open()).rest();
    expect(text.startsWith(chunk('one'))).toBe(true);
    expect(text).toContain('"code":"upstream_error"');
    expect(text).not.toContain('[DONE]');
    expect(seen()).toEqual([1, 0, 0]);
  });

  it('no other backend is tried either for one that is held: it was paid for', async () => {
    first.behave((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' });
      response.write('{"id":');
      setTimeout(() => response.destroy(), 20);
    });
    await serve(first, second);
    expect([(await ask()).status, seen()]).toEqual([502, [1, 0, 0]]);
  });
});

describe('a request that is tried again', () => {
  it('ends with its client: nothing more is tried, and the row says so', async () => {
    first.behave(die);
    let closed = false;
    second.behave((_request, response) => void response.once('close', () => (closed = true)));
    await serve(...backends);
    const controller = new AbortController();
    const asked = fetch(`${maas.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: JSON.stringify(chat('hi', { model })),
      signal: controller.signal,
    }).catch(() => undefined);
    await eventually(() => second.seen.length === 1, 'the second has the request');
    controller.abort();
    await asked;
    await eventually(() => closed, 'the second sees the end');
    expect(seen()).toEqual([1, 1, 0]);
    const id = String(second.seen[0]?.headers['x-request-id']);
    await eventually(async () => (await rowsOf(id)).length === 1, 'the row is there');
    const [, other] = (await shown()).backends as [Backend, Backend];
    expect(await rowsOf(id)).toEqual([expect.objectContaining({ status: 499, backend_id: other.id })]);
    expect(await remaining()).toBe(String(TOKENS));
    expect((await health()).map(({ outstanding }) => outstanding)).toEqual([0, 0, 0]);
  });

  it('has no more time than any other', async () => {
    const late: Behaviour = (request, response, message) => void setTimeout(() => die(request, response, message), 500);
    first.behave(late);
    second.behave((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const timer = setInterval(() => response.write(chunk('again')), 50);
      response.once('close', () => clearInterval(timer));
    });
    await serve(first, second);
    const began = performance.now();
    expect(await (await open()).rest()).toContain('"code":"upstream_timeout"');
    expect(performance.now() - began).toBeLessThan(1900);
  });

  it('is one of a few: a total outage does not multiply the load', async () => {
    const requests = 60;
    const waiting: ServerResponse[] = [];
    for (const backend of backends) backend.behave((_request, response) => void waiting.push(response));
    await serve(...backends);
    const answers = Array.from({ length: requests }, () => ask());
    await eventually(() => waiting.length === requests, 'all are under way');
    for (const response of waiting.splice(0)) response.destroy();
    await eventually(() => waiting.length > 0, 'some are tried again');
    for (const backend of backends) backend.behave(die);
    for (const response of waiting) response.destroy();
    const statuses = (await Promise.all(answers)).map(({ status }) => status);
    expect(statuses).toEqual(statuses.map(() => 502));
    const attempts = seen().reduce((sum, count) => sum + count);
    expect(attempts).toBeGreaterThan(requests);
    expect(attempts).toBeLessThanOrEqual(requests * 1.2 + 3);
    // And then none at all.
    expect((await askOften(20)).map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 503));
    expect(seen().reduce((sum, count) => sum + count)).toBe(attempts);
    expect((await health()).map(({ outstanding }) => outstanding)).toEqual([0, 0, 0]);
  });
});

describe('when all backends are gone', () => {
  it('answers 503 at once, with the truth about when to come back, and without a row or a charge', async () => {
    await first.goAway();
    await second.goAway();
    await serve(first, second);
    expect((await askOften(5)).every(({ status }) => status === 503)).toBe(true);
    expect((await health()).map(({ state, lastError }) => [state, lastError])).toEqual([
      ['open', 'connect'],
      ['open', 'connect'],
    ]);
    maas.clock.turn(300);
    const answer = await ask();
    expect([answer.status, errorOf(answer).code]).toEqual([503, 'upstream_unavailable']);
    expect([answer.headers.get('retry-after'), answer.headers.get('retry-after-ms')]).toEqual(['1', '700']);
    expect(await rowsOf(answer.headers.get('x-request-id'))).toEqual([]);
    expect(await remaining()).toBe(String(TOKENS));
  });

  it('lets in who waited that long, one at a time, and everybody once one is answered', async () => {
    first.behave(die);
    await serve(first);
    await askOften(5);
    expect((await ask()).headers.get('retry-after-ms')).toBe('1000');
    maas.clock.turn(1000);
    expect((await health())[0]).toMatchObject({ state: 'half-open', lastError: 'reset' });
    let answerTrial: (() => void) | undefined;
    first.behave((...exchange) => void (answerTrial = () => answerBriefly(...exchange)));
    const tried = ask();
    await eventually(() => answerTrial !== undefined, 'the trial is under way');
    const refused = await ask();
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1']);
    first.behave(answerBriefly);
    answerTrial?.();
    expect((await tried).status).toBe(200);
    expect((await askOften(3)).map(({ status }) => status)).toEqual([200, 200, 200]);
    expect((await health())[0]).toEqual({ state: 'closed', since: expect.any(String), outstanding: 0 });
  });

  it('waits longer after each trial that fails', async () => {
    first.behave(die);
    await serve(first);
    await askOften(5);
    for (const seconds of [1, 2, 4, 8, 16, 30, 30]) {
      expect((await ask()).headers.get('retry-after')).toBe(String(seconds));
      maas.clock.turn(seconds * 1000);
      expect((await ask()).status).toBe(502);
    }
  });

  it('finds out by a probe that one is back', async () => {
    await first.goAway();
    await serve(first);
    await askOften(5);
    maas.clock.turn(1000);
    await prober.probeDue();
    expect((await ask()).headers.get('retry-after')).toBe('2');
    await first.comeBack();
    maas.clock.turn(2000);
    await prober.probeDue();
    expect((await health())[0]).toMatchObject({ state: 'closed' });
    expect((await ask()).status).toBe(200);
  });
});

describe('a backend that asks to be left alone', () => {
  it.each([
    ['20', 20_000],
    ['1000000000', 60_000],
    ['0', 1000],
    ['nonsense', 1000],
  ])('by a 429 with retry-after %s gets nothing for %i ms', async (retryAfter, milliseconds) => {
    first.behave(answerWith(429, { 'retry-after': retryAfter }));
    await serve(first, second);
    expect((await askOften(3)).map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(seen()).toEqual([1, 3, 0]);
    expect((await health())[0]).toMatchObject({ state: 'open', lastError: 'status 429' });
    first.behave(answerBriefly);
    maas.clock.turn(milliseconds - 1);
    await ask();
    expect(seen()).toEqual([1, 4, 0]);
    maas.clock.turn(1);
    await ask();
    expect(seen()).toEqual([2, 4, 0]);
  });

  it('by an HTTP date gets nothing until then', async () => {
    const date = new Date(Math.ceil(maas.clock.now() / 1000) * 1000 + 30_000).toUTCString();
    first.behave(answerWith(503, { 'retry-after': date }));
    await serve(first);
    expect((await ask()).status).toBe(503);
    first.behave(answerBriefly);
    maas.clock.turn(29_900);
    expect((await ask()).status).toBe(503);
    maas.clock.turn(1200);
    expect((await ask()).status).toBe(200);
  });

  it('and is the only one makes clients wait, not fail at it', async () => {
    first.behave(answerWith(429, { 'retry-after': '20' }));
    await serve(first);
    expect((await ask()).status).toBe(429);
    maas.clock.turn(5000);
    const answer = await ask();
    expect([answer.status, errorOf(answer).code, answer.headers.get('retry-after')]).toEqual([
      503,
      'upstream_unavailable',
      '15',
    ]);
    expect([seen(), await isListedReady()]).toEqual([[1, 0, 0], false]);
    maas.clock.turn(15_000);
    expect(await isListedReady()).toBe(true);
  });
});

describe('a backend that fails more often than not', () => {
  const sometimes = (good: Behaviour): Behaviour => {
    let turn = 0;
    return (...exchange) => ((turn += 1) % 3 === 0 ? good : answerWith(500))(...exchange);
  };

  it('is set aside while another one is there, and serves when it is the last', async () => {
    first.behave(sometimes(answerBriefly));
    await serve(first, second);
    await askOften(21);
    const before = first.seen.length;
    expect((await health())[0]).toMatchObject({ state: 'open', lastError: 'status 500' });
    expect((await askOften(3)).map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(first.seen.length).toBe(before);
    await second.goAway();
    first.behave(answerBriefly);
    expect((await askOften(6)).map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200]);
    expect(await isListedReady()).toBe(true);
  });

  it('is never set aside for that when it is the only one', async () => {
    first.behave(sometimes(answerBriefly));
    await serve(first);
    const answers = await askOften(45);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(15);
    expect(seen()).toEqual([45, 0, 0]);
  });
});

describe('the list of models', () => {
  it('says who is ready, those first, and follows without anybody asking for it', async () => {
    await first.goAway();
    await serve(first);
    const before = (await list()).map(({ id }) => id);
    expect(before.at(-1)).not.toBe(model);
    expect(await isListedReady()).toBe(true);
    await askOften(5);
    expect((await list()).map(({ id }) => id)).toEqual([...before.filter((id) => id !== model), model]);
    expect([await isListedReady(), (await shown()).ready]).toEqual([false, false]);
    // That a trial may be made is no promise that it succeeds.
    maas.clock.turn(1000);
    expect(await isListedReady()).toBe(false);
    await first.comeBack();
    await prober.probeDue();
    expect((await list()).map(({ id }) => id)).toEqual(before);
    expect([await isListedReady(), (await shown()).ready]).toEqual([true, true]);
  });

  it('says ready as long as one backend is', async () => {
    await first.goAway();
    await serve(first, second);
    await askOften(6);
    expect((await health()).map(({ state }) => state)).toEqual(['open', 'closed']);
    expect(await isListedReady()).toBe(true);
  });
});

describe('a probe', () => {
  it('goes to who was silent for 15 s, with the backend’s credential, and counts for nothing', async () => {
    await serve(second);
    await maas.admin(`/models/${model}/backends`, { method: 'POST', body: { url: first.url, credential: 'secret' } });
    let authorization: string | undefined;
    let path = '';
    first.behaveToProbes((request, response, message) => {
      ({ authorization } = request.headers);
      path = `${request.method} ${request.url}`;
      answerProbe(request, response, message);
    });
    const rows = async () =>
      (await database.query<{ count: string }>('SELECT count(*) FROM usage_event')).rows[0]?.count;
    await maas.flushUsage();
    const before = await rows();
    await prober.probeDue();
    expect(first.probes).toBe(0);
    maas.clock.turn(18_001);
    await prober.probeDue();
    await prober.probeDue();
    expect([first.probes, authorization, path]).toEqual([1, 'Bearer secret', 'GET /v1/models']);
    await maas.flushUsage();
    expect([await rows(), await remaining(), seen()]).toEqual([before, String(TOKENS), [0, 0, 0]]);
  });

  it.each([200, 401, 404, 405, 500])('that is answered %i proves that somebody is there', async (status) => {
    first.behaveToProbes(answerWith(status));
    await serve(first);
    for (let turn = 0; turn < 6; turn += 1) {
      maas.clock.turn(18_001);
      await prober.probeDue();
    }
    expect([first.probes, await isListedReady()]).toEqual([6, true]);
  });

  it('finds out that nobody is there before anybody asks', async () => {
    await first.goAway();
    await serve(first);
    for (let turn = 0; turn < 5; turn += 1) {
      expect(await isListedReady()).toBe(true);
      maas.clock.turn(18_001);
      await prober.probeDue();
    }
    expect([await isListedReady(), (await health())[0]?.lastError]).toEqual([false, 'connect']);
  });

  it('does not go to who is answering requests', async () => {
    await serve(first);
    maas.clock.turn(14_000);
    await ask();
    maas.clock.turn(11_000);
    await prober.probeDue();
    expect(first.probes).toBe(0);
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
      await serve(first, second);
      const running = await open();
      expect(await running.nextFrame()).toBe(chunk('one'));
      const [drained] = (await shown()).backends as [Backend];
      await maas.admin(`/models/${model}/backends/${drained.id}`, { method: 'PATCH', body: change });
      expect((await askOften(4)).map(({ status }) => status)).toEqual([200, 200, 200, 200]);
      expect(seen()).toEqual([1, 4, 0]);
      expect((await health()).map(({ outstanding }) => outstanding)).toEqual([1, 0]);
      stream?.end(chunk('two') + usageChunk(3, 2) + DONE);
      expect(await running.rest()).toBe(chunk('two') + DONE);
      expect((await health()).map(({ outstanding }) => outstanding)).toEqual([0, 0]);
    },
  );

  it('gets no retry either', async () => {
    let waiting: ServerResponse | undefined;
    first.behave((_request, response) => void (waiting = response));
    await serve(first, second);
    const asked = ask();
    await eventually(() => waiting !== undefined, 'the first has the request');
    const [, other] = (await shown()).backends as [Backend, Backend];
    await maas.admin(`/models/${model}/backends/${other.id}`, { method: 'PATCH', body: { enabled: false } });
    waiting?.destroy();
    expect([(await asked).status, seen()]).toEqual([502, [1, 0, 0]]);
  });
});
