import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { LogForTest, rowOf, temporaryFolder } from '../../test/journal-rows.js';
import { AbandonedRequests } from './abandoned-requests.js';
import { CheckpointFile } from './checkpoint-file.js';
import { type JournalOwner, newOwner, segmentName } from './journal-owner.js';
import { OpenRequests } from './open-requests.js';
import { UsageJournal } from './usage-journal.js';
import type { UsageRecord } from './usage-record.js';

let temporary: ReturnType<typeof temporaryFolder>;
let log: LogForTest;
let time = 0;

beforeEach(() => {
  temporary = temporaryFolder();
  log = new LogForTest();
});
afterEach(() => temporary.remove());

const now = () => time;
const elsewhere = (): JournalOwner => ({ ...newOwner(), place: '00000000', pid: 1 });
const files = () => readdirSync(temporary.path).sort();

/** A process with so many requests under way. */
async function run(owner: JournalOwner, count: number, seconds: number) {
  const requests = new OpenRequests(new CheckpointFile(temporary.path, { log, owner, now }));
  const rows = Array.from({ length: count }, (_, index) => ({ ...rowOf(index + 1, { completionTokens: 0 }) }));
  for (const row of rows) requests.begin({ soFar: () => ({ ...row }) });
  const goOn = async (ticks: number) => {
    for (let tick = 0; tick < ticks; tick += 1) {
      for (const row of rows) row.completionTokens += 10;
      await requests.checkpoint();
      time += 1000;
    }
  };
  await goOn(seconds);
  return { goOn, requests };
}

async function takeOver(heir = new AbandonedRequests(temporary.path, { log, owner: newOwner(), now })) {
  const found: UsageRecord[] = [];
  await heir.takeOver((rows) => found.push(...rows));
  return found.map(({ id, completionTokens }) => `${id.slice(-1)} ${completionTokens}`);
}

describe('requests that were under way when their process ended', () => {
  it('are taken over once, as they were last', async () => {
    await run(newOwner(), 3, 5);
    expect(await takeOver()).toEqual(['1 50', '2 50', '3 50']);
    expect(files()).toEqual([]);
    expect(await takeOver()).toEqual([]);
  });

  it('are taken over as they were before, where the writing of the last was cut off at any byte', async () => {
    await run(newOwner(), 2, 3);
    const [name = ''] = files();
    const path = join(temporary.path, name);
    const whole = readFileSync(path);
    const lines = whole.toString().split('\n').slice(0, -1);
    for (let cut = 30; cut < whole.length; cut += 13) {
      writeFileSync(path, whole.subarray(0, cut));
      // The header, and then each of the two in turn: what has all bytes before the cut, but for its line feed.
      const frames = lines.filter((_, index) => lines.slice(0, index + 1).join('\n').length <= cut).length - 1;
      const expected = [`1 ${10 * Math.ceil(frames / 2)}`, `2 ${10 * Math.floor(frames / 2)}`];
      expect(await takeOver()).toEqual(expected.filter((text) => !text.endsWith(' 0')));
      expect(files()).toEqual([]);
    }
    expect(log.lines.filter((line) => !line.startsWith('log'))).toEqual([]);
  });

  it('are left alone while the process runs, however long they are, and nothing changes on file', async () => {
    const process = await run(elsewhere(), 2, 1);
    const heir = new AbandonedRequests(temporary.path, { log, owner: newOwner(), now });
    for (let turn = 0; turn < 60; turn += 1) {
      await process.goOn(2);
      expect(await takeOver(heir)).toEqual([]);
    }
  });

  it('are left alone also while nothing is heard of them', async () => {
    const requests = new OpenRequests(new CheckpointFile(temporary.path, { log, owner: elsewhere(), now }));
    const silent = rowOf(1, { firstByteMs: null });
    requests.begin({ soFar: () => silent });
    const heir = new AbandonedRequests(temporary.path, { log, owner: newOwner(), now });
    for (let second = 0; second < 120; second += 1) {
      await requests.checkpoint();
      expect(await takeOver(heir)).toEqual([]);
      time += 1000;
    }
    expect(files()).toHaveLength(1);
  });

  it('are taken over from elsewhere after 30 seconds of silence; a process that stood still goes on in a new file', async () => {
    const process = await run(elsewhere(), 1, 1);
    const heir = new AbandonedRequests(temporary.path, { log, owner: newOwner(), now });
    expect(await takeOver(heir)).toEqual([]);
    time += 29_999;
    expect(await takeOver(heir)).toEqual([]);
    time += 1;
    expect(await takeOver(heir)).toEqual(['1 10']);
    await process.goOn(1);
    expect(await takeOver(heir)).toEqual([]);
    time += 30_000;
    expect(await takeOver(heir)).toEqual(['1 20']);
  });

  it('are kept for the operator where the file is damaged, and the others are taken over', async () => {
    await run(newOwner(), 3, 1);
    const path = join(temporary.path, files()[0] ?? '');
    writeFileSync(path, readFileSync(path, 'utf8').replace('"promptTokens":2,', '"promptTokens":9,'));
    expect(await takeOver()).toEqual(['1 10', '3 10']);
    expect(files()).toEqual([expect.stringMatching(/\.open\.bad$/)]);
    expect(log.lines.at(-1)).toMatch(/^error \d+ bytes of requests under way in .*\.bad are damaged$/);
  });

  it('are no rows of the journal, and those are none of them', async () => {
    const owner = newOwner();
    await run(owner, 2, 1);
    const journal = new UsageJournal(temporary.path, { log, owner });
    journal.append([rowOf(9)], 1);
    const heir = new UsageJournal(temporary.path, { log, owner: newOwner() });
    await heir.claim();
    expect(heir.unread).toBe(1);
    expect(await takeOver()).toEqual(['1 10', '2 10']);
    for (const name of ['notes.txt', 'x.open', `${segmentName(elsewhere(), 1, 'open')}.bad`]) {
      writeFileSync(join(temporary.path, name), 'x');
    }
    time += 60_000;
    expect(await takeOver()).toEqual([]);
  });
});
