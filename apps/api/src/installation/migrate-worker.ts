import { parentPort, workerData } from 'node:worker_threads';
import { migrate, MigrationError } from '@maas/database/migrate';
import { isUnreachable, reasonOf } from '../database/unreachable.js';
import type { MigrationOutcome } from './migrate-apart.js';

const outcome: MigrationOutcome = await migrate(String(workerData)).then(
  () => ({ problem: undefined }),
  (error: unknown) => {
    if (error instanceof MigrationError) return { problem: error.message };
    return {
      problem: `The database cannot be brought up to date: ${reasonOf(error)}. Check DATABASE_URL and that it can be reached.`,
      unreachable: isUnreachable(error),
    };
  },
);
parentPort?.postMessage(outcome);
