import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AdminToken, CreatedToken, RevokeAllResult, Token, TokenConfig } from '@maas/contracts/tokens';
import { DatabaseService } from '../src/database/database.service.js';
import { type Answer, errorOf, type Harness, startHarness } from './harness.js';

interface Page<Row> {
  data: Row[];
  has_more: boolean;
  next_cursor: string | null;
}

const HOUR = 3_600_000;
const NOWHERE = '0198c0de-0000-7000-8000-000000000000';
let maas: Harness;
let identity: string;
let stranger: string;
const minted = new Map<string, CreatedToken>();

async function mint(name: string, expiration: string): Promise<void> {
  const answer = await maas.call<CreatedToken>('/maas-api/v1/tokens', { token: identity, body: { name, expiration } });
  minted.set(name, answer.body);
}
const jtiOf = (name: string) => minted.get(name)?.jti ?? '';
const own = <Body = Page<Token>>(query: string, method = 'GET', token = identity) =>
  maas.call<Body>(`/maas-api/v1/tokens${query}`, { method, token });
const names = ({ body }: Answer<Page<Token>>) => body.data.map(({ name }) => name);

/** Every page of a list, one row at a time. */
async function walk(query: string): Promise<(string | null)[]> {
  const seen: (string | null)[] = [];
  for (let after: string | null = ''; after !== null;) {
    const answer: Answer<Page<Token>> = await own(`?limit=1&${query}${after && `&after=${after}`}`);
    seen.push(...names(answer));
    after = answer.body.next_cursor;
  }
  return seen;
}

beforeAll(async () => {
  maas = await startHarness({ TOKEN_MAX_LIFETIME: '10d' });
  identity = await maas.login('premium');
  stranger = await maas.login('free');
  await mint('CI pipeline', '7d');
  await mint('laptop', '1h');
  await mint('notebook', '10d');
  await mint('ci_100%', '4h');
  for (const name of ['notebook', 'CI pipeline']) {
    await maas.call('/v1/models', { token: minted.get(name)?.token ?? '' });
    maas.clock.turn(60_000);
  }
  const { client } = maas.nest.get(DatabaseService);
  // What the hot path notes is written every two seconds.
  const at = maas.clock.now();
  await client.issuedToken.update({ where: { jti: jtiOf('notebook') }, data: { lastUsedAt: new Date(at - 60_000) } });
  await client.issuedToken.update({ where: { jti: jtiOf('CI pipeline') }, data: { lastUsedAt: new Date(at) } });
  maas.clock.turn(HOUR + 1);
  await own(`/${jtiOf('ci_100%')}`, 'DELETE');
});
afterAll(() => maas.stop());

