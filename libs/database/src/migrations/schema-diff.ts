import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { startScratchPostgres } from '../embedded/scratch-postgres.js';
import { MigrationAdapterFactory, type OpenSession } from './migration-adapter.js';
import { MigrationSession } from './migration-session.js';
import { readMigrationsFolder, toMigrationList } from './migrations-folder.js';
import { openSchemaEngine } from './schema-engine.js';

/**
 * The SQL that is missing from the migrations for them to give what `schema.prisma`, beside their folder, says;
 * undefined when nothing is. What Prisma has no word for, such as triggers and functions, is not looked at.
 */
export async function schemaDiff(migrationsFolder: string): Promise<string | undefined> {
  const folder = await readMigrationsFolder(migrationsFolder);
  const path = join(dirname(migrationsFolder), 'schema.prisma');
  const files = [{ path, content: await readFile(path, 'utf8') }];
  return withScratchEngine(async (engine) => {
    const { exitCode, stdout } = await engine.diff({
      from: { tag: 'migrations', ...toMigrationList(folder) },
      to: { tag: 'schemaDatamodel', files },
      script: true,
      exitCode: true,
      filters: { externalTables: [], externalEnums: [] },
    });
    return exitCode === 0 ? undefined : (stdout ?? undefined);
  });
}

type Engine = Awaited<ReturnType<typeof openSchemaEngine>>;

/** The engine runs the migrations in a shadow database, which a server of its own holds. */
async function withScratchEngine<T>(work: (engine: Engine) => Promise<T>): Promise<T> {
  const server = await startScratchPostgres();
  const openSession: OpenSession = (database) => MigrationSession.open(new URL(`/${database}`, server.adminUrl).href);
  try {
    const session = await openSession('postgres');
    const engine = await openSchemaEngine(new MigrationAdapterFactory(session, openSession));
    try {
      return await work(engine);
    } finally {
      engine.free();
      await session.close();
    }
  } finally {
    await server.stop();
  }
}
