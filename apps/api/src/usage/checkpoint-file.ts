import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { encodeFrames } from './journal-frame.js';
import { type JournalOwner, segmentName } from './journal-owner.js';
import { SegmentWriter, type Write } from './segment-writer.js';
import type { JournalLog } from './usage-journal.js';
import type { UsageRecord } from './usage-record.js';

/**
 * A file is given up for a new one after so long: it does not grow for ever, and none is so old that another process could take
 * it for abandoned. A process that stood still for long begins a new one at once.
 */
const LIFE_MILLISECONDS = 10_000;
const LARGEST_BYTES = 16 * 1024 * 1024;

export interface CheckpointFileOptions {
  readonly log: JournalLog;
  readonly owner: JournalOwner;
  readonly write?: Write;
  /** Milliseconds that never go back. */
  readonly now?: () => number;
}

/**
 * The file in which a process keeps what its requests that are under way have come to: frames as in the journal, of which the
 * last one of an id counts. It is apart from the journal, so that nothing in it is delivered while its process lives, and no
 * row of the journal is kept for its sake.
 */
export class CheckpointFile {
  private current: SegmentWriter | undefined;
  /** The one before, until the current one has everything that is under way. */
  private previous: SegmentWriter | undefined;
  private begunAt = 0;
  private sequence = 0;
  private failing = false;

  constructor(
    private readonly folder: string,
    private readonly options: CheckpointFileOptions,
  ) {}

  /** Whether all that is under way has to be written to a new file now. */
  get isOver(): boolean {
    if (!this.current || this.current.size >= LARGEST_BYTES) return true;
    return this.now() - this.begunAt >= LIFE_MILLISECONDS;
  }

  /** Begins a new file; the one before stays until `complete`. @returns false when the folder does not take one */
  begin(): boolean {
    this.sequence += 1;
    const { owner, write } = this.options;
    const path = join(this.folder, segmentName(owner, this.sequence, 'open'));
    return this.attempt(() => {
      const created = SegmentWriter.create(path, (error) => this.complain(error), write);
      this.previous = this.current;
      this.current = created;
    });
  }

  /** @returns false when the rows are not on file */
  append(rows: readonly UsageRecord[]): boolean {
    return this.attempt(() => this.current?.append(encodeFrames(rows)));
  }

  /** The file that was begun last has everything: the one before is not needed any more. */
  complete(): void {
    this.begunAt = this.now();
    if (this.previous) discard(this.previous);
    this.previous = undefined;
  }

  /** Goes back to the file before the one that was begun last, which could not be filled. */
  giveUp(): void {
    if (this.current) discard(this.current);
    this.current = this.previous;
    this.previous = undefined;
  }

  /** Nothing is under way. */
  clear(): void {
    if (this.current) discard(this.current);
    this.current = undefined;
  }

  private attempt(work: () => void): boolean {
    try {
      work();
      this.failing = false;
      return true;
    } catch (error) {
      this.current?.discardTail();
      this.complain(error as Error);
      return false;
    }
  }

  private complain(error: Error): void {
    if (!this.failing) {
      this.options.log.warn(
        `Requests under way cannot be kept track of in ${this.folder}, a kill would lose them: ${error.message}`,
      );
    }
    this.failing = true;
  }

  private now(): number {
    return (this.options.now ?? performance.now.bind(performance))();
  }
}

function discard(writer: SegmentWriter): void {
  writer.abandon();
  try {
    rmSync(writer.path, { force: true });
  } catch {
    // The folder cannot be written: what is left says less than the rows that follow, which then count.
  }
}
