import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { hasEnded, type JournalFile, type JournalOwner, ownerOf } from './journal-owner.js';

/** A process touches its files every few seconds, so a file that nobody touched for so long has lost its process. */
const SILENT_MILLISECONDS = 30_000;

/**
 * Finds the files of one kind that ended processes have left behind in a folder. Of a process that runs none is found, also
 * where it runs in another container or on another machine.
 */
export class SegmentClaims {
  private seen = new Map<string, { readonly state: string; readonly since: number }>();

  /** @param now milliseconds that never go back: the calendars of two machines are not compared */
  constructor(
    private readonly folder: string,
    private readonly self: JournalOwner,
    private readonly now: () => number = () => performance.now(),
    private readonly kind: JournalFile = 'journal',
  ) {}

  /** @returns the names of the files */
  async abandoned(): Promise<string[]> {
    const seen: typeof this.seen = new Map();
    const found: string[] = [];
    for (const name of await this.fileNames()) {
      const owner = ownerOf(name, this.kind);
      if (!owner || owner.id === this.self.id) continue;
      if (hasEnded(owner, this.self) || (await this.isSilent(name, seen))) found.push(name);
    }
    this.seen = seen;
    return found;
  }

  private async fileNames(): Promise<string[]> {
    try {
      return await readdir(this.folder);
    } catch {
      // It is told when the journal is written: without a folder nothing was left behind.
      return [];
    }
  }

  private async isSilent(name: string, seen: typeof this.seen): Promise<boolean> {
    let state: string;
    try {
      const { mtimeMs, size } = await stat(join(this.folder, name));
      state = `${mtimeMs} ${size}`;
    } catch {
      return false;
    }
    const known = this.seen.get(name);
    const since = known?.state === state ? known.since : this.now();
    seen.set(name, { state, since });
    return this.now() - since >= SILENT_MILLISECONDS;
  }
}
