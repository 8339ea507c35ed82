import { readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { FrameReader } from './journal-frame.js';
import type { JournalOwner } from './journal-owner.js';
import { isPassing } from './passing-error.js';
import { SegmentClaims } from './segment-claims.js';
import type { JournalLog } from './usage-journal.js';
import type { UsageRecord } from './usage-record.js';

export interface AbandonedRequestsOptions {
  readonly log: JournalLog;
  readonly owner: JournalOwner;
  /** Milliseconds that never go back. */
  readonly now?: () => number;
}

/** Finds the requests that were under way when their process ended, in the files that it kept of them. */
export class AbandonedRequests {
  private readonly claims: SegmentClaims;

  constructor(
    private readonly folder: string,
    private readonly options: AbandonedRequestsOptions,
  ) {
    this.claims = new SegmentClaims(folder, options.owner, options.now, 'open');
  }

  /**
   * Takes over what ended processes have left. Two processes may do so at once: what they find has the same ids.
   * @param keep is given a row for each request, the last that its process wrote of it; when it returns they are safe. The
   * request may have ended well a moment before its process did: then there is another row with its id, which counts.
   */
  async takeOver(keep: (rows: readonly UsageRecord[]) => void): Promise<void> {
    for (const name of await this.claims.abandoned()) {
      const path = join(this.folder, name);
      try {
        const frames = new FrameReader(await readFile(path));
        const rows = latestOf(frames);
        keep(rows);
        if (rows.length > 0) {
          this.options.log.log(`Takes over ${rows.length} requests that were under way when their process ended`);
        }
        await this.finish(path, frames);
      } catch (error) {
        // Another process was faster.
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') continue;
        // It is tried again in two seconds.
        if (isPassing(error)) continue;
        this.options.log.error(`The requests under way in ${path} cannot be read: ${String(error)}`);
        await rename(path, `${path}.bad`).catch(() => undefined);
      }
    }
  }

  private async finish(path: string, { damagedBytes }: FrameReader): Promise<void> {
    // A frame whose writing was cut off is no loss: an earlier one says what was known a second before.
    if (damagedBytes === 0) return rm(path, { force: true });
    await rename(path, `${path}.bad`);
    this.options.log.error(`${damagedBytes} bytes of requests under way in ${path}.bad are damaged`);
  }
}

function latestOf(frames: FrameReader): readonly UsageRecord[] {
  const latest = new Map<string, UsageRecord>();
  for (const row of frames.next(Infinity)) latest.set(row.id, row);
  return [...latest.values()];
}
