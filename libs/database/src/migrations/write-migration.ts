import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MigrationError } from './migration-error.js';
import { schemaDiff } from './schema-diff.js';

/**
 * Writes the next migration: what `schema.prisma` says beyond the migrations that there are.
 *
 * @param name what the migration does, in snake_case
 * @param now the instant that its name begins with
 * @returns the path of the script, or undefined when there is nothing to write
 */
export async function writeMigration(folder: string, name: string, now: Date): Promise<string | undefined> {
  if (!/^[a-z][a-z0-9_]*$/.test(name)) {
    throw new MigrationError(`"${name}" is no name for a migration. Use snake_case, such as add_tier_colour.`);
  }
  const sql = await schemaDiff(folder);
  if (sql === undefined) return undefined;
  const migration = join(folder, `${timestamp(now)}_${name}`);
  await mkdir(migration);
  const script = join(migration, 'migration.sql');
  await writeFile(script, sql, { flag: 'wx' });
  return script;
}

/** `yyyyMMddHHmmss` in UTC, as Prisma names migrations. */
function timestamp(now: Date): string {
  return now.toISOString().replaceAll(/\D/g, '').slice(0, 14);
}
