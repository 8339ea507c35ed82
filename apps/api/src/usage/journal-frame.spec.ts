import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { rowOf } from '../../test/journal-rows.js';
import { countFrames, encodeFrames, FrameReader, JOURNAL_HEADER } from './journal-frame.js';
import type { UsageRecord } from './usage-record.js';

/** Text of all kinds, also such as looks like a frame. */
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom(
    '\n',
    '000002 00000000 {}',
    '"}\n000002 93d2c89a {}\n',
    JOURNAL_HEADER.toString(),
    '\u0000',
    '\u{1f600}',
  ),
);
const rows = fc
  .array(fc.tuple(text, text), { maxLength: 12 })
  .map((pairs) => pairs.map(([endpoint, tier], index) => rowOf(index, { endpoint, tier })));

function fileOf(written: readonly UsageRecord[]): Buffer {
  return Buffer.concat([JOURNAL_HEADER, encodeFrames(written)]);
}

function read(bytes: Buffer): { rows: UsageRecord[]; damagedBytes: number; tornBytes: number } {
  const reader = new FrameReader(bytes);
  const all: UsageRecord[] = [];
  for (let batch = reader.next(5); batch.length > 0; batch = reader.next(5)) all.push(...batch);
  return { rows: all, damagedBytes: reader.damagedBytes, tornBytes: reader.tornBytes };
}

describe('a journal file', () => {
  it('gives back exactly what was written', () => {
    fc.assert(
      fc.property(rows, (written) => {
        expect(read(fileOf(written))).toEqual({ rows: written, damagedBytes: 0, tornBytes: 0 });
        expect(countFrames(fileOf(written))).toBe(written.length);
      }),
    );
  });

  it('that is cut off anywhere gives back every row that is whole, and no other', () => {
    fc.assert(
      fc.property(rows, fc.double({ min: 0, max: 1, noNaN: true }), (written, part) => {
        const file = fileOf(written);
        const cut = Math.round(file.length * part);
        const ends = written.map((_, index) => fileOf(written.slice(0, index + 1)).length - 1);
        const found = read(file.subarray(0, cut));
        expect(found.rows).toEqual(written.slice(0, ends.filter((end) => end <= cut).length));
        expect(found.damagedBytes).toBe(0);
      }),
      { numRuns: 500 },
    );
  });

  it('in which any one byte is wrong loses at most that row, and says so', () => {
    fc.assert(
      fc.property(rows, fc.nat(), fc.integer({ min: 1, max: 255 }), (written, where, change) => {
        const file = fileOf(written);
        const at = where % file.length;
        file.writeUInt8(file.readUInt8(at) ^ change, at);
        const found = read(file);
        expect(found.rows.length).toBeGreaterThanOrEqual(written.length - 1);
        expect(found.rows).toEqual(written.filter(({ id }) => found.rows.some((row) => row.id === id)));
        expect(found.damagedBytes + found.tornBytes).toBeGreaterThan(0);
      }),
      { numRuns: 2000 },
    );
  });

  it('gives back the rows around any stretch of other bytes', () => {
    fc.assert(
      fc.property(rows, fc.nat(), fc.uint8Array({ minLength: 1, maxLength: 400 }), (written, where, garbage) => {
        const boundary = where % (written.length + 1);
        // Garbage ends with a line feed, as after it a process has begun a new line or a new file.
        const parts = [
          fileOf(written.slice(0, boundary)),
          garbage,
          Buffer.from('\n'),
          encodeFrames(written.slice(boundary)),
        ];
        expect(read(Buffer.concat(parts)).rows).toEqual(written);
      }),
    );
  });

  it('of nothing but zeros, as a power cut can leave it, has no rows', () => {
    expect(read(Buffer.alloc(4096))).toEqual({ rows: [], damagedBytes: 0, tornBytes: 4096 });
  });
});
