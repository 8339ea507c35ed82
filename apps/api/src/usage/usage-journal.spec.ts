import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { LogForTest, rowOf, rowsOf, temporaryFolder } from '../../test/journal-rows.js';
import { FrameReader } from './journal-frame.js';
import { UsageJournal } from './usage-journal.js';

let temporary: ReturnType<typeof temporaryFolder>;
let folder: string;
let log: LogForTest;

beforeEach(() => {
  temporary = temporaryFolder();
  folder = join(temporary.path, 'usage');
  log = new LogForTest();
});
afterEach(() => temporary.remove());

const files = () => readdirSync(folder).sort();
const rowsIn = (name: string) => new FrameReader(readFileSync(join(folder, name))).next(Infinity);
const allRows = () => files().flatMap(rowsIn);

describe('the usage journal', () => {
  it('has a row on file when append returns', () => {
    const journal = new UsageJournal(folder, { log });
    for (const [index, row] of rowsOf(100).entries()) {
      expect(journal.append([row], index + 1)).toBe(true);
      expect(allRows().at(-1)).toEqual(row);
    }
    expect(allRows()).toEqual(rowsOf(100));
  });

  it('is readable by its owner alone', () => {
    new UsageJournal(folder, { log }).open();
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(join(folder, files()[0] ?? '')).mode & 0o777).toBe(0o600);
  });

  it('has no file larger than 16 MiB', () => {
    const journal = new UsageJournal(folder, { log });
    const row = rowOf(1, { endpoint: 'x'.repeat(100_000) });
    for (let number = 1; number <= 400; number += 1) journal.append([row], number);
    expect(files()).toHaveLength(3);
    expect(Math.max(...files().map((name) => statSync(join(folder, name)).size))).toBeLessThanOrEqual(16 * 1024 * 1024);
    expect(allRows()).toHaveLength(400);
  });

  it('keeps a file until each of its rows is released, and no longer', async () => {
    const journal = new UsageJournal(folder, { log });
    for (let number = 1; number <= 9; number += 1) {
      journal.append([rowOf(number)], number);
      if (number % 3 === 0) journal.rotate();
    }
    journal.release(5);
    await journal.close(5);
    expect(allRows()).toEqual(rowsOf(9).slice(3));
    journal.release(9);
    await journal.close(9);
    expect(files()).toEqual([]);
  });

  it('keeps a file with a row that is in no memory, whatever is released', async () => {
    const journal = new UsageJournal(folder, { log });
    journal.append([rowOf(1)], 1);
    journal.append([rowOf(2)]);
    await journal.close(1_000_000);
    expect([journal.unread, allRows().length]).toEqual([1, 2]);
  });

  it('does not grow while the database keeps up', async () => {
    const journal = new UsageJournal(folder, { log });
    for (let number = 1; number <= 5000; number += 1) {
      journal.append([rowOf(number)], number);
      if (number % 100 === 0) journal.release(number);
    }
    await journal.close(0);
    expect(allRows().length).toBeLessThan(1000);
  });

  it('leaves no file behind when it wrote nothing', async () => {
    const journal = new UsageJournal(folder, { log });
    journal.open();
    expect(files()).toHaveLength(1);
    await journal.close(0);
    expect(files()).toEqual([]);
  });

  it('goes on in a new file when its own was taken or removed', async () => {
    const journal = new UsageJournal(folder, { log });
    journal.append([rowOf(1)], 1);
    rmSync(folder, { recursive: true });
    await journal.renew();
    expect(journal.append([rowOf(2)], 2)).toBe(true);
    expect(allRows()).toEqual([rowOf(2)]);
  });
});

describe('a journal that cannot be written', () => {
  it('says so once, and takes rows again when its folder is there', () => {
    writeFileSync(folder, 'a file in its place');
    const journal = new UsageJournal(folder, { log });
    for (let time = 0; time < 3; time += 1) {
      expect(journal.open()).toBe(false);
      expect(journal.append([rowOf(1)], 1)).toBe(false);
    }
    expect(journal.failure).toHaveProperty('code', 'EEXIST');
    expect(log.lines).toEqual([
      expect.stringMatching(/^error The usage journal in .*\/usage cannot be written: .*EEXIST/),
    ]);
    rmSync(folder);
    expect([journal.open(), journal.append([rowOf(2)], 2), journal.failure]).toEqual([true, true, undefined]);
    expect(allRows()).toEqual([rowOf(2)]);
  });

  it('loses no earlier and no later row when a disk fills in the middle of a row', () => {
    let room = 2000;
    const journal = new UsageJournal(folder, {
      log,
      write: (descriptor, bytes, offset) => {
        if (room === 0) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
        const length = Math.min(room, bytes.length - offset);
        room -= length;
        return writeSync(descriptor, bytes, offset, length);
      },
    });
    const written = rowsOf(20).filter((row, index) => journal.append([row], index + 1));
    expect(written.length).toBeGreaterThan(1);
    expect(written.length).toBeLessThan(20);
    expect(journal.open()).toBe(false);
    room = Infinity;
    expect(journal.open()).toBe(true);
    expect(journal.append([rowOf(21)], 21)).toBe(true);
    expect(allRows()).toEqual([...written, rowOf(21)]);
  });

  it('takes away no file of somebody else', () => {
    mkdirSync(folder);
    writeFileSync(join(folder, 'notes.txt'), 'mine');
    const journal = new UsageJournal(folder, { log });
    journal.append([rowOf(1)], 1);
    journal.rotate();
    journal.release(1);
    expect(readFileSync(join(folder, 'notes.txt'), 'utf8')).toBe('mine');
  });
});
