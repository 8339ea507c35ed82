import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { startScratchPostgres } from './embedded/scratch-postgres.js';
import type { EmbeddedPostgres } from './embedded-postgres.js';
import { migrate, MigrationError } from './migrate.js';
import { takeMigrationLock } from './migrations/migration-lock.js';
import { MigrationSession } from './migrations/migration-session.js';
import { findMigrationsFolder } from './migrations/migrations-folder.js';

let server: EmbeddedPostgres;
let folder: string;
let url: string;
let client: pg.Client;
let databases = 0;

beforeAll(async () => {
  server = await startScratchPostgres();
});

afterAll(() => server.stop());

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'maas-migrations-'));
  await writeFile(join(folder, 'migration_lock.toml'), 'provider = "postgresql"\n');
  const name = `migrate_${++databases}`;
  const admin = new pg.Client(server.adminUrl);
  await admin.connect();
  await admin.query(`CREATE DATABASE ${name}`);
  await admin.end();
  url = new URL(`/${name}`, server.adminUrl).href;
  client = new pg.Client(url);
  await client.connect();
});

afterEach(async () => {
  await client.end();
  await rm(folder, { recursive: true });
});

async function write(name: string, script: string): Promise<void> {
  await mkdir(join(folder, name), { recursive: true });
  await writeFile(join(folder, name, 'migration.sql'), script);
}

async function exists(table: string): Promise<boolean> {
  const { rows } = await client.query<{ exists: boolean }>('SELECT to_regclass($1) IS NOT NULL AS exists', [table]);
  return rows[0]?.exists ?? false;
}

async function problemOf(work: Promise<unknown>): Promise<MigrationError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof MigrationError) return error;
  throw new Error(`Expected a MigrationError, got ${String(error)}`);
}

describe('migrate', () => {
  it('applies the migrations of the repository and does nothing the second time', async () => {
    const applied = await migrate(url);
    expect(applied[0]).toMatch(/^\d{14}_initial$/);
    expect(await exists('usage_event')).toBe(true);
    expect(await migrate(url)).toEqual([]);
  });

  it('applies every migration once when several start at once on a fresh database', async () => {
    const results = await Promise.all([migrate(url), migrate(url), migrate(url)]);
    expect(results.filter((applied) => applied.length > 0)).toHaveLength(1);
    const { rows } = await client.query('SELECT migration_name FROM _prisma_migrations');
    expect(rows).toHaveLength(results.flat().length);
  });

  it('applies only what is new, in the order of the names', async () => {
    await write('1_first', 'CREATE TABLE first (id int);');
    expect(await migrate(url, { folder })).toEqual(['1_first']);
    await write('3_third', 'ALTER TABLE second ADD COLUMN more int;');
    await write('2_second', 'CREATE TABLE second (id int);');
    expect(await migrate(url, { folder })).toEqual(['2_second', '3_third']);
  });

  it('runs function bodies and comments that hold semicolons', async () => {
    await write(
      '1_function',
      "-- one; two\nCREATE FUNCTION answer() RETURNS int LANGUAGE plpgsql AS $$ BEGIN PERFORM 1; RETURN 42; END; $$;\nSELECT 1; -- it's",
    );
    await migrate(url, { folder });
    expect((await client.query('SELECT answer()')).rows).toEqual([{ answer: 42 }]);
  });

  it('leaves nothing of a script that fails, says why, and tries it again when it is mended', async () => {
    await write('1_first', 'CREATE TABLE first (id int);');
    await write('2_second', 'CREATE TABLE second (id int); INSERT INTO nowhere VALUES (1);');
    const problem = await problemOf(migrate(url, { folder }));
    expect(problem.message).toContain('2_second could not be applied');
    expect(problem.message).toContain('No such table: nowhere');
    expect([await exists('first'), await exists('second')]).toEqual([true, false]);
    await write('2_second', 'CREATE TABLE second (id int);');
    expect(await migrate(url, { folder })).toEqual(['2_second']);
  });

  it('refuses a database whose applied migration was edited, and names it', async () => {
    await write('1_first', 'CREATE TABLE first (id int);');
    await migrate(url, { folder });
    await write('1_first', 'CREATE TABLE first (id bigint);');
    const problem = await problemOf(migrate(url, { folder }));
    expect(problem.message).toMatch(/another text of 1_first.*restore the file/s);
  });

  it('refuses a database on which another tool left a failed migration, and says how to resolve it', async () => {
    await write('1_first', 'CREATE TABLE first (id int);');
    await migrate(url, { folder });
    await client.query("UPDATE _prisma_migrations SET finished_at = NULL, logs = 'ERROR: disk full'");
    const problem = await problemOf(migrate(url, { folder }));
    expect(problem.message).toMatch(/1_first failed.*disk full.*resolve --rolled-back 1_first/s);
  });

  it('tries a migration again whose process was killed', async () => {
    await write('1_first', 'CREATE TABLE first (id int);');
    await migrate(url, { folder });
    await client.query('UPDATE _prisma_migrations SET finished_at = NULL');
    await client.query('DROP TABLE first');
    expect(await migrate(url, { folder })).toEqual(['1_first']);
    expect(await exists('first')).toBe(true);
  });

  it('works on a database that a newer release has migrated further', async () => {
    await write('1_first', 'CREATE TABLE first (id int);');
    await write('2_newer', 'CREATE TABLE newer (id int);');
    await migrate(url, { folder });
    await rm(join(folder, '2_newer'), { recursive: true });
    expect(await migrate(url, { folder })).toEqual([]);
  });

  it('gives up waiting for another migration after a while and names who holds the lock', async () => {
    const other = await MigrationSession.open(url);
    await takeMigrationLock(other.client, 0);
    try {
      const problem = await problemOf(migrate(url, { folder, lockTimeoutMs: 1 }));
      expect(problem.message).toMatch(/maas-migrate from 127\.0\.0\.1, backend \d+/);
    } finally {
      await other.close();
    }
  });

  it('finds the migrations of the repository from any folder below it', async () => {
    await cp(findMigrationsFolder(), join(folder, 'prisma', 'migrations'), { recursive: true });
    await mkdir(join(folder, 'libs', 'database', 'dist'), { recursive: true });
    expect(findMigrationsFolder(join(folder, 'libs', 'database', 'dist'))).toBe(join(folder, 'prisma', 'migrations'));
  });
});

describe('the audit log', () => {
  it.each(["UPDATE audit_entry SET action = 'x'", 'DELETE FROM audit_entry', 'TRUNCATE audit_entry'])(
    'refuses %s',
    async (statement) => {
      await migrate(url);
      await client.query(
        `INSERT INTO audit_entry (id, at, actor_name, action, target_type, target_id)
         VALUES (gen_random_uuid(), now(), 'admin', 'tier.update', 'tier', 'free')`,
      );
      await expect(client.query(statement)).rejects.toThrow('audit_entry is append-only');
    },
  );
});
