import { createHash } from 'node:crypto';
import type { Migration } from './migrations-folder.js';

/** A row of `_prisma_migrations`: one attempt to apply one migration. */
export interface MigrationAttempt {
  migration_name: string;
  /** SHA-256 of the script, in hexadecimal. */
  checksum: string;
  finished_at: Date | null;
  rolled_back_at: Date | null;
  /** Why the attempt failed; null also when its process was killed. */
  logs: string | null;
}

export interface MigrationHistory {
  /** In the folder and not applied, in order. */
  pending: string[];
  /** Applied, and changed in the folder since. */
  edited: string[];
  /** Begun by a process that ended before it could say how it went. */
  interrupted: string[];
  /** Refused by the database, and not resolved since. */
  failed: { name: string; reason: string }[];
}

/**
 * Compares the folder with the table, as `prisma migrate` does. Migrations that only the table knows are left alone:
 * a newer release applied them, and the release before it keeps working on its schema.
 */
export function compareHistory(folder: readonly Migration[], attempts: readonly MigrationAttempt[]): MigrationHistory {
  const current = attempts.filter((attempt) => attempt.rolled_back_at === null);
  const applied = new Map(
    current.filter((attempt) => attempt.finished_at !== null).map((attempt) => [attempt.migration_name, attempt]),
  );
  const unfinished = current.filter((attempt) => attempt.finished_at === null && !applied.has(attempt.migration_name));
  return {
    pending: folder.filter(({ name }) => !applied.has(name)).map(({ name }) => name),
    edited: folder.filter((migration) => isEdited(migration, applied.get(migration.name))).map(({ name }) => name),
    interrupted: unfinished.filter(({ logs }) => logs === null).map((attempt) => attempt.migration_name),
    failed: unfinished.flatMap((attempt) =>
      attempt.logs === null ? [] : [{ name: attempt.migration_name, reason: firstLines(attempt.logs) }],
    ),
  };
}

function isEdited(migration: Migration, attempt: MigrationAttempt | undefined): boolean {
  if (attempt === undefined) return false;
  // A checkout may have turned the line ends; the statements are the same.
  const unix = migration.script.replaceAll('\r\n', '\n');
  const known = [migration.script, unix, unix.replaceAll('\n', '\r\n')].map(checksum);
  return !known.includes(attempt.checksum);
}

export function checksum(script: string): string {
  return createHash('sha256').update(script).digest('hex');
}

/** What the database said, without the engine's trace of itself ("   0: sql_schema_connector::…"). */
export function firstLines(text: string): string {
  return (text.split(/\n\s*\d+: /)[0] ?? text).replace(/^external connector error\n/, '').trim();
}
