import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, renameSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { LogForTest, rowOf, temporaryFolder } from '../../test/journal-rows.js';
import { type JournalOwner, newOwner, ownerOf, segmentName } from './journal-owner.js';
import { UsageJournal } from './usage-journal.js';

let temporary: ReturnType<typeof temporaryFolder>;
let other: ChildProcess;
let time = 0;

beforeEach(() => {
  temporary = temporaryFolder();
  other = spawn('sleep', ['60']);
});
afterEach(async () => {
  await end();
  temporary.remove();
});

async function end(): Promise<void> {
  if (other.exitCode !== null || other.signalCode !== null) return;
  other.kill('SIGKILL');
  await once(other, 'exit');
}

const journalOf = (owner: JournalOwner) =>
  new UsageJournal(temporary.path, { log: new LogForTest(), owner, now: () => time });
const ownerOfOther = (): JournalOwner => ({ ...newOwner(), pid: other.pid ?? 0 });
const elsewhere = (): JournalOwner => ({ ...newOwner(), place: '00000000', pid: 1 });
const idsInFolder = () => readdirSync(temporary.path).map((name) => ownerOf(name)?.id);

describe('the segments of another process', () => {
  it('are not taken over while it runs, however long they are', async () => {
    const owner = ownerOfOther();
    const theirs = journalOf(owner);
    theirs.append([rowOf(1)], 1);
    const ours = journalOf(newOwner());
    for (let step = 0; step < 100; step += 1) {
      await theirs.renew();
      await ours.claim();
      time += 2000;
    }
    expect([ours.unread, idsInFolder()]).toEqual([0, [owner.id]]);
  });

  it('are taken over at once when it was killed, by one of those who want them', async () => {
    const theirs = journalOf(ownerOfOther());
    for (let number = 1; number <= 3; number += 1) {
      theirs.append([rowOf(number)], number);
      theirs.rotate();
    }
    await end();
    // Both heirs run: as the test, and as what started it.
    const heirs = [process.pid, process.ppid].map((pid) => journalOf({ ...newOwner(), pid }));
    await Promise.all(heirs.map((heir) => heir.claim()));
    expect(heirs.reduce((sum, { unread }) => sum + unread, 0)).toBe(3);
  });

  it('are taken over from an earlier process that had our own id', async () => {
    const theirs = journalOf(newOwner());
    theirs.append([rowOf(1)], 1);
    const ours = journalOf(newOwner());
    await ours.claim();
    expect(ours.unread).toBe(1);
  });

  it('are taken over from another container or machine when nobody touched them for 30 seconds', async () => {
    const theirs = journalOf(elsewhere());
    theirs.append([rowOf(1)], 1);
    const ours = journalOf(newOwner());
    await ours.claim();
    time += 29_999;
    await ours.claim();
    expect(ours.unread).toBe(0);
    await theirs.renew();
    await ours.claim();
    time += 29_999;
    await ours.claim();
    expect(ours.unread).toBe(0);
    time += 1;
    await ours.claim();
    expect(ours.unread).toBe(1);
  });

  it('are judged by no calendar: a file from the future or the past is like any other', async () => {
    const theirs = journalOf(elsewhere());
    theirs.append([rowOf(1)], 1);
    const [name = ''] = readdirSync(temporary.path);
    for (const date of ['1980-01-01', '2100-01-01']) {
      utimesSync(join(temporary.path, name), new Date(date), new Date(date));
      const ours = journalOf(newOwner());
      await ours.claim();
      expect(ours.unread).toBe(0);
    }
  });
});

describe('what is no segment', () => {
  it('is left alone', async () => {
    const names = ['notes.txt', 'x.journal', `${segmentName(elsewhere(), 1)}.bad`, '.nfs000', 'lost+found'];
    for (const name of names) writeFileSync(join(temporary.path, name), 'x');
    const ours = journalOf(newOwner());
    await ours.claim();
    time += 60_000;
    await ours.claim();
    expect(readdirSync(temporary.path).sort()).toEqual(names.sort());
  });

  it('may come and go while we look', async () => {
    const theirs = journalOf(newOwner());
    theirs.append([rowOf(1)], 1);
    const [name = ''] = readdirSync(temporary.path);
    const ours = journalOf(newOwner());
    const claimed = ours.claim();
    renameSync(join(temporary.path, name), join(temporary.path, 'elsewhere'));
    await claimed;
    expect(ours.unread).toBe(0);
  });
});
