import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { answerProbe, answerWith, die, type FakeBackend } from './backends-fake.js';
import { answerBriefly, type Behaviour } from './fake-model.js';
import { errorOf } from './harness.js';
import { SeveralBackends, TOKENS } from './several-backends.js';
import { eventually } from './streams.js';

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

describe('B1: when all backends are gone', () => {
  it('answers 503 at once, with the truth about when to come back, and without a row or a charge', async () => {
    await first.goAway();
    await second.goAway();
    await many.serve(first, second);
    expect((await many.askOften(5)).every(({ status }) => status === 503)).toBe(true);
    expect((await many.health()).map(({ state, lastError }) => [state, lastError])).toEqual([
      ['open', 'connect'],
      ['open', 'connect'],
    ]);
    many.maas.clock.turn(300);
    const answer = await many.ask();
    expect([answer.status, errorOf(answer).code]).toEqual([503, 'upstream_unavailable']);
    expect([answer.headers.get('retry-after'), answer.headers.get('retry-after-ms')]).toEqual(['1', '700']);
    expect(await many.rowsOf(answer.headers.get('x-request-id'))).toEqual([]);
    expect(await many.remaining()).toBe(String(TOKENS));
  });

  it('lets in who waited that long, one at a time, and everybody once one is answered', async () => {
    first.behave(die);
    await many.serve(first);
    await many.askOften(5);
    expect((await many.ask()).headers.get('retry-after-ms')).toBe('1000');
    many.maas.clock.turn(1000);
    expect((await many.health())[0]).toMatchObject({ state: 'half-open', lastError: 'reset' });
    let answerTrial: (() => void) | undefined;
    first.behave((...exchange) => void (answerTrial = () => answerBriefly(...exchange)));
    const tried = many.ask();
    await eventually(() => answerTrial !== undefined, 'the trial is under way');
    const refused = await many.ask();
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1']);
    first.behave(answerBriefly);
    answerTrial?.();
    expect((await tried).status).toBe(200);
    expect((await many.askOften(3)).map(({ status }) => status)).toEqual([200, 200, 200]);
    expect((await many.health())[0]).toEqual({ state: 'closed', since: expect.any(String), outstanding: 0 });
  });

  it('waits longer after each trial that fails', async () => {
    first.behave(die);
    await many.serve(first);
    await many.askOften(5);
    for (const seconds of [1, 2, 4, 8, 16, 30, 30]) {
      expect((await many.ask()).headers.get('retry-after')).toBe(String(seconds));
      many.maas.clock.turn(seconds * 1000);
      expect((await many.ask()).status).toBe(502);
    }
  });

  it('finds out by a probe that one is back', async () => {
    await first.goAway();
    await many.serve(first);
    await many.askOften(5);
    many.maas.clock.turn(1000);
    await many.prober.probeDue();
    expect((await many.ask()).headers.get('retry-after')).toBe('2');
    await first.comeBack();
    many.maas.clock.turn(2000);
    await many.prober.probeDue();
    expect((await many.health())[0]).toMatchObject({ state: 'closed' });
    expect((await many.ask()).status).toBe(200);
  });
});

