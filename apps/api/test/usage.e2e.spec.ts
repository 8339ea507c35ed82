import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { CreatedToken } from '@maas/contracts/tokens';
import type { UsageReport, UsageRow } from '@maas/contracts/usage';
import { chat, errorOf, type Harness, startHarness } from './harness.js';

let maas: Harness;
let identity: string;

beforeAll(async () => {
  maas = await startHarness();
  const identityOfDayBefore = await maas.login('premium');
  const { body } = await maas.call<CreatedToken>('/maas-api/v1/tokens', {
    token: identityOfDayBefore,
    body: { expiration: '7d', name: 'for the report' },
  });
  const ask = async (token: string, model: string, tokens: number) => {
    await maas.call('/v1/chat/completions', { token, body: chat('hi', { model, simulator: { tokens } }) });
  };
  await ask(body.token, 'simulator', 10);
  await ask(body.token, 'qwen3', 20);
  maas.clock.turn(25 * 3_600_000);
  await ask(body.token, 'simulator', 30);
  identity = await maas.login('premium');
  const free = await maas.accessToken('free');
  // The free tier has 100 tokens a minute, so the second request of the minute is refused.
  await ask(free, 'simulator', 150);
  await ask(free, 'simulator', 1);
  await maas.flushUsage();
});
afterAll(() => maas.stop());

const own = (query = '') => maas.call<UsageReport>(`/maas-api/v1/usage${query}`, { token: identity });
const all = (query = '') => maas.admin<UsageReport>(`/usage${query}`);
const sum = (rows: UsageRow[], field: 'requests' | 'completionTokens' | 'refused') =>
  rows.reduce((total, row) => total + row[field], 0);

describe('own usage', () => {
  it('is by day unless asked otherwise, and one’s own alone', async () => {
    const { status, body } = await own();
    expect(status).toBe(200);
    expect(body.data).toHaveLength(2);
    expect(body.data[0]?.day).toBe(new Date(maas.clock.now() - 25 * 3_600_000).toISOString().slice(0, 10));
    expect([sum(body.data, 'requests'), sum(body.data, 'completionTokens')]).toEqual([3, 60]);
  });

  it('can be grouped by several things at once, with the names of tokens', async () => {
    const { body } = await own('?groupBy=model,token');
    expect(body.data.map(({ model, requests, completionTokens }) => [model, requests, completionTokens])).toEqual([
      ['qwen3', 1, 20],
      ['simulator', 2, 40],
    ]);
    expect(body.data[0]).toHaveProperty('tokenName', 'for the report');
  });

  it('can be narrowed by time and model', async () => {
    const from = new Date(maas.clock.now() - 3_600_000).toISOString();
    expect(sum((await own(`?from=${from}`)).body.data, 'requests')).toBe(1);
    expect(sum((await own('?model=qwen3')).body.data, 'requests')).toBe(1);
  });

  it.each([
    '?groupBy=user',
    '?groupBy=tier',
    '?groupBy=nothing',
    '?from=yesterday',
    '?to=2020-01-01T00:00:00Z&from=2021-01-01T00:00:00Z',
  ])('refuses %s with a 400 that says what is accepted', async (query) => {
    const answer = await own(query);
    expect(answer.status).toBe(400);
    expect(errorOf(answer).param).toMatch(/groupBy|from/);
    expect(errorOf(answer).message).toMatch(/^(?:groupBy takes |from )/);
  });

  it('is CSV for who accepts that', async () => {
    const answer = await maas.call('/maas-api/v1/usage?groupBy=model', {
      token: identity,
      headers: { accept: 'text/csv' },
    });
    expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(answer.headers.get('content-disposition')).toMatch(
      /^attachment; filename="usage_\d{4}-\d\d-\d\d_\d{4}-\d\d-\d\d\.csv"$/,
    );
    const [header, ...rows] = answer.text.trimEnd().split('\r\n');
    expect(header).toMatch(/^model,requests,errors,refused,promptTokens,completionTokens,totalTokens,/);
    expect(rows.map((row) => row.split(',').slice(0, 2))).toEqual([
      ['qwen3', '1'],
      ['simulator', '2'],
    ]);
  });
});

describe('everybody’s usage', () => {
  it('has users and tiers, and the requests that a limit refused', async () => {
    const { body } = await all('?groupBy=user,tier');
    const rows = body.data.map(({ username, tier, requests, refused }) => ({ username, tier, requests, refused }));
    expect(rows).toContainEqual({ username: 'premium', tier: 'premium', requests: 3, refused: 0 });
    expect(rows).toContainEqual({ username: 'free', tier: 'free', requests: 1, refused: 1 });
  });

  it('is closed to who is not an administrator', async () => {
    expect((await maas.call('/maas-api/v1/admin/usage', { token: identity })).status).toBe(403);
  });
});

describe('the rows', () => {
  it('are not counted twice when they are written again', async () => {
    const { UsageRecorder } = await import('../src/usage/usage-recorder.service.js');
    const recorder = maas.nest.get(UsageRecorder);
    const before = sum((await all()).body.data, 'requests');
    const [user] = (await all('?groupBy=user')).body.data;
    const row = {
      id: '01a1ffbf-d87b-7105-a522-51e004101c3a',
      userId: user?.user ?? '',
      tokenJti: '01a1ffbf-d87b-7105-a522-51e004101c3b',
      tier: 'free',
      modelId: 'simulator',
      backendId: null,
      endpoint: 'chat/completions',
      status: 200,
      streamed: false,
      promptTokens: 1,
      completionTokens: 1,
      countSource: 'upstream',
      firstByteMs: null,
      durationMs: 1,
      createdAt: maas.clock.now() - 1,
    } as const;
    for (const time of [1, 2, 3]) {
      for (let copy = 0; copy < time; copy += 1) recorder.record(row);
      await maas.flushUsage();
    }
    expect(sum((await all()).body.data, 'requests')).toBe(before + 1);
  });
});
