import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type FakeModel, startFakeModel } from './fake-model.js';
import { type Answer, chat, errorOf, type Harness, startHarness } from './harness.js';
import { chunk, DONE, openAnswer, usageChunk } from './streams.js';

let maas: Harness;
let backend: FakeModel;
let token: string;

beforeAll(async () => {
  maas = await startHarness();
  backend = await startFakeModel();
  await maas.addModel('fake', backend.url, { maxOutputTokens: 500 });
  token = await maas.accessToken('premium');
});
afterAll(async () => {
  await backend.close();
  await maas.stop();
});
beforeEach(() => maas.clock.turn(120_000));

const limit = (limits: object) => maas.admin('/tiers/premium', { method: 'PATCH', body: limits });
const ask = (fields: object = {}, as = token) =>
  maas.call('/v1/chat/completions', { token: as, body: chat('hi', { simulator: { tokens: 10 }, ...fields }) });

/** Runs `count` pieces of work, `width` at a time. */
async function atATime<Result>(
  count: number,
  width: number,
  work: (index: number) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  let next = 0;
  const worker = async () => {
    for (let index = next++; index < count; index = next++) results[index] = await work(index);
  };
  await Promise.all(Array.from({ length: width }, worker));
  return results;
}

const statuses = (answers: Answer[]) => Map.groupBy(answers, ({ status }) => status);

describe('requests per minute', () => {
  it('admits exactly 100 of 640 requests, 64 at a time, every time of 20', async () => {
    await limit({ requestsPerMinute: 100, tokensPerMinute: null });
    for (let time = 0; time < 20; time += 1) {
      maas.clock.turn(60_000);
      const answers = statuses(await atATime(640, 64, () => ask({ simulator: { tokens: 1 } })));
      expect([answers.get(200)?.length, answers.get(429)?.length]).toEqual([100, 540]);
    }
  });

  it('are one person’s, whatever number of tokens they mint and models they use', async () => {
    await limit({ requestsPerMinute: 4, tokensPerMinute: null });
    const others = await Promise.all([1, 2, 3, 4, 5].map(() => maas.accessToken('premium')));
    const answers = await Promise.all(others.flatMap((other) => [ask({}, other), ask({ model: 'qwen3' }, other)]));
    expect(statuses(answers).get(200)?.length).toBe(4);
    expect((await ask({}, await maas.accessToken('enterprise'))).status).toBe(200);
  });

  it('are refused in the guide’s words, saying which limit, its size and when to try again, and that is true', async () => {
    await limit({ requestsPerMinute: 2, tokensPerMinute: null });
    await ask();
    maas.clock.turn(10_000);
    await ask();
    maas.clock.turn(15_500);
    const refused = await ask();
    expect(refused.status).toBe(429);
    expect(errorOf(refused)).toEqual({
      message: 'Rate limit exceeded: your tier allows 2 requests per minute; try again in 35 s',
      type: 'rate_limit_error',
      code: 'rate_limit_exceeded',
    });
    expect(Object.fromEntries(refused.headers)).toMatchObject({
      'retry-after': '35',
      'retry-after-ms': '34500',
      'x-ratelimit-limit-requests': '2',
      'x-ratelimit-remaining-requests': '0',
      'x-ratelimit-reset-requests': '44.5s',
    });
    maas.clock.turn(34_499);
    expect((await ask()).status).toBe(429);
    maas.clock.turn(1);
    expect((await ask()).status).toBe(200);
  });

  it('are not used by listing models, by HEAD, or by what is refused before it is admitted', async () => {
    await limit({ requestsPerMinute: 1, tokensPerMinute: null });
    await maas.call('/v1/models', { token });
    await maas.call('/simulator/v1/chat/completions', { token, method: 'HEAD' });
    for (const fields of [{ model: 'nothing' }, { max_tokens: -1 }, { stream: 'yes' }]) {
      expect((await ask(fields)).status).toBeGreaterThanOrEqual(400);
    }
    expect((await ask()).headers.get('x-ratelimit-remaining-requests')).toBe('0');
  });
});

