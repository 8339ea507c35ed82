import { readdirSync, readFileSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { LogForTest, rowOf, temporaryFolder } from '../../test/journal-rows.js';
import { CheckpointFile } from './checkpoint-file.js';
import { FrameReader } from './journal-frame.js';
import { newOwner } from './journal-owner.js';
import { type OpenRequest, OpenRequests } from './open-requests.js';
import type { UsageRecord } from './usage-record.js';

let temporary: ReturnType<typeof temporaryFolder>;
let log: LogForTest;
let time: number;
let room: number;
const begun = new Map<string, OpenRequest>();

beforeEach(() => {
  temporary = temporaryFolder();
  log = new LogForTest();
  time = 0;
  room = Infinity;
});
afterEach(() => temporary.remove());

function start(): OpenRequests {
  const write = (descriptor: number, bytes: Buffer, offset: number) => {
    if (room === 0) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
    const length = Math.min(room, bytes.length - offset);
    room -= length;
    return writeSync(descriptor, bytes, offset, length);
  };
  return new OpenRequests(new CheckpointFile(temporary.path, { log, owner: newOwner(), write, now: () => time }));
}

/** Streams that can be told what they have come to. */
function begin(requests: OpenRequests, count: number, fields: Partial<UsageRecord> = {}) {
  return Array.from({ length: count }, (_, index) => {
    const row = { ...rowOf(index + 1, { status: 500, completionTokens: 0, ...fields }) };
    begun.set(row.id, requests.begin({ soFar: () => ({ ...row }) }));
    return row;
  });
}

function end(requests: OpenRequests, rows: readonly UsageRecord[]) {
  for (const { id } of rows) requests.end(begun.get(id) as OpenRequest);
}

const files = () => readdirSync(temporary.path);
const frames = () =>
  files().flatMap((name) => new FrameReader(readFileSync(join(temporary.path, name))).next(Infinity));
const size = () => files().reduce((sum, name) => sum + statSync(join(temporary.path, name)).size, 0);
const tokens = () => frames().map(({ completionTokens }) => completionTokens);

describe('a request under way', () => {
  it('is on file as it would be billed, with the id of its final row', async () => {
    const requests = start();
    const rows = begin(requests, 1000, { completionTokens: 5 });
    await requests.checkpoint();
    expect(frames()).toEqual(rows);
  });

  it('is written again when it has come to more, and not otherwise', async () => {
    const requests = start();
    const [first, second] = begin(requests, 2);
    await requests.checkpoint();
    for (const more of [4, 9]) {
      if (second) Object.assign(second, { completionTokens: more, durationMs: 1000 * more });
      if (first) Object.assign(first, { durationMs: 1000 * more });
      await requests.checkpoint();
      await requests.checkpoint();
    }
    expect(tokens()).toEqual([0, 0, 4, 9]);
  });

  it('is not written when it is answered before a second checkpoint, unless its answer had begun', async () => {
    const requests = start();
    const [waiting] = begin(requests, 1, { firstByteMs: null });
    await requests.checkpoint();
    expect(files()).toEqual([]);
    await requests.checkpoint();
    expect(frames()).toEqual([waiting]);
    const answered = rowOf(7, { firstByteMs: 1 });
    requests.begin({ soFar: () => answered });
    await requests.checkpoint();
    expect(frames()).toEqual([waiting, answered]);
  });

  it('is on file alone after others have ended, and nothing is when all have', async () => {
    const requests = start();
    const rows = begin(requests, 3);
    await requests.checkpoint();
    end(requests, rows.slice(1));
    time += 10_000;
    await requests.checkpoint();
    expect(frames()).toEqual(rows.slice(0, 1));
    end(requests, rows.slice(0, 1));
    time += 10_000;
    await requests.checkpoint();
    expect(files()).toEqual([]);
  });

  it('for hours costs no more on the disk than one for seconds', async () => {
    const requests = start();
    const rows = begin(requests, 20);
    let largest = 0;
    for (let second = 0; second < 3600; second += 1) {
      for (const row of rows) row.completionTokens += 30;
      await requests.checkpoint();
      largest = Math.max(largest, size());
      time += 1000;
    }
    expect(largest).toBeLessThan(11 * 20 * 600);
    expect(files()).toHaveLength(1);
    expect(frames().slice(-20)).toEqual(rows);
  });

  it('lets others have their turn while very many are written', async () => {
    const requests = start();
    begin(requests, 2000);
    let turns = 0;
    const others = setInterval(() => (turns += 1), 0);
    const count = () => void setImmediate(() => (turns += 1));
    count();
    await requests.checkpoint();
    clearInterval(others);
    expect(turns).toBeGreaterThan(0);
    expect(frames()).toHaveLength(2000);
  });

  it('stays on file when the process ends before it', async () => {
    const requests = start();
    const rows = begin(requests, 2);
    await requests.checkpoint();
    requests.close();
    expect(frames()).toEqual(rows);
    end(requests, rows);
    requests.close();
    expect(files()).toEqual([]);
  });
});

describe('when the disk is full', () => {
  it('what is on file stays, nothing is thrown, and it goes on when there is room', async () => {
    const requests = start();
    const rows = begin(requests, 5);
    await requests.checkpoint();
    room = 700;
    for (let second = 0; second < 30; second += 1) {
      time += 1000;
      for (const row of rows) row.completionTokens += 1;
      await requests.checkpoint();
    }
    expect(files()).toHaveLength(1);
    expect(tokens().slice(0, 5)).toEqual([0, 0, 0, 0, 0]);
    expect(log.lines).toEqual([expect.stringMatching(/^warn Requests under way cannot be kept track of .* no space/)]);
    room = Infinity;
    await requests.checkpoint();
    expect(files()).toHaveLength(1);
    expect(tokens()).toEqual([30, 30, 30, 30, 30]);
  });
});
