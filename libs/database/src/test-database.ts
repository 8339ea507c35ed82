import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { startScratchPostgres } from './embedded/scratch-postgres.js';
import { migrate } from './migrate.js';

const TEMPLATE = 'maas_template';

export interface TestPostgres {
  /** For {@link createTestDatabase}. A string, so that Jest's global setup can hand it to the workers in the environment. */
  adminUrl: string;
  /** Stops the server and removes every database of it. */
  stop(): Promise<void>;
}

export interface TestDatabase {
  url: string;
  drop(): Promise<void>;
}

/** A server for one run of the tests, with a migrated database from which each suite gets a copy. */
export async function startTestPostgres(): Promise<TestPostgres> {
  const server = await startScratchPostgres();
  try {
    await createTemplate(server.adminUrl);
  } catch (error) {
    await server.stop();
    throw error;
  }
  return { adminUrl: server.adminUrl, stop: () => server.stop() };
}

async function createTemplate(adminUrl: string): Promise<void> {
  await withAdmin(adminUrl, async (admin) => {
    await admin.query(`CREATE DATABASE ${TEMPLATE}`);
    await migrate(databaseUrl(adminUrl, TEMPLATE));
    // A single session on the template would make every copy fail.
    await admin.query(`ALTER DATABASE ${TEMPLATE} ALLOW_CONNECTIONS false`);
  });
}

/** A migrated, empty database of the caller's own, copied from the template in some tens of milliseconds. */
export async function createTestDatabase(adminUrl: string): Promise<TestDatabase> {
  const name = `maas_${randomBytes(6).toString('hex')}_test`;
  await withAdmin(adminUrl, (admin) => admin.query(`CREATE DATABASE ${name} TEMPLATE ${TEMPLATE}`));
  const url = databaseUrl(adminUrl, name);
  return { url, drop: () => dropTestDatabase(url) };
}

/** Drops a database, with the sessions that are still on it. Refuses any whose name does not end in `_test`. */
export async function dropTestDatabase(url: string): Promise<void> {
  const name = new URL(url).pathname.slice(1);
  if (!name.endsWith('_test')) throw new Error(`Refusing to drop ${name}: it is not named as a test database.`);
  await withAdmin(databaseUrl(url, 'postgres'), (admin) =>
    admin.query(`DROP DATABASE IF EXISTS ${pg.escapeIdentifier(name)} WITH (FORCE)`),
  );
}

function databaseUrl(url: string, name: string): string {
  const other = new URL(url);
  other.pathname = `/${name}`;
  return other.href;
}

async function withAdmin(adminUrl: string, work: (admin: pg.Client) => Promise<unknown>): Promise<void> {
  const admin = new pg.Client({ connectionString: adminUrl, connectionTimeoutMillis: 10_000 });
  await admin.connect();
  try {
    await work(admin);
  } finally {
    await admin.end();
  }
}
