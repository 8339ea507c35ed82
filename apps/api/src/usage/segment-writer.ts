import { close, fdatasync, fsync, ftruncateSync, open, openSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { JOURNAL_HEADER } from './journal-frame.js';

const SYNC_MILLISECONDS = 50;

/** `writeSync` of node:fs: writes from an offset on and says how many bytes it took. */
export type Write = (descriptor: number, bytes: Buffer, offset: number) => number;

/**
 * Appends frames to one file of the journal. What `append` took survives the end of the process, however that ends, because
 * the system holds it then; what is older than some 50 milliseconds survives the end of the machine too.
 */
export class SegmentWriter {
  /** Bytes of whole frames, with the header. */
  size = 0;
  private timer: NodeJS.Timeout | undefined;
  private syncing = false;
  /** Something was written since the last sync began. */
  private dirty = false;
  private closed = false;

  private constructor(
    readonly path: string,
    private readonly descriptor: number,
    private readonly write: Write,
    private readonly onError: (error: Error) => void,
  ) {}

  /**
   * @param onError is told when what was written could not be brought to the disk
   * @throws what the file system says when it does not take the first block
   */
  static create(path: string, onError: (error: Error) => void, write: Write = writeSync): SegmentWriter {
    const writer = new SegmentWriter(path, openSync(path, 'ax', 0o600), write, onError);
    try {
      writer.append(JOURNAL_HEADER);
    } catch (error) {
      writer.abandon();
      rmSync(path, { force: true });
      throw error;
    }
    syncFolder(dirname(path));
    return writer;
  }

  /** @throws what the file system says; none of the frames counts as written then */
  append(frames: Buffer): void {
    for (let written = 0; written < frames.length;) written += this.write(this.descriptor, frames, written);
    this.size += frames.length;
    this.dirty = true;
    this.syncSoon();
  }

  /** Takes away what an `append` that failed may have left. */
  discardTail(): void {
    try {
      ftruncateSync(this.descriptor, this.size);
    } catch {
      // A reader takes it for a row whose writing was cut off.
    }
  }

  /** Brings the rest to the disk and closes the file, in the background. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    clearTimeout(this.timer);
    if (this.syncing) return;
    if (this.dirty) this.sync();
    else close(this.descriptor, () => {});
  }

  /** Closes a file whose rows nobody needs any more. */
  abandon(): void {
    this.dirty = false;
    this.close();
  }

  private syncSoon(): void {
    if (this.timer || this.syncing) return;
    this.timer = setTimeout(() => this.sync(), SYNC_MILLISECONDS);
    this.timer.unref();
  }

  private sync(): void {
    this.timer = undefined;
    this.dirty = false;
    this.syncing = true;
    fdatasync(this.descriptor, (error) => {
      this.syncing = false;
      if (error) this.onError(error);
      if (this.dirty && this.closed) this.sync();
      else if (this.dirty) this.syncSoon();
      else if (this.closed) close(this.descriptor, () => {});
    });
  }
}

/** Makes a new file's name survive the end of the machine. Not every file system can; none needs it to work. */
function syncFolder(folder: string): void {
  open(folder, 'r', (failed, descriptor) => {
    if (failed) return;
    fsync(descriptor, () => close(descriptor, () => {}));
  });
}
