import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { rowOf, rowsOf, temporaryFolder } from '../../test/journal-rows.js';
import { eventually } from '../../test/streams.js';
import { readConfig } from '../config.js';
import { countFrames } from './journal-frame.js';
import type { DatabaseService } from '../database/database.service.js';
import { UsageRecorder } from './usage-recorder.service.js';
import { INTERRUPTED_STATUS, type RefusalCount, type UsageRecord } from './usage-record.js';

/** A database that can be away, and that refuses a row that is told to it. */
class FakeDatabase {
  readonly rows = new Map<string, UsageRecord>();
  readonly refusals: RefusalCount[] = [];
  away = false;
  refused: string | undefined;
  readonly writer = {
    query: async (sql: string, [json = '']: readonly string[]) => {
      if (this.away) throw Object.assign(new Error('Connection terminated'), { code: 'ECONNREFUSED' });
      const rows = JSON.parse(json) as (UsageRecord & RefusalCount)[];
      if (rows.some(({ id }) => id !== undefined && id === this.refused)) {
        throw Object.assign(new Error('integer out of range'), { code: '22003' });
      }
      if (!sql.includes('usage_event')) this.refusals.push(...rows);
      else if (sql.includes('UPDATE usage_event')) this.replace(rows);
      else return { rows: [{ inserted: this.insert(rows) }] };
      return { rows: [] };
    },
  };

  private insert(rows: readonly UsageRecord[]): number {
    const before = this.rows.size;
    for (const row of rows) if (!this.rows.has(row.id)) this.rows.set(row.id, row);
    return this.rows.size - before;
  }

  private replace(rows: readonly UsageRecord[]): void {
    for (const row of rows) {
      const known = this.rows.get(row.id);
      if (known?.status === INTERRUPTED_STATUS && row.status !== INTERRUPTED_STATUS) this.rows.set(row.id, row);
    }
  }
}

let temporary: ReturnType<typeof temporaryFolder>;
let folder: string;
let database: FakeDatabase;
let recorder: UsageRecorder | undefined;

beforeEach(() => {
  Logger.overrideLogger(false);
  temporary = temporaryFolder();
  folder = join(temporary.path, 'usage');
  database = new FakeDatabase();
});
afterEach(async () => {
  database.away = false;
  await recorder?.beforeApplicationShutdown();
  temporary.remove();
});

function start(environment: Record<string, string> = {}): UsageRecorder {
  const config = readConfig({ MAAS_DATA_DIR: temporary.path, ...environment });
  recorder = new UsageRecorder(config, database as unknown as DatabaseService);
  recorder.onApplicationBootstrap();
  return recorder;
}

const files = () => readdirSync(folder);

