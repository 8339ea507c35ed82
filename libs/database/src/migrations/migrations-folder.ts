import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { MigrationList } from '@prisma/schema-engine-wasm';
import { MigrationError } from './migration-error.js';

const LOCK_FILE = 'migration_lock.toml';
const SCRIPT_FILE = 'migration.sql';

export interface Migration {
  /** `{yyyyMMddHHmmss}_{name}`; migrations apply in the order of their names. */
  name: string;
  /** The SQL. */
  script: string;
}

export interface MigrationsFolder {
  path: string;
  lockFile: string;
  migrations: Migration[];
}

/**
 * The absolute path of `prisma/migrations`: the nearest one above this file. So the sources, the build output and
 * an image that keeps the layout of the repository all find it.
 */
export function findMigrationsFolder(from: string = import.meta.dirname): string {
  const candidate = join(from, 'prisma', 'migrations');
  if (existsSync(join(candidate, LOCK_FILE))) return candidate;
  const parent = dirname(from);
  if (parent === from) throw new MigrationError('There is no prisma/migrations folder above this package.');
  return findMigrationsFolder(parent);
}

/** Reads every migration of a folder, sorted by name. A folder that does not exist is an error, an empty one is not. */
export async function readMigrationsFolder(path: string): Promise<MigrationsFolder> {
  const entries = await readdir(path, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  const migrations = names.toSorted().map(async (name) => ({
    name,
    script: await readFile(join(path, name, SCRIPT_FILE), 'utf8'),
  }));
  const lockFile = await readFile(join(path, LOCK_FILE), 'utf8');
  return { path, lockFile, migrations: await Promise.all(migrations) };
}

/** The folder as the schema engine wants it. */
export function toMigrationList(folder: MigrationsFolder): MigrationList {
  return {
    baseDir: folder.path,
    lockfile: { path: LOCK_FILE, content: folder.lockFile },
    shadowDbInitScript: '',
    migrationDirectories: folder.migrations.map(({ name, script }) => ({
      path: name,
      migrationFile: { path: SCRIPT_FILE, content: { tag: 'ok', value: script } },
    })),
  };
}