describe('B9: a backend that asks to be left alone', () => {
  it.each([
    ['20', 20_000],
    ['1000000000', 60_000],
    ['0', 1000],
    ['nonsense', 1000],
  ])('by a 429 with retry-after %s gets nothing for %i ms', async (retryAfter, milliseconds) => {
    first.behave(answerWith(429, { 'retry-after': retryAfter }));
    await many.serve(first, second);
    expect((await many.askOften(3)).map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(many.seen()).toEqual([1, 3, 0]);
    expect((await many.health())[0]).toMatchObject({ state: 'open', lastError: 'status 429' });
    first.behave(answerBriefly);
    many.maas.clock.turn(milliseconds - 1);
    await many.ask();
    expect(many.seen()).toEqual([1, 4, 0]);
    many.maas.clock.turn(1);
    await many.ask();
    expect(many.seen()).toEqual([2, 4, 0]);
  });

  it('by an HTTP date gets nothing until then', async () => {
    const date = new Date(Math.ceil(many.maas.clock.now() / 1000) * 1000 + 30_000).toUTCString();
    first.behave(answerWith(503, { 'retry-after': date }));
    await many.serve(first);
    expect((await many.ask()).status).toBe(503);
    first.behave(answerBriefly);
    many.maas.clock.turn(29_900);
    expect((await many.ask()).status).toBe(503);
    many.maas.clock.turn(1200);
    expect((await many.ask()).status).toBe(200);
  });

  it('and is the only one makes clients wait, not fail at it', async () => {
    first.behave(answerWith(429, { 'retry-after': '20' }));
    await many.serve(first);
    expect((await many.ask()).status).toBe(429);
    many.maas.clock.turn(5000);
    const answer = await many.ask();
    expect([answer.status, errorOf(answer).code, answer.headers.get('retry-after')]).toEqual([
      503,
      'upstream_unavailable',
      '15',
    ]);
    expect([many.seen(), await many.isListedReady()]).toEqual([[1, 0, 0], false]);
    many.maas.clock.turn(15_000);
    expect(await many.isListedReady()).toBe(true);
  });
});

describe('B8: a backend that fails more often than not', () => {
  const sometimes = (good: Behaviour): Behaviour => {
    let turn = 0;
    return (...exchange) => ((turn += 1) % 3 === 0 ? good : answerWith(500))(...exchange);
  };

  it('is set aside while another one is there, and serves when it is the last', async () => {
    first.behave(sometimes(answerBriefly));
    await many.serve(first, second);
    await many.askOften(21);
    const before = first.seen.length;
    expect((await many.health())[0]).toMatchObject({ state: 'open', lastError: 'status 500' });
    expect((await many.askOften(3)).map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(first.seen.length).toBe(before);
    await second.goAway();
    first.behave(answerBriefly);
    expect((await many.askOften(6)).map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200]);
    expect(await many.isListedReady()).toBe(true);
  });

  it('is never set aside for that when it is the only one', async () => {
    first.behave(sometimes(answerBriefly));
    await many.serve(first);
    const answers = await many.askOften(45);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(15);
    expect(many.seen()).toEqual([45, 0, 0]);
  });
});

describe('the list of models', () => {
  it('says who is ready, those first, and follows without anybody asking for it', async () => {
    await first.goAway();
    await many.serve(first);
    const before = (await many.list()).map(({ id }) => id);
    expect(before.at(-1)).not.toBe(many.model);
    expect(await many.isListedReady()).toBe(true);
    await many.askOften(5);
    expect((await many.list()).map(({ id }) => id)).toEqual([...before.filter((id) => id !== many.model), many.model]);
    expect([await many.isListedReady(), (await many.shown()).ready]).toEqual([false, false]);
    // That a trial may be made is no promise that it succeeds.
    many.maas.clock.turn(1000);
    expect(await many.isListedReady()).toBe(false);
    await first.comeBack();
    await many.prober.probeDue();
    expect((await many.list()).map(({ id }) => id)).toEqual(before);
    expect([await many.isListedReady(), (await many.shown()).ready]).toEqual([true, true]);
  });

  it('says ready as long as one backend is', async () => {
    await first.goAway();
    await many.serve(first, second);
    await many.askOften(6);
    expect((await many.health()).map(({ state }) => state)).toEqual(['open', 'closed']);
    expect(await many.isListedReady()).toBe(true);
  });
});

describe('a probe', () => {
  it('goes to who was silent for 15 s, with the backend’s credential, and counts for nothing', async () => {
    await many.serve(second);
    await many.maas.admin(`/models/${many.model}/backends`, {
      method: 'POST',
      body: { url: first.url, credential: 'secret' },
    });
    let authorization: string | undefined;
    let path = '';
    first.behaveToProbes((request, response, message) => {
      ({ authorization } = request.headers);
      path = `${request.method} ${request.url}`;
      answerProbe(request, response, message);
    });
    const rows = async () =>
      (await many.database.query<{ count: string }>('SELECT count(*) FROM usage_event')).rows[0]?.count;
    await many.maas.flushUsage();
    const before = await rows();
    await many.prober.probeDue();
    expect(first.probes).toBe(0);
    many.maas.clock.turn(18_001);
    await many.prober.probeDue();
    await many.prober.probeDue();
    expect([first.probes, authorization, path]).toEqual([1, 'Bearer secret', 'GET /v1/models']);
    await many.maas.flushUsage();
    expect([await rows(), await many.remaining(), many.seen()]).toEqual([before, String(TOKENS), [0, 0, 0]]);
  });

  it.each([200, 401, 404, 405, 500])('that is answered %i proves that somebody is there', async (status) => {
    first.behaveToProbes(answerWith(status));
    await many.serve(first);
    for (let turn = 0; turn < 6; turn += 1) {
      many.maas.clock.turn(18_001);
      await many.prober.probeDue();
    }
    expect([first.probes, await many.isListedReady()]).toEqual([6, true]);
  });

  it('finds out that nobody is there before anybody asks', async () => {
    await first.goAway();
    await many.serve(first);
    for (let turn = 0; turn < 5; turn += 1) {
      expect(await many.isListedReady()).toBe(true);
      many.maas.clock.turn(18_001);
      await many.prober.probeDue();
    }
    expect([await many.isListedReady(), (await many.health())[0]?.lastError]).toEqual([false, 'connect']);
  });

  it('does not go to who is answering requests', async () => {
    await many.serve(first);
    many.maas.clock.turn(14_000);
    await many.ask();
    many.maas.clock.turn(11_000);
    await many.prober.probeDue();
    expect(first.probes).toBe(0);
  });
});