describe('the recorder', () => {
  it('keeps rows while the database is away, and writes each once when it is back', async () => {
    const usage = start();
    database.away = true;
    for (const row of rowsOf(1200)) usage.record(row);
    await expect(usage.flush()).rejects.toThrow('Connection terminated');
    expect([usage.depth, database.rows.size]).toEqual([1200, 0]);
    database.away = false;
    await usage.flush();
    expect([usage.depth, database.rows.size]).toEqual([0, 1200]);
  });

  it('says that a row is safe when it is on file and not before: at once when it comes alone, and else together', async () => {
    // So that nothing leaves between two looks, on a machine that is busy.
    database.away = true;
    const usage = start();
    const rowsOnFile = () => files().reduce((sum, name) => sum + countFrames(readFileSync(join(folder, name))), 0);
    let recorded = 0;
    let seen: number[] = [];
    const record = (count: number) => {
      seen = [];
      for (let index = 0; index < count; index += 1) {
        usage.record(rowOf((recorded += 1)), undefined, () => seen.push(rowsOnFile()));
      }
    };
    const turn = () => new Promise((resolve) => setImmediate(resolve));
    // Nobody knows yet that more follow.
    record(20);
    expect([seen, usage.depth]).toEqual([[1], 20]);
    await turn();
    expect(seen).toEqual([1, ...Array<number>(19).fill(20)]);
    record(20);
    expect([seen, usage.depth]).toEqual([[], 40]);
    await turn();
    expect(seen).toEqual(Array<number>(20).fill(40));
    record(1);
    expect(seen).toEqual([]);
    await turn();
    record(1);
    expect(seen).toEqual([42]);
  });

  it('has a row on file at once where the end of the answer cannot wait, and all that came before it', () => {
    const usage = start();
    const seen: number[] = [];
    for (const number of [1, 2]) usage.record(rowOf(number), undefined, () => seen.push(number));
    expect(seen).toEqual([1]);
    usage.record(rowOf(3));
    expect([seen, files().map((name) => countFrames(readFileSync(join(folder, name))))]).toEqual([[1, 2], [3]]);
  });

  it('says that a row is safe also when no journal can be written: the client must not wait for ever', async () => {
    rmSync(folder, { recursive: true, force: true });
    writeFileSync(folder, 'a file in its place');
    const usage = start();
    await new Promise<void>((resolve) => usage.record(rowOf(1), undefined, resolve));
    expect(usage.depth).toBe(1);
    rmSync(folder);
  });

  it('leaves to the next start what the database does not take until the end', async () => {
    const usage = start();
    database.away = true;
    for (const row of rowsOf(10)) usage.record(row);
    usage.refuse(rowOf(1));
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick'] });
    const stopped = usage.beforeApplicationShutdown();
    await jest.advanceTimersByTimeAsync(30_000);
    await stopped;
    jest.useRealTimers();
    database.away = false;
    const next = start();
    await eventually(() => database.rows.size === 10, 'the rows of the process before');
    await next.beforeApplicationShutdown();
    expect(files()).toEqual([]);
  });

  it('writes the others when the database will never take one row, and keeps that one', async () => {
    const usage = start();
    database.refused = rowOf(321).id;
    for (const row of rowsOf(700)) usage.record(row);
    await usage.flush();
    expect([usage.depth, database.rows.size, database.rows.has(database.refused)]).toEqual([0, 699, false]);
    const path = files().find((name) => name.endsWith('.bad')) ?? '';
    expect(readFileSync(join(folder, path), 'utf8')).toContain(database.refused);
  });

  it('counts refused requests by the hour, and once, also when the database was away', async () => {
    const usage = start();
    database.away = true;
    for (let time = 0; time < 5; time += 1) usage.refuse(rowOf(1));
    await expect(usage.flush()).rejects.toThrow('Connection terminated');
    usage.refuse(rowOf(1));
    database.away = false;
    await usage.flush();
    await usage.flush();
    expect(database.refusals.map(({ count }) => count)).toEqual([6]);
  });
});

describe('a request under way', () => {
  const interrupted = (number: number) => rowOf(number, { status: INTERRUPTED_STATUS, completionTokens: 3 });
  const begin = (usage: UsageRecorder, count: number) => {
    return Array.from({ length: count }, (_, index) => usage.begin({ soFar: () => interrupted(index + 1) }));
  };

  it('has a row when its process is killed, and the final one if it had ended before', async () => {
    const killed = start();
    database.away = true;
    const begun = begin(killed, 6);
    await killed.checkpoint();
    for (const number of [1, 2, 3]) killed.record(rowOf(number), begun[number - 1]);
    database.away = false;
    await start().flush();
    await eventually(() => database.rows.size === 6, 'the rows of the process before');
    await eventually(() => database.rows.get(rowOf(3).id)?.status === 200, 'the final rows');
    const expected = [1, 2, 3].map((number) => rowOf(number)).concat([4, 5, 6].map(interrupted));
    expect([...database.rows.values()].sort((left, right) => left.promptTokens - right.promptTokens)).toEqual(expected);
  });

  it('has no row while its process lives, and one when it has ended, also after another process took it for dead', async () => {
    const living = start();
    const [begun] = begin(living, 1);
    await living.checkpoint();
    await living.flush();
    expect(database.rows.size).toBe(0);
    // It has the same process id, and is therefore taken for an earlier process.
    const heir = start();
    await eventually(() => database.rows.size === 1, 'what the heir took over');
    living.record(rowOf(1), begun);
    await living.flush();
    expect([...database.rows.values()]).toEqual([rowOf(1)]);
    await living.beforeApplicationShutdown();
    recorder = heir;
  });

  it('leaves nothing behind when it has ended', async () => {
    const usage = start();
    const begun = begin(usage, 3);
    await usage.checkpoint();
    expect(files().some((name) => name.endsWith('.open'))).toBe(true);
    for (const [index, row] of rowsOf(3).entries()) usage.record(row, begun[index]);
    await usage.beforeApplicationShutdown();
    expect(files()).toEqual([]);
  });
});

