import { parentPort, workerData } from 'node:worker_threads';
import { migrate, MigrationError } from '@maas/database/migrate';
import type { MigrationOutcome } from './migrate-apart.js';

const outcome: MigrationOutcome = await migrate(String(workerData)).then(
  () => ({ problem: undefined }),
  (error: unknown) => {
    if (error instanceof MigrationError) return { problem: error.message };
    const reason = error instanceof Error ? error.message : String(error);
    return {
      problem: `The database cannot be brought up to date: ${reason}. Check DATABASE_URL and that it can be reached.`,
    };
  },
);
parentPort?.postMessage(outcome);
