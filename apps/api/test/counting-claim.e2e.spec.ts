import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@maas/database/test-database';
import pg from 'pg';
import { ProcessMarks } from '../src/database/process-marks.service.js';
import { CountedElsewhere, CountingClaim } from '../src/tiers/counting-claim.js';
import { eventually } from './streams.js';

type Mode = 'process' | 'postgres' | 'redis';

let database: TestDatabase;
let observer: pg.Client;
const boards: ProcessMarks[] = [];

beforeAll(async () => {
  database = await createTestDatabase(process.env['MAAS_TEST_POSTGRES'] ?? '');
  observer = new pg.Client({ connectionString: database.url });
  await observer.connect();
});
afterEach(() => end(...boards.splice(0)));
afterAll(async () => {
  await observer.end();
  await database.drop();
});

/** A process, as far as it says where it counts. */
function process_(mode: Mode, redis?: string, url = database.url, patience = 0) {
  const board = new ProcessMarks(url);
  boards.push(board);
  const told: (string | undefined)[] = [];
  const waiting: string[] = [];
  const facts = { redis };
  const counting = {
    mode,
    identity: () => facts.redis,
    onWaiting: (message: string) => void waiting.push(message),
    onTrouble: (message: string | undefined) => void told.push(message),
  };
  return { board, told, waiting, facts, claim: new CountingClaim(board, counting, patience) };
}

const end = (...all: ProcessMarks[]) => Promise.all(all.map((board) => board.onApplicationShutdown()));

async function refusal(mode: Mode, redis?: string): Promise<string | undefined> {
  const { board, claim } = process_(mode, redis);
  try {
    await claim.start();
    return undefined;
  } catch (error) {
    if (!(error instanceof CountedElsewhere)) throw error;
    return error.message;
  } finally {
    await end(board);
  }
}

/** How many sessions carry marks. */
async function sessions(): Promise<number> {
  const { rows } = await observer.query(
    `SELECT 1 FROM pg_stat_activity WHERE application_name LIKE 'maas-marks-%' AND datname = current_database()`,
  );
  return rows.length;
}

/** Ends the sessions that carry the marks, as a restart of the database does, and waits until they are gone. */
async function cutSessions(): Promise<void> {
  const { rows } = await observer.query<{ pid: number }>(
    `SELECT pid, pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE application_name LIKE 'maas-marks-%' AND datname = current_database()`,
  );
  const pids = rows.map(({ pid }) => pid);
  await eventually(async () => {
    const left = await observer.query('SELECT 1 FROM pg_stat_activity WHERE pid = ANY ($1)', [pids]);
    return left.rowCount === 0;
  }, 'they have ended');
}

describe('processes that start on one database', () => {
  it.each([
    ['postgres', undefined],
    ['redis', 'one'],
  ] as const)('may be many that all count in %s', async (mode, redis) => {
    await process_(mode, redis).claim.start();
    await process_(mode, redis).claim.start();
    expect(await refusal(mode, redis)).toBeUndefined();
  });

  it.each([
    ['process', undefined, 'process', undefined],
    ['process', undefined, 'postgres', undefined],
    ['process', undefined, 'redis', 'one'],
    ['postgres', undefined, 'process', undefined],
    ['postgres', undefined, 'redis', 'one'],
    ['postgres', undefined, 'redis', undefined],
    ['redis', 'one', 'process', undefined],
    ['redis', 'one', 'postgres', undefined],
    ['redis', 'one', 'redis', 'other'],
  ] as const)('are refused where one counts in %s %s and the next in %s %s, until it has ended', async (...pair) => {
    const [mode, redis, nextMode, nextRedis] = pair;
    const first = process_(mode, redis);
    await first.claim.start();
    const message = await refusal(nextMode, nextRedis);
    expect(message).toMatch(/^Another process \(from .+, since .+ UTC\)/);
    expect(message).toMatch(/LIMITS=postgres|stop all processes first/);
    await end(first.board);
    expect(await refusal(nextMode, nextRedis)).toBeUndefined();
  });

  it('are refused but for one, when they start at the same instant with settings of their own', async () => {
    const all = [process_('process'), process_('postgres'), process_('redis', 'one'), process_('process')];
    const outcomes = await Promise.allSettled(all.map(({ claim }) => claim.start()));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('say once for whom they wait, and serve as soon as that has ended', async () => {
    const first = process_('process');
    await first.claim.start();
    const next = process_('postgres', undefined, database.url, 60_000);
    const started = next.claim.start();
    await eventually(() => next.waiting.length > 0, 'it says that it waits');
    await end(first.board);
    await started;
    expect(next.waiting).toEqual([expect.stringMatching(/^Another process .+LIMITS=process/s)]);
    expect(first.waiting).toEqual([]);
  });

  it('do not wait for a Redis that is away, and count together with those that know it', async () => {
    await process_('redis', undefined).claim.start();
    expect(await refusal('redis', 'one')).toBeUndefined();
  });

  it('do not wait for a database that is away', async () => {
    const absent = new URL(database.url);
    absent.port = '9';
    await process_('process', undefined, absent.href).claim.start();
  });
});

describe('a process that serves', () => {
  it('says so when another one counts elsewhere, which the database could not tell at the start, and when that is over', async () => {
    const [first, second] = [process_('postgres'), process_('process')];
    await first.claim.start();
    await first.claim.review();
    // As when the database was away at its start: it serves, and nobody could refuse it.
    for (let time = 0; time < 3; time += 1) {
      await second.claim.review();
      await first.claim.review();
    }
    expect(second.claim.trouble).toMatch(
      /counts limits in PostgreSQL .+, and this one in itself .+ stop all processes/s,
    );
    expect(first.claim.trouble).toMatch(/counts limits in itself/);
    expect([first.told.length, second.told.length]).toEqual([1, 1]);
    await end(second.board);
    await first.claim.review();
    expect([first.claim.trouble, first.told.at(-1)]).toEqual([undefined, undefined]);
    expect(first.told).toHaveLength(2);
  });

  it('keeps others out also after its connection was lost', async () => {
    const first = process_('process');
    await first.claim.start();
    await cutSessions();
    await eventually(async () => {
      await first.claim.review();
      return (await sessions()) > 0;
    }, 'it has a connection again');
    expect(await refusal('process')).toBeDefined();
    expect(first.told).toEqual([]);
  });

  it('takes no note of others that learn a moment later that their Redis was emptied', async () => {
    const [first, second] = [process_('redis', 'one'), process_('redis', 'one')];
    await first.claim.start();
    await second.claim.start();
    first.facts.redis = 'emptied';
    await first.claim.review();
    second.facts.redis = 'emptied';
    for (const { claim } of [second, first, second]) await claim.review();
    expect([first.told, second.told]).toEqual([[], []]);
    expect(await refusal('redis', 'emptied')).toBeUndefined();
    expect(await refusal('redis', 'one')).toBeDefined();
  });
});
