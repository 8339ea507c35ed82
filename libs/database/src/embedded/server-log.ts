import { closeSync, fstatSync, openSync, readFileSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';

const MAX_BYTES = 5_000_000;
const TAIL_LINES = 15;

/** PostgreSQL's log in the data folder. The server writes into the open file itself, so it needs no rights there. */
export class ServerLog {
  readonly path: string;
  #descriptor: number | undefined;
  #start = 0;

  constructor(dataDir: string) {
    this.path = join(dataDir, 'postgres.log');
  }

  /** Opens the log for a new server; a large one is put aside first, in the place of the one before. */
  open(): number {
    const size = statSync(this.path, { throwIfNoEntry: false })?.size ?? 0;
    if (size > MAX_BYTES) renameSync(this.path, `${this.path}.1`);
    this.#descriptor = openSync(this.path, 'a', 0o600);
    this.#start = fstatSync(this.#descriptor).size;
    return this.#descriptor;
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }

  /** The last lines that were written since the log was opened. */
  tail(): string {
    const written = readFileSync(this.path).subarray(this.#start).toString();
    return written.trimEnd().split('\n').slice(-TAIL_LINES).join('\n');
  }
}
