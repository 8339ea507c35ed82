import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { LogForTest, rowOf, rowsOf, temporaryFolder } from '../../test/journal-rows.js';
import { eventually } from '../../test/streams.js';
import { UsageBacklog } from './usage-backlog.js';
import { UsageJournal } from './usage-journal.js';
import type { UsageRecord } from './usage-record.js';

let temporary: ReturnType<typeof temporaryFolder>;
let folder: string;
let log: LogForTest;
/** What the database has: as there, a row with an id that is present already changes nothing. */
let table: Map<string, UsageRecord>;

beforeEach(() => {
  temporary = temporaryFolder();
  folder = join(temporary.path, 'usage');
  log = new LogForTest();
  table = new Map();
});
afterEach(() => temporary.remove());

/** As a process does at its start. */
async function start(rowsInMemory?: number): Promise<{ journal: UsageJournal; backlog: UsageBacklog }> {
  const journal = new UsageJournal(folder, { log });
  journal.open();
  await journal.claim();
  return { journal, backlog: new UsageBacklog(journal, log, rowsInMemory) };
}

async function ship(backlog: UsageBacklog, batches = Infinity): Promise<void> {
  for (let count = 0; count < batches; count += 1) {
    const batch = await backlog.next(50, backlog.newest);
    if (!batch) return;
    commit(batch.rows);
    batch.settle();
  }
}

function commit(rows: readonly UsageRecord[]): void {
  for (const row of rows) if (!table.has(row.id)) table.set(row.id, row);
}

const stored = () => [...table.values()].sort((left, right) => left.promptTokens - right.promptTokens);
const files = () => readdirSync(folder).sort();

describe('the backlog', () => {
  it('delivers each row once and leaves nothing behind', async () => {
    const { backlog } = await start();
    for (const row of rowsOf(1234)) backlog.add([row]);
    expect(backlog.depth).toBe(1234);
    await ship(backlog);
    await backlog.close();
    expect(stored()).toEqual(rowsOf(1234));
    expect([backlog.depth, files()]).toEqual([0, []]);
  });

  it('gives a batch again until it is settled', async () => {
    const { backlog } = await start();
    for (const row of rowsOf(10)) backlog.add([row]);
    for (let time = 0; time < 3; time += 1) expect((await backlog.next(50, backlog.newest))?.rows).toEqual(rowsOf(10));
  });

  it('holds no more rows in memory than it may while the database is away, and delivers all of them afterwards', async () => {
    const { backlog } = await start(100);
    for (const row of rowsOf(5000)) {
      backlog.add([row]);
      expect(backlog.inMemory).toBeLessThanOrEqual(100);
    }
    expect(backlog.depth).toBe(5000);
    await ship(backlog, 3);
    // The database is back, and rows keep coming.
    for (let number = 5001; number <= 6000; number += 1) {
      backlog.add([rowOf(number)]);
      if (number % 20 === 0) await ship(backlog, 1);
    }
    await ship(backlog);
    expect(stored()).toEqual(rowsOf(6000));
    await backlog.close();
    expect([backlog.depth, files()]).toEqual([0, []]);
  });

  it('loses and doubles nothing, whatever comes in between: full memory, rotations, failed writes, kills', async () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant('add' as const), count: fc.integer({ min: 1, max: 80 }) }),
      fc.record({
        do: fc.constantFrom('ship' as const, 'fail' as const, 'rotate' as const, 'kill' as const, 'stop' as const),
      }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        table = new Map();
        let { journal, backlog } = await start(60);
        let added = 0;
        for (const next of steps) {
          if (next.do === 'add') {
            // One by one, and several together, of which some may find no room in memory.
            backlog.add(Array.from({ length: next.count }, () => rowOf((added += 1))));
            backlog.add([rowOf((added += 1))]);
          }
          if (next.do === 'ship') await ship(backlog, 2);
          // The commit arrives, and its answer does not.
          if (next.do === 'fail') commit((await backlog.next(50, backlog.newest))?.rows ?? []);
          if (next.do === 'rotate') journal.rotate();
          if (next.do === 'stop') await backlog.close();
          if (next.do === 'kill' || next.do === 'stop') ({ journal, backlog } = await start(60));
        }
        ({ backlog } = await start(60));
        await ship(backlog);
        await backlog.close();
        expect(stored()).toEqual(rowsOf(added));
        expect(files()).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });
});

