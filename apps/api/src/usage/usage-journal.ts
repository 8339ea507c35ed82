import { appendFileSync, mkdirSync } from 'node:fs';
import { readFile, rename, rm, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { countFrames, encodeFrames, JOURNAL_HEADER } from './journal-frame.js';
import { type JournalOwner, newOwner, segmentName } from './journal-owner.js';
import { SegmentClaims } from './segment-claims.js';
import { SegmentWriter, type Write } from './segment-writer.js';
import type { UsageRecord } from './usage-record.js';

const SEGMENT_BYTES = 16 * 1024 * 1024;
/** A file of which nothing is needed any more is given up at this size, so that little is read again after a kill. */
const TIDY_BYTES = 256 * 1024;

/** Tells the operator; Nest's logger is one. */
export interface JournalLog {
  log(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

export interface JournalOptions {
  readonly log: JournalLog;
  readonly owner?: JournalOwner;
  readonly write?: Write;
  /** Milliseconds that never go back. */
  readonly now?: () => number;
}

/** A file of the journal. */
export interface Segment {
  readonly path: string;
  /** Rows that are here and not in memory: they have to be read back before the file can go. */
  unread: number;
  /** The number of the last row that is here and in memory. */
  lastRow: number;
}

/**
 * The files to which every row is appended before its request's answer is sent to the end. A file goes when the database
 * has all of its rows. Processes can share a folder: each writes files of its own, and takes over those of ended ones.
 * Rows here are of requests that came to an end; what is known of those under way is in files beside (`checkpoint-file.ts`).
 */
export class UsageJournal {
  /** Why rows cannot be written at the moment. */
  failure: Error | undefined;
  private readonly log: JournalLog;
  private readonly owner: JournalOwner;
  private readonly claims: SegmentClaims;
  private current: { readonly segment: Segment; readonly writer: SegmentWriter } | undefined;
  /** The oldest first. */
  private closed: Segment[] = [];
  private sequence = 0;
  /** The time that its files were given last. */
  private shownAt = 0;
  private removals: Promise<void> = Promise.resolve();

  constructor(
    readonly folder: string,
    private readonly options: JournalOptions,
  ) {
    this.log = options.log;
    this.owner = options.owner ?? newOwner();
    this.claims = new SegmentClaims(folder, this.owner, options.now);
  }

  /**
   * Writes rows, in one go: the system call costs more than all else. When this returns true they survive the end of the
   * process; otherwise none of them is here.
   * @param lastNumber of the last row, where they are in memory too; rows are numbered in the order in which they are released
   */
  append(rows: readonly UsageRecord[], lastNumber?: number): boolean {
    if (this.failure) return false;
    try {
      const frames = encodeFrames(rows);
      if (this.current && this.current.writer.size + frames.length > SEGMENT_BYTES) this.rotate();
      const { segment, writer } = (this.current ??= this.begin());
      writer.append(frames);
      if (lastNumber === undefined) segment.unread += rows.length;
      else segment.lastRow = lastNumber;
      return true;
    } catch (error) {
      this.fail(error as Error);
      return false;
    }
  }

  /** Makes sure that rows can be written. @returns whether they can */
  open(): boolean {
    try {
      this.current ??= this.begin();
      this.failure = undefined;
    } catch (error) {
      this.fail(error as Error);
    }
    return this.failure === undefined;
  }

  /** Takes no more rows until it is opened again. */
  stop(reason: Error): void {
    if (!this.failure) this.fail(reason);
  }

  /** Says that the database has the rows in memory up to a number. */
  release(lastRow: number): void {
    const { current } = this;
    if (current && current.writer.size > TIDY_BYTES && isDone(current.segment, lastRow)) this.rotate();
    for (const segment of this.closed.filter((candidate) => isDone(candidate, lastRow))) this.remove(segment);
  }

  /** Closes the file that is written now; a later row begins another one. */
  rotate(): void {
    if (!this.current) return;
    const { segment, writer } = this.current;
    this.current = undefined;
    this.closed.push(segment);
    writer.close();
    if (writer.size <= JOURNAL_HEADER.length) this.remove(segment);
  }

  /** Rows that are in files only. */
  get unread(): number {
    return this.closed.reduce((sum, { unread }) => sum + unread, this.current?.segment.unread ?? 0);
  }

  /** The next file that has to be read back. */
  nextUnread(): Segment | undefined {
    if (this.current && this.current.segment.unread > 0) this.rotate();
    return this.closed.find(({ unread }) => unread > 0);
  }

  /** Forgets a file and removes it. */
  remove(segment: Segment): void {
    this.closed = this.closed.filter((other) => other !== segment);
    this.removals = this.removals.then(() => rm(segment.path, { force: true }).catch((error) => this.complain(error)));
  }

  /** Forgets a file that cannot be read, and keeps it for the operator. @returns its path */
  async setAside(segment: Segment): Promise<string> {
    this.closed = this.closed.filter((other) => other !== segment);
    const path = `${segment.path}.bad`;
    await rename(segment.path, path).catch((error) => this.complain(error));
    return path;
  }

  /** Keeps a row that the database refuses for the operator. @returns the path of the file */
  reject(row: UsageRecord): string {
    const path = join(this.folder, `${segmentName(this.owner, 0)}.rejected.bad`);
    appendFileSync(path, encodeFrames([row]), { mode: 0o600 });
    return path;
  }

  /** Shows other processes that this one runs. */
  async renew(): Promise<void> {
    // They look whether it differs from before, and it has to, whatever the calendar of this machine does.
    this.shownAt = Math.max(Date.now(), this.shownAt + 1);
    const time = new Date(this.shownAt);
    const { current } = this;
    for (const segment of [...this.closed, ...(current ? [current.segment] : [])]) {
      try {
        await utimes(segment.path, time, time);
      } catch {
        // Somebody took or removed the file, after this process stood still for long: what comes goes to another one.
        if (this.current === current && segment === current?.segment) this.rotate();
      }
    }
  }

  /** Takes over what ended processes have left. */
  async claim(): Promise<void> {
    for (const name of await this.claims.abandoned()) {
      const path = this.nextPath();
      try {
        await rename(join(this.folder, name), path);
        // Ours from now on, also should it not be read at the moment.
        const segment = { path, unread: 1, lastRow: 0 };
        this.closed.push(segment);
        segment.unread = Math.max(1, countFrames(await readFile(path)));
        this.log.log(`Takes over usage that an ended process has left: ${name}`);
      } catch (error) {
        // Of two processes that want it one gets it.
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') this.complain(error);
      }
    }
  }

  /** Ends; files with rows that were not released stay for the next process. */
  async close(lastRow: number): Promise<void> {
    this.rotate();
    this.release(lastRow);
    await this.removals;
  }

  private begin(): { segment: Segment; writer: SegmentWriter } {
    mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    const path = this.nextPath();
    const writer = SegmentWriter.create(path, (error) => this.fail(error), this.options.write);
    return { segment: { path, unread: 0, lastRow: 0 }, writer };
  }

  private nextPath(): string {
    this.sequence += 1;
    return join(this.folder, segmentName(this.owner, this.sequence));
  }

  private fail(error: Error): void {
    if (!this.failure) this.log.error(`The usage journal in ${this.folder} cannot be written: ${String(error)}`);
    this.failure = error;
    this.current?.writer.discardTail();
    this.rotate();
  }

  private complain(error: unknown): void {
    this.log.warn(`The usage journal in ${this.folder}: ${String(error)}`);
  }
}

function isDone({ unread, lastRow }: Segment, released: number): boolean {
  return unread === 0 && lastRow <= released;
}
