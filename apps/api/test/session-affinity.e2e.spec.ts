import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Model } from '@maas/contracts/models';
import { BackendProber } from '../src/proxy/backend-prober.service.js';
import { type FakeBackend, startFakeBackend } from './backends-fake.js';
import { answerBriefly, type Behaviour } from './fake-model.js';
import { chat, errorOf, type Harness, startHarness } from './harness.js';
import { eventually } from './streams.js';

const CONVERSATIONS = 24;
let maas: Harness;
let backends: FakeBackend[];
let ada: string;

beforeAll(async () => {
  // Nobody but the tests asks the backends.
  const timer = jest.spyOn(BackendProber.prototype, 'onApplicationBootstrap').mockReturnValue();
  maas = await startHarness({ MAX_EVENT_LOOP_DELAY: '1h' });
  timer.mockRestore();
  const limits = { requestsPerMinute: null, tokensPerMinute: null };
  await maas.admin('/tiers/enterprise', { method: 'PATCH', body: limits });
  ada = await maas.accessToken('enterprise');
  backends = await Promise.all([1, 2, 3].map(() => startFakeBackend()));
  await maas.addModel('cached', backends[0]?.url ?? '', {
    sessionAffinity: 'conversation',
    backends: backends.map(({ url }) => ({ url })),
  });
});
afterAll(async () => {
  for (const backend of backends) await backend.goAway();
  await maas.stop();
});
beforeEach(() => backends.forEach((backend) => backend.behave(answerBriefly)));

const user = (content: string) => ({ role: 'user', content });
/** A later turn of a conversation that began with these words. */
const turnOf = (opening: string, turn: number) => [
  { role: 'system', content: 'You are terse.' },
  user(opening),
  ...Array.from({ length: turn }, (_, index) => [{ role: 'assistant', content: 'Yes.' }, user(`And ${index}?`)]).flat(),
];
const post = (messages: object[], fields: object = {}, headers: Record<string, string> = {}) =>
  fetch(`${maas.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${ada}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(chat('', { model: 'cached', messages, ...fields })),
  });

/** Which backend answered. */
async function homeOf(...asked: Parameters<typeof post>): Promise<number> {
  const before = backends.map(({ seen }) => seen.length);
  const answer = await post(...asked);
  expect(answer.status).toBe(200);
  await answer.arrayBuffer();
  return backends.findIndex(({ seen }, index) => seen.length > (before[index] ?? 0));
}
const homes = async (turn: number) => {
  const found: number[] = [];
  for (let index = 0; index < CONVERSATIONS; index += 1) found.push(await homeOf(turnOf(`Opening ${index}`, turn)));
  return found;
};
const setAffinity = (sessionAffinity: string) =>
  maas.admin<Model>('/models/cached', { method: 'PATCH', body: { sessionAffinity } });

describe('a model whose conversations stay', () => {
  it('answers each turn of a conversation by the same backend, and many conversations by all of them', async () => {
    const first = await homes(0);
    expect(new Set(first)).toEqual(new Set([0, 1, 2]));
    for (const turn of [1, 2, 7]) expect(await homes(turn)).toEqual(first);
  });

  it('takes the client’s word for what belongs together: the header, or else prompt_cache_key', async () => {
    const byHeader: number[] = [];
    const byBody: number[] = [];
    for (let index = 0; index < 12; index += 1) {
      byHeader.push(await homeOf([user(`a ${index}`)], { prompt_cache_key: `k${index}` }, { 'x-session-id': 'one' }));
      byBody.push(await homeOf([user(`b ${index}`)], { prompt_cache_key: 'one' }));
    }
    expect([new Set(byHeader).size, new Set(byBody).size]).toEqual([1, 1]);
  });

  it('moves the conversations of a backend that goes away, and no others, and has them back when it returns', async () => {
    const before = await homes(1);
    const away = backends[1];
    await away?.goAway();
    // Until its breaker is open, each of its requests is tried there first.
    await eventually(async () => {
      await homes(1);
      const { body } = await maas.admin<Model>('/models/cached');
      return body.backends.some(({ health }) => health.state === 'open');
    }, 'its breaker is open');
    const meanwhile = await homes(2);
    expect(meanwhile).not.toContain(1);
    for (const [index, home] of before.entries()) if (home !== 1) expect(meanwhile[index]).toBe(home);
    expect(await homes(3)).toEqual(meanwhile);
    await away?.comeBack();
    maas.clock.turn(30_000);
    await homes(4);
    expect(await homes(5)).toEqual(before);
  });

  it('lets others help with a conversation that keeps its backend busy', async () => {
    const held: (() => void)[] = [];
    const hold: Behaviour = (request, response, message) =>
      void held.push(() => answerBriefly(request, response, message));
    const messages = turnOf('Busy', 0);
    const home = await homeOf(messages);
    backends.forEach((backend) => backend.behave(hold));
    const before = backends.map(({ seen }) => seen.length);
    const answers: ReturnType<typeof post>[] = [];
    for (let count = 1; count <= 30; count += 1) {
      answers.push(post(messages));
      await eventually(() => held.length === count, 'it is under way');
    }
    const busy = backends.map(({ seen }, index) => seen.length - (before[index] ?? 0));
    // A third of 30 is 10: a quarter above that, and one more, of the 29 that were under way before the last.
    expect(Math.max(...busy)).toBeLessThanOrEqual(14);
    expect(busy[home]).toBe(Math.max(...busy));
    backends.forEach((backend) => backend.behave(answerBriefly));
    for (const answer of held) answer();
    for (const answer of await Promise.all(answers)) expect(answer.status).toBe(200);
    expect(await homeOf(turnOf('Busy', 1))).toBe(home);
  });

  it('is a setting that acts on the next request, and takes no other word', async () => {
    const refused = await setAffinity('ip');
    expect([refused.status, errorOf(refused).param]).toEqual([400, 'sessionAffinity']);
    expect((await setAffinity('none')).body.sessionAffinity).toBe('none');
    // Any of three that are as good, 24 times: the same one each time would be one chance in 3^23.
    const anywhere: number[] = [];
    for (let turn = 0; turn < 24; turn += 1) anywhere.push(await homeOf(turnOf('Opening 0', turn)));
    expect(new Set(anywhere).size).toBeGreaterThan(1);
    expect((await setAffinity('conversation')).body.sessionAffinity).toBe('conversation');
    expect(await homeOf(turnOf('Opening 0', 1))).toBe(await homeOf(turnOf('Opening 0', 2)));
  });
});
