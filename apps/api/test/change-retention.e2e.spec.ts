import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { CreatedToken, Token } from '@maas/contracts/tokens';
import pg from 'pg';
import { ChangeRetention } from '../src/database/change-retention.service.js';
import { type Harness, startHarness } from './harness.js';
import { eventually } from './streams.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** So many are kept whatever their age. */
const KEPT_ALWAYS = 1000;

let maas: Harness;
let database: pg.Client;
let retention: ChangeRetention;

beforeAll(async () => {
  maas = await startHarness();
  database = new pg.Client({ connectionString: maas.databaseUrl });
  await database.connect();
  retention = maas.nest.get(ChangeRetention);
});
afterAll(async () => {
  await database.end();
  await maas.stop();
});

async function held(): Promise<number> {
  const { rows } = await database.query<{ count: number }>('SELECT count(*)::int AS count FROM config_change');
  return rows[0]?.count ?? 0;
}

const append = (count: number, at: number) =>
  database.query(
    `INSERT INTO config_change (topic, at) SELECT 'tiers', $1::timestamptz FROM generate_series(1, $2::int)`,
    [new Date(at), count],
  );

/** Of the tier free, as this process counts it. */
async function requestsPerMinute(): Promise<string | null> {
  const token = await maas.accessToken('free');
  const { headers } = await maas.call('/v1/chat/completions', { method: 'HEAD', token });
  return headers.get('x-ratelimit-limit-requests');
}

describe('the changes that a process follows', () => {
  it('are forgotten once they are older than two days, by a process that goes on, but for the newest', async () => {
    await append(KEPT_ALWAYS + 500, maas.clock.now());
    const all = await held();
    expect(all).toBeGreaterThanOrEqual(KEPT_ALWAYS + 500);
    maas.clock.turn(2 * DAY - HOUR);
    await retention.prune();
    expect(await held()).toBe(all);
    maas.clock.turn(2 * HOUR);
    await retention.prune();
    expect(await held()).toBe(KEPT_ALWAYS);
  });

  it('are followed on after that', async () => {
    const changed = await maas.admin('/tiers/free', { method: 'PATCH', body: { requestsPerMinute: 76 } });
    expect(changed.status).toBe(200);
    expect(await requestsPerMinute()).toBe('76');
    expect(await held()).toBeGreaterThan(KEPT_ALWAYS);
  });

  it('may be gone when a process has stood still for days, which reads everything again', async () => {
    await database.query(`UPDATE tier SET requests_per_minute = 77 WHERE name = 'free'`);
    maas.clock.turn(2 * DAY);
    await eventually(async () => (await requestsPerMinute()) === '77', 'it knows the tier as it is');
  });
});

it('a token that was revoked is listed as revoked, however long ago it has expired', async () => {
  const identity = await maas.login('premium');
  const { jti } = (await maas.call<CreatedToken>('/maas-api/v1/tokens', { method: 'POST', token: identity })).body;
  expect((await maas.call(`/maas-api/v1/tokens/${jti}`, { method: 'DELETE', token: identity })).status).toBe(204);
  maas.clock.turn(400 * DAY);
  await retention.prune();
  const token = await maas.login('premium');
  expect((await maas.call<Token>(`/maas-api/v1/tokens/${jti}`, { token })).body.status).toBe('revoked');
});
