import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AdminRequestRow, RequestRow } from '@maas/contracts/requests';
import type { CreatedToken } from '@maas/contracts/tokens';
import type { UsageReport } from '@maas/contracts/usage';
import { type Answer, chat, errorOf, type Harness, startHarness } from './harness.js';

interface Page<Row> {
  data: Row[];
  next_cursor: string | null;
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
let maas: Harness;
let identity: string;
let tokens: CreatedToken[];
let lastRequestId: string;

beforeAll(async () => {
  maas = await startHarness();
  const login = await maas.login('premium');
  tokens = [];
  for (const name of ['first', 'second']) {
    const made = await maas.call<CreatedToken>('/maas-api/v1/tokens', {
      token: login,
      body: { name, expiration: '30d' },
    });
    tokens.push(made.body);
  }
  const ask = async (token: string, model: string, simulator: object) => {
    const answer = await maas.call('/v1/chat/completions', {
      token,
      body: chat('a secret question', { model, simulator }),
    });
    maas.clock.turn(1000);
    return answer.headers.get('x-request-id') ?? '';
  };
  await ask(tokens[0]?.token ?? '', 'simulator', { tokens: 3 });
  await ask(tokens[0]?.token ?? '', 'qwen3', { tokens: 5 });
  await ask(tokens[1]?.token ?? '', 'simulator', { fault: 'status_500' });
  maas.clock.turn(20 * DAY);
  lastRequestId = await ask(tokens[1]?.token ?? '', 'simulator', { tokens: 7 });
  await ask(await maas.accessToken('enterprise'), 'simulator', { tokens: 9 });
  await maas.flushUsage();
  identity = await maas.login('premium');
});
afterAll(() => maas.stop());

const own = (query = '') => maas.call<Page<RequestRow>>(`/maas-api/v1/usage/requests${query}`, { token: identity });
const all = (query = '') => maas.admin<Page<AdminRequestRow>>(`/usage/requests${query}`);
const tokensOf = ({ body }: Answer<Page<RequestRow>>) => body.data.map(({ completionTokens }) => completionTokens);

describe('one’s own requests', () => {
  it('are listed with the newest first, without what was asked', async () => {
    const answer = await own();
    expect(tokensOf(answer)).toEqual([7, 0, 5, 3]);
    expect(answer.body.data[0]).toMatchObject({
      object: 'request',
      id: lastRequestId,
      model: 'simulator',
      tokenName: 'second',
      tier: 'premium',
      endpoint: 'chat/completions',
      status: 200,
      streamed: false,
    });
    expect(answer.text).not.toContain('secret question');
    expect(answer.body.data[0]).not.toHaveProperty('backend');
  });

  it('come page by page, each once', async () => {
    const seen: number[] = [];
    for (let after: string | null = ''; after !== null;) {
      const answer: Answer<Page<RequestRow>> = await own(`?limit=1${after && `&after=${after}`}`);
      seen.push(...tokensOf(answer));
      after = answer.body.next_cursor;
    }
    expect(seen).toEqual([7, 0, 5, 3]);
  });

  it('are filtered by model, token, status, id and time', async () => {
    expect(tokensOf(await own('?model=qwen3'))).toEqual([5]);
    expect(tokensOf(await own(`?token=${tokens[0]?.jti}`))).toEqual([5, 3]);
    expect(tokensOf(await own('?status=2xx'))).toEqual([7, 5, 3]);
    expect(tokensOf(await own('?status=5xx'))).toEqual([0]);
    expect(tokensOf(await own('?status=error'))).toEqual([0]);
    expect(tokensOf(await own('?status=4xx'))).toEqual([]);
    expect(tokensOf(await own(`?id=${lastRequestId}`))).toEqual([7]);
    const yesterday = new Date(maas.clock.now() - DAY).toISOString();
    expect(tokensOf(await own(`?from=${yesterday}`))).toEqual([7]);
    expect(tokensOf(await own(`?to=${yesterday}`))).toEqual([0, 5, 3]);
  });

  it('are one’s own alone, whatever is asked for', async () => {
    const others = (await all()).body.data.find(({ username }) => username === 'enterprise');
    expect(tokensOf(await own(`?token=${others?.token}`))).toEqual([]);
    expect(tokensOf(await own(`?id=${others?.id}`))).toEqual([]);
    expect(tokensOf(await own(`?user=${others?.user}`))).toEqual([7, 0, 5, 3]);
  });

  it.each(['?status=200', '?from=soon', '?token=x', '?id=x', '?limit=101', '?after=x', '?from=2030-01-02T00:00:00Z&to=2030-01-01T00:00:00Z'])(
    'refuse %s with a 400 that names the parameter',
    async (query) => {
      const answer = await own(query);
      expect(answer.status).toBe(400);
      expect(query).toContain(errorOf(answer).param);
    },
  ); // prettier-ignore
});

describe('everybody’s requests', () => {
  it('have the user and the backend, and are filtered by user and tier', async () => {
    const { body } = await all();
    expect(body.data.map(({ username }) => username)).toEqual(['enterprise', ...Array(4).fill('premium')]);
    expect(body.data[0]?.backend).toMatch(/^[0-9a-f-]{36}$/);
    expect(tokensOf(await all('?tier=enterprise'))).toEqual([9]);
    expect(tokensOf(await all(`?user=${body.data[0]?.user}`))).toEqual([9]);
    expect(tokensOf(await all(`?token=${tokens[1]?.jti}`))).toEqual([7, 0]);
  });

  it('are closed to who is no administrator', async () => {
    expect((await maas.call('/maas-api/v1/admin/usage/requests', { token: identity })).status).toBe(403);
  });
});

describe('the top of a sum', () => {
  const top = (query: string) =>
    maas.admin<UsageReport>(`/usage?from=${new Date(maas.clock.now() - 25 * DAY).toISOString()}&${query}`);

  it('comes first, cut to as many as are asked for, with the names', async () => {
    const { body } = await top('groupBy=user&orderBy=totalTokens&limit=1');
    expect(body.data).toHaveLength(1);
    expect(body.data[0]).toMatchObject({ username: 'premium', requests: 4, completionTokens: 15 });
    const byToken = await top('groupBy=token&orderBy=errors');
    expect(byToken.body.data[0]).toMatchObject({ tokenName: 'second', errors: 1 });
  });

  it('is of one token where that is asked for', async () => {
    const report = await maas.call<UsageReport>(
      `/maas-api/v1/usage?groupBy=model&token=${tokens[0]?.jti}&from=${new Date(maas.clock.now() - 25 * DAY).toISOString()}`,
      { token: identity },
    );
    expect(report.body.data.map(({ model, requests }) => [model, requests])).toEqual([['qwen3', 1], ['simulator', 1]]); // prettier-ignore
  });

  it.each(['limit=5', 'orderBy=names', 'orderBy=errors&limit=101'])('refuses %s', async (query) => {
    const answer = await top(query);
    expect(answer.status).toBe(400);
    expect(query).toContain(errorOf(answer).param);
  });
});
