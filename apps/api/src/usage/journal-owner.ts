import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** Files of a process: rows of requests that have ended, and how far those are that are under way. */
export type JournalFile = 'journal' | 'open';

/** The process whose file it is. */
export interface JournalOwner {
  /** Where process ids mean something: a boot of a machine and, in it, a namespace of process ids. */
  readonly place: string;
  readonly pid: number;
  /** Random: process ids are given out again. */
  readonly id: string;
}

const nameGrammar = /^([0-9a-f]{8})-(\d+)-([0-9a-f]{8})-\d+\.(journal|open)$/;

/** A new owner: this process, from now on. */
export function newOwner(): JournalOwner {
  return { place: placeOfProcess(), pid: process.pid, id: randomBytes(4).toString('hex') };
}

export function segmentName({ place, pid, id }: JournalOwner, sequence: number, kind: JournalFile = 'journal'): string {
  return `${place}-${pid}-${id}-${sequence}.${kind}`;
}

/** @returns undefined for a file that is none of this kind */
export function ownerOf(fileName: string, wanted: JournalFile = 'journal'): JournalOwner | undefined {
  const [, place, pid, id, kind] = nameGrammar.exec(fileName) ?? [];
  if (place === undefined || pid === undefined || id === undefined || kind !== wanted) return undefined;
  return { place, pid: Number(pid), id };
}

/**
 * Whether another owner has certainly ended. False also when that cannot be told: for a process of another container or
 * machine that shares the folder, and where a later process was given the same id.
 */
export function hasEnded(owner: JournalOwner, self: JournalOwner): boolean {
  if (owner.place !== self.place) return false;
  if (owner.pid === self.pid) return owner.id !== self.id;
  try {
    // Signal 0 is not sent: it tells whether there is such a process (kill(2)).
    process.kill(owner.pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

function placeOfProcess(): string {
  let place: string;
  try {
    // random(4), pid_namespaces(7).
    place = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8') + readlinkSync('/proc/self/ns/pid');
  } catch {
    place = hostname();
  }
  return createHash('sha256').update(place).digest('hex').slice(0, 8);
}
