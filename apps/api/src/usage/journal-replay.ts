import { readFile } from 'node:fs/promises';
import { FrameReader } from './journal-frame.js';
import { isPassing } from './passing-error.js';
import type { JournalLog, Segment, UsageJournal } from './usage-journal.js';
import type { UsageRecord } from './usage-record.js';

/** Reads the rows back that are in files only, one file at a time. */
export class JournalReplay {
  private open: { readonly segment: Segment; readonly frames: FrameReader } | undefined;
  private batch: readonly UsageRecord[] = [];
  /** Said once. */
  private isHeldUp = false;

  constructor(
    private readonly journal: UsageJournal,
    private readonly log: JournalLog,
  ) {}

  /** @returns the next rows, the same ones until they are settled; none when nothing is left */
  async next(count: number): Promise<readonly UsageRecord[]> {
    while (this.batch.length === 0) {
      this.open ??= await this.openNext();
      if (!this.open) return [];
      this.batch = this.open.frames.next(count);
      if (this.batch.length === 0) await this.finish(this.open.segment, this.open.frames);
    }
    return this.batch;
  }

  /** Says that the database has the rows that `next` gave. */
  settle(): void {
    if (this.open) this.open.segment.unread = Math.max(1, this.open.segment.unread - this.batch.length);
    this.batch = [];
  }

  private async openNext(): Promise<typeof this.open> {
    for (let segment = this.journal.nextUnread(); segment; segment = this.journal.nextUnread()) {
      try {
        const bytes = await readFile(segment.path);
        this.isHeldUp = false;
        return { segment, frames: new FrameReader(bytes) };
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
          this.log.warn(`Usage in ${segment.path} is gone: another process took it over, or somebody removed it`);
          this.journal.remove(segment);
          continue;
        }
        // It would be no better with another file; what waits is looked at again within a second.
        if (isPassing(error)) return this.waitWith(error);
        const path = await this.journal.setAside(segment);
        this.log.error(`Usage in ${path} cannot be read; ${segment.unread} rows are missing: ${String(error)}`);
      }
    }
    return undefined;
  }

  private waitWith(error: unknown): undefined {
    if (!this.isHeldUp)
      this.log.warn(`Usage in files cannot be read at the moment, and is tried again: ${String(error)}`);
    this.isHeldUp = true;
    return undefined;
  }

  private async finish(segment: Segment, { damagedBytes, tornBytes }: FrameReader): Promise<void> {
    this.open = undefined;
    if (tornBytes > 0) {
      this.log.warn(`The last ${tornBytes} bytes of ${segment.path} are no whole row: its writing was cut off`);
    }
    if (damagedBytes === 0) return this.journal.remove(segment);
    const path = await this.journal.setAside(segment);
    this.log.error(`${damagedBytes} bytes of usage in ${path} are damaged; the rows around them are in the database`);
  }
}
