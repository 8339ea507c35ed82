import { Worker } from 'node:worker_threads';

/** What the worker says when it has ended. */
export interface MigrationOutcome {
  /** What the operator has to do; undefined: the database is up to date. */
  readonly problem: string | undefined;
  /** The database was lost meanwhile, and may come back by itself. */
  readonly unreachable?: boolean;
}

/** The database could not be brought up to date; `message` says what to do. */
export class MigrationFailed extends Error {
  constructor(
    message: string,
    readonly unreachable = false,
    cause?: unknown,
  ) {
    super(message, { cause });
  }
}

/**
 * Brings the database up to date, in a thread of its own: the migration engine takes 40 MB, which the process gets back when
 * the thread ends.
 * @throws MigrationFailed
 */
export async function migrateApart(url: string): Promise<void> {
  const worker = new Worker(new URL('./migrate-worker.js', import.meta.url), { workerData: url });
  const outcome = await new Promise<MigrationOutcome>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', () => reject(new Error('the migration ended without a word')));
  });
  await worker.terminate();
  if (outcome.problem !== undefined) throw new MigrationFailed(outcome.problem, outcome.unreachable);
}
