import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a running PostgreSQL says of itself in `postmaster.pid` (src/include/utils/pidfile.h). */
export interface PostmasterFile {
  pid: number;
  /** `starting`, `ready`, `stopping`, …; empty while the server has not come so far. */
  status: string;
}

const STATUS_LINE = 7;

export function readPostmasterFile(clusterDir: string): PostmasterFile | undefined {
  try {
    const lines = readFileSync(join(clusterDir, 'postmaster.pid'), 'utf8').split('\n');
    const pid = Number(lines[0]);
    return Number.isInteger(pid) && pid > 0 ? { pid, status: lines[STATUS_LINE]?.trim() ?? '' } : undefined;
  } catch {
    return undefined;
  }
}
