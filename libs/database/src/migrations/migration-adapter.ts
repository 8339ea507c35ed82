import { randomUUID } from 'node:crypto';
import { PrismaPg } from '@prisma/adapter-pg';
import type { SqlDriverAdapter, SqlMigrationAwareDriverAdapterFactory } from '@prisma/driver-adapter-utils';
import { CatalogColumns } from './catalog-columns.js';
import type { MigrationSession } from './migration-session.js';

/** Opens a session on another database of the same server. */
export type OpenSession = (database: string) => Promise<MigrationSession>;

/**
 * How the schema engine reaches the database. It is the adapter of Prisma but for what that gets wrong for migrations:
 * sessions, scripts, the types of the catalogue, and the life of the shadow database.
 */
export class MigrationAdapterFactory implements SqlMigrationAwareDriverAdapterFactory {
  readonly provider = 'postgres';
  readonly adapterName = '@prisma/adapter-pg';
  readonly #session: MigrationSession;
  readonly #openSession: OpenSession | undefined;

  /** Without `openSession` the engine can apply migrations, but not compare them with a schema. */
  constructor(session: MigrationSession, openSession?: OpenSession) {
    this.#session = session;
    this.#openSession = openSession;
  }

  /** The session stays open when the engine lets go of it; who opened it closes it. */
  async connect(): Promise<SqlDriverAdapter> {
    return adapterOf(this.#session, async () => {});
  }

  /** An empty database, dropped when the engine is done with it. */
  async connectToShadowDb(): Promise<SqlDriverAdapter> {
    if (this.#openSession === undefined) throw new Error('This engine has no server for a shadow database.');
    const { client } = this.#session;
    const database = `shadow_${randomUUID()}`;
    await client.query(`CREATE DATABASE "${database}"`);
    const shadow = await this.#openSession(database);
    return adapterOf(shadow, async () => {
      // The other way round PostgreSQL refuses: a database that has sessions cannot be dropped.
      await shadow.close();
      await client.query(`DROP DATABASE "${database}" WITH (FORCE)`);
    });
  }
}

async function adapterOf(session: MigrationSession, dispose: () => Promise<void>): Promise<SqlDriverAdapter> {
  const columns = new CatalogColumns();
  // The pool's own `query` takes any connection, and closes it after an error: the lock would go with it.
  Object.assign(session.pool, { query: columns.disguise(session.client) });
  const adapter = await new PrismaPg(session.pool).connect();
  return {
    provider: adapter.provider,
    adapterName: adapter.adapterName,
    queryRaw: async (query) => columns.restore(await adapter.queryRaw(query)),
    executeRaw: (query) => adapter.executeRaw(query),
    // The whole script as one simple query, which the server runs as one transaction. The adapter's own way, a query
    // for each text between two semicolons, cuts function bodies in two and leaves half a migration after an error.
    executeScript: async (script) => {
      await adapter.executeRaw({ sql: script, args: [], argTypes: [] });
    },
    startTransaction: (isolationLevel) => adapter.startTransaction(isolationLevel),
    getConnectionInfo: () => adapter.getConnectionInfo(),
    dispose,
  };
}