describe('what an ended process left', () => {
  it('can be replayed three times without a change', async () => {
    for (let time = 0; time < 3; time += 1) {
      const { backlog } = await start();
      if (time === 0) for (const row of rowsOf(300)) backlog.add([row]);
      commit((await backlog.next(500, backlog.newest))?.rows ?? []);
      expect(stored()).toEqual(rowsOf(300));
    }
  });

  it('is delivered but for a row whose writing was cut off', async () => {
    const { backlog } = await start();
    for (const row of rowsOf(3)) backlog.add([row]);
    appendFileSync(join(folder, files()[0] ?? ''), '0001a0 1234abcd {"id":"01a1');
    const next = await start();
    await ship(next.backlog);
    await next.backlog.close();
    expect(stored()).toEqual(rowsOf(3));
    expect([files(), log.lines.at(-1)]).toEqual([[], expect.stringMatching(/^warn The last 27 bytes of .* cut off$/)]);
  });

  it('is kept for the operator where it is damaged, and the rows around are delivered', async () => {
    const { backlog } = await start();
    for (const row of rowsOf(3)) backlog.add([row]);
    const path = join(folder, files()[0] ?? '');
    writeFileSync(path, readFileSync(path, 'utf8').replace('"promptTokens":2,', '"promptTokens":9,'));
    const next = await start();
    await ship(next.backlog);
    await next.backlog.close();
    expect(stored()).toEqual([rowOf(1), rowOf(3)]);
    expect(files()).toEqual([expect.stringMatching(/\.journal\.bad$/)]);
    expect(readFileSync(join(folder, files()[0] ?? ''), 'utf8')).toContain('"promptTokens":9,');
    expect(log.lines.at(-1)).toMatch(/^error \d+ bytes of usage in .*\.bad are damaged/);
  });

  it('is delivered but for a file that is gone, and one that cannot be read, which is kept', async () => {
    const first = await start();
    for (const row of rowsOf(4)) {
      first.backlog.add([row]);
      first.journal.rotate();
    }
    const { backlog } = await start();
    const [gone = '', unreadable = ''] = files().filter((name) => statSync(join(folder, name)).size > 100);
    rmSync(join(folder, gone));
    rmSync(join(folder, unreadable));
    mkdirSync(join(folder, unreadable));
    await ship(backlog);
    expect(table.size).toBe(2);
    expect(files()).toContain(`${unreadable}.bad`);
    expect(log.lines.filter((line) => /^warn Usage in .* is gone/.test(line))).toHaveLength(1);
    expect(log.lines.filter((line) => /^error Usage in .* cannot be read; 1 rows are missing/.test(line))).toHaveLength(
      1,
    );
  });
});

