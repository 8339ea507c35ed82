import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { UsageRetention } from '../src/usage/usage-retention.service.js';
import { writeUsage } from '../src/usage/write-usage.js';
import { DatabaseService } from '../src/database/database.service.js';
import { chat, type Harness, startHarness } from './harness.js';
import { rowOf } from './journal-rows.js';

const DAY = 86_400_000;

let maas: Harness;
let database: pg.Client;
let retention: UsageRetention;

beforeAll(async () => {
  maas = await startHarness();
  database = new pg.Client({ connectionString: maas.databaseUrl });
  await database.connect();
  retention = maas.nest.get(UsageRetention);
  await retention.keep();
});
afterAll(async () => {
  await database.end();
  await maas.stop();
});

/** Rows by the table that holds them. */
async function held(): Promise<Record<string, number>> {
  const { rows } = await database.query<{ name: string; rows: number }>(
    'SELECT tableoid::regclass::text AS name, count(*)::int AS rows FROM usage_event GROUP BY 1 ORDER BY 1',
  );
  return Object.fromEntries(rows.map((row) => [row.name, row.rows]));
}

async function tables(): Promise<string[]> {
  const { rows } = await database.query<{ name: string }>(
    `SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'usage_event'::regclass ORDER BY 1`,
  );
  return rows.map(({ name }) => name);
}

async function sum(): Promise<number> {
  const { rows } = await database.query<{ sum: number }>(
    'SELECT coalesce(sum(requests), 0)::int AS sum FROM usage_hourly',
  );
  return rows[0]?.sum ?? 0;
}

const tableOf = (instant: number) => `usage_event_${new Date(instant).toISOString().slice(0, 7).replace('-', '_')}`;
const write = (count: number, createdAt: number, first: number) =>
  writeUsage(
    maas.nest.get(DatabaseService).writer,
    Array.from({ length: count }, (_, index) => rowOf(first + index, { createdAt })),
  );

describe('the rows of single requests', () => {
  it('have a table for this month and the two that follow, made ahead', async () => {
    const now = new Date(maas.clock.now());
    const expected = [0, 1, 2].map((offset) => tableOf(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + offset)));
    expect(await tables()).toEqual([...expected, 'usage_event_rest']);
  });

  it('are in the table of their month', async () => {
    const token = await maas.accessToken('enterprise');
    expect((await maas.call('/v1/chat/completions', { token, body: chat('hi') })).status).toBe(200);
    await maas.flushUsage();
    expect(await held()).toEqual({ [tableOf(maas.clock.now())]: 1 });
  });

  it('of a month without a table are kept, and moved when it has one', async () => {
    const longAgo = maas.clock.now() - 70 * DAY;
    await write(50, longAgo, 1000);
    expect((await held())['usage_event_rest']).toBe(50);
    await retention.keep();
    expect(await held()).toMatchObject({ [tableOf(longAgo)]: 50 });
    expect((await held())['usage_event_rest']).toBeUndefined();
  });

  it('are written once, however often they are, also when their table was made in between', async () => {
    const before = maas.clock.now() - 65 * DAY;
    const [requests, rows] = [await sum(), Object.values(await held()).reduce((total, count) => total + count, 0)];
    for (let time = 0; time < 3; time += 1) {
      await write(20, before, 3000);
      await retention.keep();
    }
    expect(await sum()).toBe(requests + 20);
    expect(Object.values(await held()).reduce((total, count) => total + count, 0)).toBe(rows + 20);
  });

  it('go with their month when the youngest of them is older than they are kept, and the sums stay', async () => {
    const requests = await sum();
    const month = tableOf(maas.clock.now() - 70 * DAY);
    maas.clock.turn(15 * DAY);
    await retention.keep();
    expect(await tables()).toContain(month);
    maas.clock.turn(60 * DAY);
    await retention.keep();
    expect(await tables()).not.toContain(month);
    expect(await sum()).toBe(requests);
  });

  it('are looked after by one process, while another does', async () => {
    await database.query('BEGIN');
    await database.query('SELECT pg_advisory_xact_lock(5820773)');
    maas.clock.turn(40 * DAY);
    const before = await tables();
    await retention.keep();
    expect(await tables()).toEqual(before);
    await database.query('COMMIT');
    await retention.keep();
    expect((await tables()).length).toBeGreaterThanOrEqual(before.length);
    expect(await tables()).toContain(tableOf(maas.clock.now()));
  });
});