describe('tokens per minute', () => {
  it('lets 64 streams at once exceed 10,000 by one request’s worth at most', async () => {
    await limit({ requestsPerMinute: null, tokensPerMinute: 10_000 });
    const each = 400;
    backend.behave((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end(chunk('word') + usageChunk(20, each - 20) + DONE);
    });
    let used = 0;
    await atATime(256, 64, async () => {
      const answer = await openAnswer(
        `${maas.url}/v1/chat/completions`,
        token,
        chat('hi', { model: 'fake', stream: true, max_tokens: each }),
      );
      await answer.rest();
      if (answer.message.statusCode === 200) used += each;
      else expect(answer.message.statusCode).toBe(429);
    });
    // Nobody is kept out who fits: the last ones ran when all the others had settled.
    expect(used).toBeGreaterThanOrEqual(10_000);
    expect(used).toBeLessThan(10_000 + each);
  });

  it('gives back what a request did not use, and counts what it did for 60 seconds', async () => {
    await limit({ requestsPerMinute: null, tokensPerMinute: 1000 });
    const first = await ask({ max_tokens: 900 });
    const used = Number(first.headers.get('x-odhu-usage-total-tokens'));
    expect(first.headers.get('x-ratelimit-remaining-tokens')).toBe(String(1000 - used));
    maas.clock.turn(59_999);
    const later = await maas.call('/simulator/v1/chat/completions', { token, method: 'HEAD' });
    expect(later.headers.get('x-ratelimit-remaining-tokens')).toBe(String(1000 - used));
    maas.clock.turn(1);
    const free = await maas.call('/simulator/v1/chat/completions', { token, method: 'HEAD' });
    expect(free.headers.get('x-ratelimit-remaining-tokens')).toBe('1000');
  });

  it('always lets the first request of a fresh minute in, and says so in the headers of a stream', async () => {
    await limit({ requestsPerMinute: null, tokensPerMinute: 10 });
    const answer = await ask({ max_tokens: 100_000 });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('x-ratelimit-remaining-tokens')).toBe('0');
    const refused = await ask();
    expect(errorOf(refused).message).toMatch(/^Rate limit exceeded: your tier allows 10 tokens per minute/);
    maas.clock.turn(Number(refused.headers.get('retry-after-ms')));
    expect((await ask()).status).toBe(200);
  });
});

describe('the largest answer of a tier', () => {
  it('refuses to ask for more with a 400 that names the limit', async () => {
    await limit({ requestsPerMinute: null, tokensPerMinute: null, maxTokensPerRequest: 50 });
    const answer = await ask({ max_tokens: 51 });
    expect(answer.status).toBe(400);
    expect(errorOf(answer)).toMatchObject({ code: 'max_tokens_exceeded', param: 'max_tokens' });
    expect(errorOf(answer).message).toContain('at most 50 tokens');
    expect((await ask({ max_tokens: 50 })).status).toBe(200);
  });

  it('is asked of the backend when the client names none', async () => {
    await limit({ requestsPerMinute: null, tokensPerMinute: null, maxTokensPerRequest: 50 });
    const answer = await ask({ simulator: { tokens: 500 } });
    expect(answer.headers.get('x-odhu-usage-output-tokens')).toBe('50');
    await limit({ maxTokensPerRequest: null });
  });
});

describe('unlimited', () => {
  it('has no number to give, so its headers are absent', async () => {
    await limit({ requestsPerMinute: null, tokensPerMinute: null });
    const names = [...(await ask()).headers.keys()].filter((name) => name.startsWith('x-ratelimit'));
    expect(names).toEqual([]);
  });
});

describe('requests at the same time', () => {
  it('are admitted up to the limit', async () => {
    await limit({ requestsPerMinute: null, tokensPerMinute: null, maxConcurrentRequests: 2 });
    let release: (() => void)[] = [];
    backend.behave((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(chunk('one'));
      release.push(() => response.end(DONE));
    });
    const open = () =>
      openAnswer(`${maas.url}/v1/chat/completions`, token, chat('hi', { model: 'fake', stream: true }));
    const running = [await open(), await open()];
    const refused = await ask();
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1']);
    for (const end of release) end();
    await Promise.all(running.map((answer) => answer.rest()));
    release = [];
    expect((await ask()).status).toBe(200);
    await limit({ maxConcurrentRequests: null });
  });
});
