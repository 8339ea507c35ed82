const LF = 0x0a;
const CR = 0x0d;
const CR_CR = Buffer.from('\r\r');
/** Bytes of a blank line that may stand on either side of a cut: it ends with LF, CR and LF at most. */
const CUT_BYTES = 2;
const NOTHING = Buffer.alloc(0);

/** A frame grew beyond what a backend may send at once. */
class FrameTooLarge extends Error {}

/**
 * Cuts a stream of server-sent events into its frames: each ends with its blank line. However the bytes are cut on their
 * way, the frames are the same.
 */
export class EventFrames {
  /** The beginning of a frame that is not complete. */
  private pending: Buffer | undefined;
  /** Where that is put together, with room for more: a large frame costs no more than its bytes, in however many pieces. */
  private room: Buffer | undefined;

  /** @param largest bytes of a frame */
  constructor(private readonly largest: number) {}

  /**
   * @returns the bytes of all frames that are complete now; empty when none is. What remains is kept.
   * @throws FrameTooLarge
   */
  push(chunk: Buffer): Buffer {
    const end = this.endOfLastFrameIn(chunk);
    if (end === 0) {
      this.keep(chunk);
      return NOTHING;
    }
    const last = end === chunk.length ? chunk : chunk.subarray(0, end);
    const whole = this.pending ? Buffer.concat([this.pending, last]) : last;
    this.pending = undefined;
    this.room = undefined;
    if (end < chunk.length) this.keep(chunk.subarray(end));
    return whole;
  }

  /** What came after the last complete frame. */
  rest(): Buffer | undefined {
    return this.pending;
  }

  /** The index after the last blank line that ends in these bytes, or 0. What is kept was looked through before. */
  private endOfLastFrameIn(chunk: Buffer): number {
    const end = endOfLastFrame(chunk);
    if (end > 0 || !this.pending) return end;
    const before = this.pending.subarray(-CUT_BYTES);
    const cut = endOfLastFrame(Buffer.concat([before, chunk.subarray(0, CUT_BYTES)]));
    return Math.max(0, cut - before.length);
  }

  private keep(chunk: Buffer): void {
    const length = (this.pending?.length ?? 0) + chunk.length;
    if (length > this.largest) throw new FrameTooLarge(`an event of more than ${this.largest} bytes`);
    if (!this.pending) {
      this.pending = chunk;
      return;
    }
    if (!this.room || this.room.length < length) {
      this.room = Buffer.allocUnsafeSlow(2 * length);
      this.pending.copy(this.room);
    }
    chunk.copy(this.room, this.pending.length);
    this.pending = this.room.subarray(0, length);
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