describe('while the journal cannot be written', () => {
  beforeEach(() => writeFileSync(folder, 'a file in its place'));

  it('rows wait in memory, and are written to the journal as soon as it can be', async () => {
    const { backlog } = await start();
    for (const row of rowsOf(20)) backlog.add([row]);
    backlog.recover();
    expect([backlog.atRisk, backlog.inMemory]).toEqual([20, 20]);
    expect(log.lines.filter((line) => line.includes('20 usage rows are in memory alone'))).toHaveLength(1);
    backlog.recover();
    expect(log.lines).toHaveLength(2);
    rmSync(folder);
    backlog.recover();
    expect(backlog.atRisk).toBe(0);
    backlog.add([rowOf(21)]);
    // Killed: the next process has all of them.
    const next = await start();
    await ship(next.backlog);
    expect(stored()).toEqual(rowsOf(21));
  });

  it('the database gets them all the same', async () => {
    const { backlog } = await start();
    for (const row of rowsOf(120)) backlog.add([row]);
    await ship(backlog);
    expect([stored(), backlog.atRisk]).toEqual([rowsOf(120), 0]);
  });

  it('only rows beyond what memory holds are lost, and counted', async () => {
    const { backlog } = await start(100);
    for (const row of rowsOf(130)) backlog.add([row]);
    expect([backlog.inMemory, backlog.atRisk]).toEqual([100, 100]);
    rmSync(folder);
    backlog.recover();
    expect(log.lines.at(-1)).toBe('log The usage journal is written again; 30 rows were lost meanwhile');
    await ship(backlog);
    expect(stored()).toEqual(rowsOf(100));
  });
});

describe('while the disk is full', () => {
  /** What other files leave of the disk, in bytes. */
  let left: number;

  function startOn(rowsInMemory: number): UsageBacklog {
    const write = (descriptor: number, bytes: Buffer, offset: number) => {
      if (left === 0) throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
      const length = Math.min(left, bytes.length - offset);
      left -= length;
      return writeSync(descriptor, bytes, offset, length);
    };
    const journal = new UsageJournal(folder, { log, write });
    journal.open();
    return new UsageBacklog(journal, log, rowsInMemory);
  }

  it('and the database away, what memory holds is kept, and all of it is on file when there is room', async () => {
    left = 20_000;
    const backlog = startOn(200);
    for (const row of rowsOf(150)) backlog.add([row]);
    const onFile = 150 - backlog.atRisk;
    expect([backlog.depth, backlog.inMemory]).toEqual([150, 150]);
    expect(onFile).toBeGreaterThan(20);
    expect(onFile).toBeLessThan(150);
    for (let time = 0; time < 5; time += 1) backlog.recover();
    expect(log.lines).toEqual([
      expect.stringMatching(/^error The usage journal in .* cannot be written: .*ENOSPC/),
      expect.stringMatching(/^error \d+ usage rows are in memory alone, until the database has them$/),
    ]);
    left = Infinity;
    backlog.recover();
    expect(backlog.atRisk).toBe(0);
    // Killed: the next process has all of them.
    const next = await start();
    await ship(next.backlog);
    expect(stored()).toEqual(rowsOf(150));
  });

  it('the database gets them all the same, which makes room', async () => {
    left = 20_000;
    const backlog = startOn(200);
    for (const row of rowsOf(150)) backlog.add([row]);
    await ship(backlog);
    expect([stored(), backlog.depth]).toEqual([rowsOf(150), 0]);
    await eventually(() => files().length === 0, 'the file is removed');
    left = 20_000;
    backlog.recover();
    backlog.add([rowOf(151)]);
    expect(backlog.atRisk).toBe(0);
    await ship(backlog);
    await backlog.close();
    expect([table.size, files()]).toEqual([151, []]);
  });

  it('for a moment again and again, none is lost or counted twice, also at a kill', async () => {
    const moments = fc.array(fc.tuple(fc.integer({ min: 1, max: 40 }), fc.nat(12_000), fc.boolean()), {
      maxLength: 12,
    });
    await fc.assert(
      fc.asyncProperty(moments, async (steps) => {
        table = new Map();
        left = Infinity;
        const backlog = startOn(1000);
        let added = 0;
        for (const [count, room, isShipped] of steps) {
          left = room;
          for (let time = 0; time < count; time += 1) backlog.add([rowOf((added += 1))]);
          if (isShipped) await ship(backlog, 1);
          backlog.recover();
        }
        left = Infinity;
        backlog.recover();
        const next = await start();
        await ship(next.backlog);
        await next.backlog.close();
        expect(stored()).toEqual(rowsOf(added));
        expect(files()).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});
