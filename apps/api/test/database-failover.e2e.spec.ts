import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { createTestDatabase, type TestDatabase } from '@maas/database/test-database';
import pg from 'pg';
import { DatabaseService } from '../src/database/database.service.js';
import { type DatabaseGate, startDatabaseGate } from './journal-gate.js';
import { eventually } from './streams.js';

/** Of the advisory lock that a statement waits for, as long as the test wants it to be under way. */
const LOCK = '7';

let own: TestDatabase;
let gate: DatabaseGate;
let direct: pg.Client;
let database: DatabaseService;
let returns: number;
const warn = jest.spyOn(Logger.prototype, 'warn');

beforeAll(async () => {
  Logger.overrideLogger(false);
  own = await createTestDatabase(process.env['MAAS_TEST_POSTGRES'] ?? '');
  gate = await startDatabaseGate(own.url);
  direct = new pg.Client({ connectionString: own.url });
  await direct.connect();
  // On a machine that is busy a statement may be under way for longer than the server lets one be.
  database = new DatabaseService(`${gate.url}?statement_timeout=0`);
  database.whenItReturns(() => (returns += 1));
  database.onApplicationBootstrap();
});
beforeEach(async () => {
  await direct.query('SELECT pg_advisory_lock($1::bigint)', [LOCK]);
  warn.mockClear();
  returns = 0;
});
afterEach(async () => {
  await letGo();
  gate.open();
});
afterAll(async () => {
  await gate.close();
  await database.onApplicationShutdown();
  await direct.end();
  await own.drop();
});

const letGo = () => direct.query('SELECT pg_advisory_unlock_all()');

/** Sends a statement that is answered when `letGo` has been called. @returns what becomes of it */
async function beginStatement(): Promise<{ readonly outcome: Promise<string> }> {
  const statement = database.writer.query('SELECT pg_advisory_xact_lock_shared($1::bigint)', [LOCK]);
  const outcome = statement.then(() => 'answered', String);
  const waits = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'advisory'`;
  await eventually(async () => (await direct.query(waits)).rows.length === 1, 'the statement is under way');
  return { outcome };
}

/** The connection of the monitor, and when it was asked last. */
interface Probe {
  readonly pid: number;
  readonly asked: string;
}

async function newestProbe(): Promise<Probe | undefined> {
  const { rows } = await direct.query<Probe>(
    `SELECT pid, query_start::text AS asked FROM pg_stat_activity
     WHERE datname = current_database() AND application_name = 'maas-probe' AND query = 'SELECT 1'
     ORDER BY backend_start DESC LIMIT 1`,
  );
  return rows[0];
}

async function openProbe(): Promise<Probe | undefined> {
  await eventually(async () => (await newestProbe()) !== undefined, 'the monitor asks');
  return newestProbe();
}

/** Resolves when the monitor has asked twice on another connection: by then it has done whatever it does on the change. */
async function goesOn(before: Probe | undefined): Promise<void> {
  let first: Probe | undefined;
  const hasAskedTwice = async () => {
    const seen = await newestProbe();
    if (!seen || seen.pid === before?.pid) return false;
    first ??= seen;
    return seen.asked !== first.asked;
  };
  await eventually(hasAskedTwice, 'the monitor goes on with another connection');
}

const isUsable = async () => {
  await database.writer.query('SELECT 1', []);
  expect(await database.client.$queryRaw`SELECT 1 AS one`).toEqual([{ one: 1 }]);
};

describe('connections that are open are left alone, with what is under way on them,', () => {
  it('when another one breaks', async () => {
    const before = await openProbe();
    const { outcome } = await beginStatement();
    await direct.query('SELECT pg_terminate_backend($1::int)', [before?.pid]);
    await goesOn(before);
    await letGo();
    expect([await outcome, returns, warn.mock.calls]).toEqual(['answered', 0, []]);
  });

  it('when the server is late on all of them, and on a new one, too', async () => {
    const before = await openProbe();
    const { outcome } = await beginStatement();
    gate.holdUp();
    await goesOn(before);
    await letGo();
    expect([await outcome, returns, warn.mock.calls]).toEqual(['answered', 0, []]);
  });
});

describe('when what is open is silent, and a new connection is answered,', () => {
  it('all connections are cut and made anew, which is said once', async () => {
    await isUsable();
    const before = await openProbe();
    const { outcome } = await beginStatement();
    gate.strand();
    expect(await outcome).toContain('ECONNRESET');
    await isUsable();
    await goesOn(before);
    expect(database.standing).toEqual({ available: true });
    expect([returns, warn.mock.calls]).toEqual([1, [[expect.stringContaining('as after a failover')]]]);
  });
});
