import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** The process whose file a segment is. */
export interface JournalOwner {
  /** Where process ids mean something: a boot of a machine and, in it, a namespace of process ids. */
  readonly place: string;
  readonly pid: number;
  /** Random: process ids are given out again. */
  readonly id: string;
}

const nameGrammar = /^([0-9a-f]{8})-(\d+)-([0-9a-f]{8})-\d+\.journal$/;

/** A new owner: this process, from now on. */
export function newOwner(): JournalOwner {
  return { place: placeOfProcess(), pid: process.pid, id: randomBytes(4).toString('hex') };
}

export function segmentName({ place, pid, id }: JournalOwner, sequence: number): string {
  return `${place}-${pid}-${id}-${sequence}.journal`;
}

/** @returns undefined for a file that is no segment */
export function ownerOf(fileName: string): JournalOwner | undefined {
  const [, place, pid, id] = nameGrammar.exec(fileName) ?? [];
  return place === undefined || pid === undefined || id === undefined ? undefined : { place, pid: Number(pid), id };
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
