import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { JournalLog } from './usage-journal.js';

/** A quota that is nearly used up: somebody has still the time to do something. */
const SCARCE_SHARE = 0.8;
const MIB = 1024 * 1024;

/** The folder of the journal holds all that it may. */
export class JournalFull extends Error {}

/** How a journal stands with its quota, in bytes of all files in its folder. */
export interface JournalRoom {
  readonly bytes: number;
  readonly quotaBytes: number;
  readonly state: 'ample' | 'scarce' | 'full';
}

/**
 * How much of the disk the journal takes and may take: the files of all processes that share the folder count, also those
 * that are kept for the operator. It is looked at now and then, never for a row, so the quota is exceeded by what comes in
 * between.
 */
export class JournalQuota {
  private bytes = 0;
  private wasScarce = false;

  constructor(
    private readonly folder: string,
    private readonly quotaBytes: number,
    private readonly log: JournalLog,
  ) {}

  get room(): JournalRoom {
    const { bytes, quotaBytes } = this;
    const state = bytes >= quotaBytes ? 'full' : bytes >= SCARCE_SHARE * quotaBytes ? 'scarce' : 'ample';
    return { bytes, quotaBytes, state };
  }

  /** Finds out how much there is, and warns once before it is all. @returns the room that is left */
  async measure(): Promise<JournalRoom> {
    this.bytes = await sizeOf(this.folder);
    const { room } = this;
    const isScarce = room.state !== 'ample';
    if (isScarce && !this.wasScarce) {
      this.log.warn(
        `The usage journal in ${this.folder} holds ${shareOf(room)}: rows wait there until the database takes them`,
      );
    }
    this.wasScarce = isScarce;
    return room;
  }

  /** Why no row is taken any more. */
  reached(): JournalFull {
    return new JournalFull(
      `it holds ${shareOf(this.room)}; it goes on when the database takes rows again, or with a larger USAGE_JOURNAL_QUOTA`,
    );
  }
}

function shareOf({ bytes, quotaBytes }: JournalRoom): string {
  const [used, quota] = [bytes, quotaBytes].map((size) => (size / MIB).toFixed(1));
  return `${used} MiB, ${Math.floor((100 * bytes) / quotaBytes)} % of the ${quota} MiB of USAGE_JOURNAL_QUOTA`;
}

/** Zero where there is no folder yet. */
async function sizeOf(folder: string): Promise<number> {
  const names = await readdir(folder).catch(() => []);
  const sizes = await Promise.all(
    // A file may go meanwhile.
    names.map((name) => stat(join(folder, name)).then(({ size }) => size, () => 0)),
  ); // prettier-ignore
  return sizes.reduce((sum, size) => sum + size, 0);
}
