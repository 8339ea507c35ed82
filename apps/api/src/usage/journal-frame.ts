import { crc32 } from 'node:zlib';
import type { UsageRecord } from './usage-record.js';

/**
 * The first line of a journal file. It takes the file's first block, so that a full disk shows before a row depends on it.
 * The rows follow, each a frame of one line: the length of its JSON in bytes (6 hex digits), the CRC-32 of it (8), the JSON.
 * JSON has no line feed, so that whatever is damaged, the next frame is found behind the next one.
 */
export const JOURNAL_HEADER = Buffer.from('maas-usage-journal 1\n');

const LENGTH_DIGITS = 6;
const CHECKSUM_DIGITS = 8;
const PREFIX_BYTES = LENGTH_DIGITS + CHECKSUM_DIGITS + 2;
const prefixGrammar = /^([0-9a-f]{6}) ([0-9a-f]{8}) $/;
const LINE_FEED = 0x0a;

/** Rows, each as a frame. */
export function encodeFrames(rows: readonly UsageRecord[]): Buffer {
  const [only] = rows;
  return Buffer.from(rows.length === 1 && only ? frameOf(only) : rows.map(frameOf).join(''));
}

function frameOf(row: UsageRecord): string {
  const json = JSON.stringify(row);
  const length = Buffer.byteLength(json).toString(16).padStart(LENGTH_DIGITS, '0');
  const checksum = crc32(json).toString(16).padStart(CHECKSUM_DIGITS, '0');
  return `${length} ${checksum} ${json}\n`;
}

/** Reads the rows of a journal file one after the other, past whatever is damaged. */
export class FrameReader {
  /** Bytes within the file that are no row of ours. */
  damagedBytes = 0;
  /** Bytes at the end without a line feed: a row whose writing was cut off. */
  tornBytes = 0;
  private position = 0;

  constructor(private readonly bytes: Buffer) {
    if (bytes.subarray(0, JOURNAL_HEADER.length).equals(JOURNAL_HEADER)) this.position = JOURNAL_HEADER.length;
  }

  /** @returns the next rows, at most so many; none at the end */
  next(count: number): UsageRecord[] {
    const rows: UsageRecord[] = [];
    while (rows.length < count && this.position < this.bytes.length) {
      const frame = this.frameAt(this.position);
      if (frame) {
        rows.push(frame.row);
        this.position = frame.end;
      } else {
        this.skipLine();
      }
    }
    return rows;
  }

  private frameAt(start: number): { row: UsageRecord; end: number } | undefined {
    const [, length, checksum] = prefixGrammar.exec(this.bytes.toString('latin1', start, start + PREFIX_BYTES)) ?? [];
    if (length === undefined || checksum === undefined) return undefined;
    const begin = start + PREFIX_BYTES;
    const json = this.bytes.subarray(begin, begin + Number.parseInt(length, 16));
    if (crc32(json) !== Number.parseInt(checksum, 16)) return undefined;
    const row = parsedRow(json);
    if (!row) return undefined;
    const end = begin + json.length + 1;
    // The row is whole even where its line feed is not: that costs the one byte.
    if (end <= this.bytes.length && this.bytes[end - 1] !== LINE_FEED) this.damagedBytes += 1;
    return { row, end };
  }

  private skipLine(): void {
    const lineFeed = this.bytes.indexOf(LINE_FEED, this.position);
    const end = lineFeed < 0 ? this.bytes.length : lineFeed + 1;
    if (lineFeed < 0) this.tornBytes += end - this.position;
    else this.damagedBytes += end - this.position;
    this.position = end;
  }
}

function parsedRow(json: Buffer): UsageRecord | undefined {
  try {
    return JSON.parse(json.toString()) as UsageRecord;
  } catch {
    return undefined;
  }
}

/** How many rows a journal file has, near enough to tell how much there is to do. */
export function countFrames(bytes: Buffer): number {
  let lines = 0;
  for (let at = bytes.indexOf(LINE_FEED); at >= 0; at = bytes.indexOf(LINE_FEED, at + 1)) lines += 1;
  return Math.max(0, lines - 1);
}