describe('one’s own tokens', () => {
  it('are found by a part of their name, whatever its case, and wildcards are letters', async () => {
    expect(names(await own('?search=ci'))).toEqual(['ci_100%', 'CI pipeline']);
    expect(names(await own('?search=PIPE'))).toEqual(['CI pipeline']);
    expect(names(await own(`?search=${encodeURIComponent('0%')}`))).toEqual(['ci_100%']);
    expect(names(await own(`?search=${encodeURIComponent('%')}`))).toEqual(['ci_100%']);
  });

  it('are filtered by their status', async () => {
    expect(names(await own('?status=active'))).toEqual(['notebook', 'CI pipeline']);
    expect(names(await own('?status=expired'))).toEqual(['laptop']);
    expect(names(await own('?status=revoked'))).toEqual(['ci_100%']);
    expect(names(await own('?status=active&search=note'))).toEqual(['notebook']);
  });

  it.each([
    ['sort=createdAt', ['ci_100%', 'notebook', 'laptop', 'CI pipeline']],
    ['sort=createdAt&order=asc', ['CI pipeline', 'laptop', 'notebook', 'ci_100%']],
    ['sort=lastUsedAt', ['CI pipeline', 'notebook', 'ci_100%', 'laptop']],
    ['sort=lastUsedAt&order=asc', ['notebook', 'CI pipeline', 'laptop', 'ci_100%']],
    ['sort=expiresAt', ['notebook', 'CI pipeline', 'ci_100%', 'laptop']],
    ['sort=expiresAt&order=asc', ['laptop', 'ci_100%', 'CI pipeline', 'notebook']],
  ])('come in the order %s, the never used last, on one page as on many', async (query, order) => {
    expect(names(await own(`?${query}`))).toEqual(order);
    expect(await walk(query)).toEqual(order);
  });

  it.each(['?sort=name', '?order=up', '?status=gone', '?limit=0', '?after=junk', '?after=MTIzIHg'])(
    'refuse %s with a 400 that names the parameter',
    async (query) => {
      const answer = await own(query);
      expect(answer.status).toBe(400);
      expect(query).toContain(errorOf(answer).param);
    },
  );

  it('can each be read, without the secret, and nobody else’s can', async () => {
    const { status, body, text } = await own<Token>(`/${jtiOf('notebook')}`);
    expect([status, body]).toMatchObject([200, { object: 'token', name: 'notebook', status: 'active' }]);
    expect(text).not.toContain(minted.get('notebook')?.token ?? '?');
    const foreign = await own(`/${jtiOf('notebook')}`, 'GET', stranger);
    const invented = await own(`/${NOWHERE}`);
    expect([foreign.status, errorOf(foreign)]).toEqual([404, errorOf(invented)]);
    expect((await own('/not-a-uuid')).status).toBe(404);
  });

  it('are only counted by a dry run of revoking all', async () => {
    const dry = await own<RevokeAllResult>('?dryRun=true', 'DELETE');
    expect([dry.status, dry.body]).toEqual([200, { revoked: 2, dryRun: true }]);
    expect(names(await own('?status=active'))).toHaveLength(2);
    expect((await own('?dryRun=perhaps', 'DELETE')).status).toBe(400);
  });
});

describe('the form for a token', () => {
  it('is told what the server allows, and all of that is granted', async () => {
    const { status, body } = await own<TokenConfig>('/config');
    expect([status, body]).toMatchObject([
      200,
      { shortestSeconds: 600, longestSeconds: 864_000, defaultSeconds: 14_400 },
    ]);
    expect(body.presets.at(-1)).toEqual({ expiration: '240h0m0s', seconds: 864_000 });
    const token = await maas.login('enterprise');
    for (const { expiration, seconds } of body.presets) {
      const answer = await maas.call<CreatedToken>('/maas-api/v1/tokens', { token, body: { expiration } });
      expect([answer.status, answer.body.expiresAt - answer.body.issuedAt]).toEqual([201, seconds]);
    }
  });
});

describe('everybody’s tokens', () => {
  const search = async (text: string) => {
    const { body } = await maas.admin<Page<AdminToken>>(`/tokens?search=${encodeURIComponent(text)}`);
    return body.data.map(({ name }) => name);
  };

  it('are found by the owner, by the name, and by the beginning of the jti', async () => {
    expect(await search('PREM')).toEqual(['ci_100%', 'notebook', 'laptop', 'CI pipeline']);
    expect(await search('laptop')).toEqual(['laptop']);
    expect(await search(jtiOf('laptop'))).toEqual(['laptop']);
    expect(await search(jtiOf('laptop').slice(0, 30))).toContain('laptop');
    expect(await search(NOWHERE)).toEqual([]);
  });

  it('can each be read with the owner', async () => {
    const { body } = await maas.admin<AdminToken>(`/tokens/${jtiOf('notebook')}`);
    expect(body).toMatchObject({ name: 'notebook', username: 'premium', status: 'active' });
    expect((await maas.admin(`/tokens/${NOWHERE}`)).status).toBe(404);
    const closed = await maas.call(`/maas-api/v1/admin/tokens/${jtiOf('notebook')}`, { token: identity });
    expect(closed.status).toBe(403);
  });
});
