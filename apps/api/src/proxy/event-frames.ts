const LF = 0x0a;
const CR = 0x0d;
const CR_CR = Buffer.from('\r\r');

/** A frame grew beyond what a backend may send at once. */
class FrameTooLarge extends Error {}

/**
 * Cuts a stream of server-sent events into its frames: each ends with its blank line. However the bytes are cut on their
 * way, the frames are the same.
 */
export class EventFrames {
  private pending: Buffer | undefined;

  /** @param largest bytes of a frame */
  constructor(private readonly largest: number) {}

  /**
   * @returns the bytes of all frames that are complete now; empty when none is. What remains is kept.
   * @throws FrameTooLarge
   */
  push(chunk: Buffer): Buffer {
    const bytes = this.pending ? Buffer.concat([this.pending, chunk]) : chunk;
    const end = endOfLastFrame(bytes);
    this.pending = end === bytes.length ? undefined : bytes.subarray(end);
    if (this.pending && this.pending.length > this.largest) {
      throw new FrameTooLarge(`an event of more than ${this.largest} bytes`);
    }
    return end === bytes.length ? bytes : bytes.subarray(0, end);
  }

  /** What came after the last complete frame. */
  rest(): Buffer | undefined {
    return this.pending;
  }
}

/** The index after the last blank line, or 0. */
function endOfLastFrame(bytes: Buffer): number {
  for (let at = bytes.lastIndexOf(LF); at > 0; at = bytes.lastIndexOf(LF, at - 1)) {
    if (isBlankLine(bytes, at, 0)) return at + 1;
  }
  // Lines may also end with CR alone (WHATWG HTML, "Server-sent events"), though hardly anybody writes them so.
  const at = bytes.lastIndexOf(CR_CR);
  return at < 0 ? 0 : at + CR_CR.length;
}

/** Whether the line feed at `at` ends a line that has nothing in it. */
function isBlankLine(bytes: Buffer, at: number, start: number): boolean {
  const before = bytes[at - 1] === CR ? at - 2 : at - 1;
  return before >= start && bytes[before] === LF;
}

/** Cuts bytes that hold whole frames into them. */
export function* framesIn(bytes: Buffer): Generator<Buffer> {
  let start = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    const ends =
      bytes[at] === LF
        ? isBlankLine(bytes, at, start)
        : bytes[at] === CR && bytes[at - 1] === CR && at > start && bytes[at + 1] !== LF;
    if (!ends) continue;
    yield bytes.subarray(start, at + 1);
    start = at + 1;
  }
  if (start < bytes.length) yield bytes.subarray(start);
}

/** The data of a frame: its `data:` lines, joined (WHATWG HTML, "Server-sent events"). */
export function dataOf(frame: Buffer): string {
  const lines = frame.toString().split(/\r\n|\n|\r/);
  const data = lines.filter((line) => line.startsWith('data:')).map((line) => line.slice(5).replace(/^ /, ''));
  return data.join('\n');
}