describe('the quota of the journal', () => {
  const QUOTA = 1024 * 1024;
  const small = { USAGE_JOURNAL_QUOTA: String(QUOTA) };
  let next: number;

  /** Rows as if they were of so many requests, in turns of their own. @returns how many there are in all */
  function serve(usage: UsageRecorder, count: number): number {
    for (const end = next + count; next < end; next += 1) usage.record(rowOf(next));
    return next - 1;
  }

  /** Serves until the journal is at a state, looking at it as the process does every two seconds. */
  async function fill(usage: UsageRecorder, state: 'scarce' | 'full'): Promise<number> {
    let count = 0;
    while (usage.room.state !== state) {
      count = serve(usage, 100);
      await usage.maintain();
    }
    return count;
  }

  /** Files are removed in the background. */
  async function hasRoom(usage: UsageRecorder): Promise<boolean> {
    await usage.maintain();
    return usage.safety.writable;
  }

  beforeEach(() => {
    next = 1;
    database.away = true;
  });

  it('is warned of before it is reached, once, and what is on the disk stays within it', async () => {
    const warn = jest.spyOn(Logger.prototype, 'warn');
    const usage = start(small);
    await fill(usage, 'scarce');
    expect([usage.safety.writable, usage.room.bytes < QUOTA, warn.mock.calls.length]).toEqual([true, true, 1]);
    expect(warn.mock.calls[0]?.[0]).toMatch(/holds 0\.\d MiB, 8\d % of the 1\.0 MiB of USAGE_JOURNAL_QUOTA/);
    await fill(usage, 'full');
    const { bytes } = usage.room;
    serve(usage, 5000);
    await usage.maintain();
    expect([usage.room.bytes, usage.safety.writable, warn.mock.calls.length]).toEqual([bytes, false, 1]);
    // What comes between two looks, here 100 rows, is beyond it.
    expect(bytes).toBeLessThan(QUOTA * 1.1);
    warn.mockRestore();
  });

  it('leaves what comes then in memory, as much as is said, counts the rest, and goes on with the database', async () => {
    const usage = start(small);
    const onFile = await fill(usage, 'full');
    serve(usage, 20_000);
    expect(usage.safety).toEqual({ writable: false, atRisk: 20_000, lost: 0 });
    serve(usage, 30);
    expect(usage.safety).toEqual({ writable: false, atRisk: 20_000, lost: 30 });
    database.away = false;
    await usage.flush();
    expect([database.rows.size, usage.depth]).toEqual([onFile + 20_000, 0]);
    await eventually(() => hasRoom(usage), 'the journal is written again');
    expect(usage.safety).toEqual({ writable: true, atRisk: 0, lost: 30 });
    expect(usage.room.state).toBe('ample');
  });

  it('ends inference where the operator wants no row in memory alone, until the database is back', async () => {
    const usage = start({ ...small, USAGE_WHEN_UNWRITABLE: 'refuse' });
    await fill(usage, 'scarce');
    expect(usage.accepts(null)).toBe(true);
    const count = await fill(usage, 'full');
    expect([usage.accepts(null), usage.accepts('refuse'), usage.accepts('memory')]).toEqual([false, false, true]);
    database.away = false;
    await usage.flush();
    await eventually(() => hasRoom(usage), 'the journal is written again');
    expect([usage.accepts(null), database.rows.size, usage.safety.lost]).toEqual([true, count, 0]);
  });

  it('is found reached by the next process too, which delivers what is there', async () => {
    const usage = start(small);
    const count = await fill(usage, 'full');
    // As if it had been killed.
    const heir = start({ ...small, USAGE_WHEN_UNWRITABLE: 'refuse' });
    await heir.maintain();
    expect(heir.accepts(null)).toBe(false);
    database.away = false;
    await eventually(() => database.rows.size === count, 'the rows of the process before');
    await eventually(() => hasRoom(heir), 'the journal is written again');
    expect(heir.accepts(null)).toBe(true);
  });
});

describe('without a journal', () => {
  beforeEach(() => writeFileSync(folder, 'a file in its place'));

  it('rows go from memory to the database, and requests are accepted', async () => {
    const usage = start();
    expect(usage.accepts(null)).toBe(true);
    for (const row of rowsOf(30)) usage.record(row);
    await usage.flush();
    expect(database.rows.size).toBe(30);
    rmSync(folder);
  });

  it('requests are not accepted where the operator wants none without one, until it is there again', async () => {
    const usage = start({ USAGE_WHEN_UNWRITABLE: 'refuse' });
    expect(usage.accepts(null)).toBe(false);
    usage.record(rowOf(1));
    await usage.flush();
    expect([usage.accepts(null), database.rows.size]).toEqual([false, 1]);
    rmSync(folder);
    jest.useFakeTimers();
    usage.onApplicationBootstrap();
    await jest.advanceTimersByTimeAsync(2000);
    jest.useRealTimers();
    expect(usage.accepts(null)).toBe(true);
  });
});
