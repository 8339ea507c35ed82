import type { ClientBase } from 'pg';
import { hasErrorCode } from './error-code.js';
import { MigrationAdapterFactory } from './migrations/migration-adapter.js';
import { MigrationError } from './migrations/migration-error.js';
import { compareHistory, firstLines, type MigrationAttempt } from './migrations/migration-history.js';
import { takeMigrationLock } from './migrations/migration-lock.js';
import { MigrationSession } from './migrations/migration-session.js';
import {
  findMigrationsFolder,
  readMigrationsFolder,
  toMigrationList,
  type MigrationsFolder,
} from './migrations/migrations-folder.js';
import { openSchemaEngine } from './migrations/schema-engine.js';

export { MigrationError } from './migrations/migration-error.js';

export interface MigrateOptions {
  /** Where the migrations are; `prisma/migrations` of this repository unless given. */
  folder?: string;
  /** How long to wait, in milliseconds, while another process migrates the same database; 60 seconds unless given. */
  lockTimeoutMs?: number;
}

const LOCK_TIMEOUT_MS = 60_000;
const UNDEFINED_TABLE = '42P01';

/**
 * Brings a database up to the newest migration and returns the names of those that it applied. Processes that start at
 * once take turns. The record is Prisma's `_prisma_migrations`, so `prisma migrate deploy` and this function may take
 * over from each other.
 *
 * Each script is one transaction: one that fails leaves nothing behind and is tried again at the next start.
 *
 * @throws MigrationError when the database holds a migration that failed or was edited since, when a script fails, or
 *   when another process holds the lock for too long
 */
export async function migrate(url: string, options: MigrateOptions = {}): Promise<string[]> {
  const folder = await readMigrationsFolder(options.folder ?? findMigrationsFolder());
  const session = await MigrationSession.open(url);
  try {
    await takeMigrationLock(session.client, options.lockTimeoutMs ?? LOCK_TIMEOUT_MS);
    const history = compareHistory(folder.migrations, await readAttempts(session.client));
    refuseEdited(history.edited);
    refuseFailed(history.failed);
    // Looked at first, because loading the engine takes longer than all the rest of a start that has nothing to apply.
    if (history.pending.length === 0) return [];
    return await applyPending(session, folder, history.interrupted);
  } finally {
    await session.close();
  }
}

async function readAttempts(client: ClientBase): Promise<MigrationAttempt[]> {
  try {
    const { rows } = await client.query<MigrationAttempt>(
      'SELECT migration_name, checksum, finished_at, rolled_back_at, logs FROM _prisma_migrations ORDER BY started_at',
    );
    return rows;
  } catch (error) {
    if (hasErrorCode(error, UNDEFINED_TABLE)) return [];
    throw error;
  }
}

async function applyPending(
  session: MigrationSession,
  folder: MigrationsFolder,
  interrupted: string[],
): Promise<string[]> {
  const engine = await openSchemaEngine(new MigrationAdapterFactory(session));
  try {
    for (const migrationName of interrupted) await engine.markMigrationRolledBack({ migrationName });
    const { appliedMigrationNames } = await engine.applyMigrations({
      migrationsList: toMigrationList(folder),
      filters: { externalTables: [], externalEnums: [] },
    });
    return appliedMigrationNames;
  } catch (error) {
    const { failed } = compareHistory(folder.migrations, await readAttempts(session.client));
    for (const { name } of failed) await engine.markMigrationRolledBack({ migrationName: name });
    throw failure(error, failed);
  } finally {
    engine.free();
  }
}

function failure(error: unknown, failed: { name: string; reason: string }[]): MigrationError {
  const [first] = failed;
  const reason = first?.reason ?? firstLines(error instanceof Error ? error.message : String(error));
  const subject = first === undefined ? 'The migrations' : `The migration ${first.name}`;
  const message =
    `${subject} could not be applied, and the database is as it was before. ${reason}\n` +
    'Remove the cause and start again. If it says that something exists already, because an earlier attempt was cut ' +
    `off right after its commit, say so with: npx prisma migrate resolve --applied ${first?.name ?? '<name>'}`;
  return new MigrationError(message, { cause: error });
}

function refuseEdited(names: string[]): void {
  if (names.length === 0) return;
  throw new MigrationError(
    `This database was migrated with another text of ${names.join(', ')}. A migration that has been applied must not ` +
      'change: restore the file from version control, and put the change into a new migration.',
  );
}

function refuseFailed(failed: { name: string; reason: string }[]): void {
  const [first] = failed;
  if (first === undefined) return;
  throw new MigrationError(
    `The migration ${first.name} failed on this database earlier, and nobody has resolved it. ${first.reason}\n` +
      `Look at what it left behind. If that is nothing: npx prisma migrate resolve --rolled-back ${first.name}, and ` +
      `start again. If all of it is there: npx prisma migrate resolve --applied ${first.name}.`,
  );
}
