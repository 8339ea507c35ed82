import pg from 'pg';

/** A migration that waits for a table longer than this fails and is undone, rather than queue all traffic behind it. */
const TABLE_LOCK_TIMEOUT_MS = 10_000;
const CONNECTION_TIMEOUT_MS = 10_000;

/**
 * One session of PostgreSQL for everything that a migration does. The advisory lock belongs to a session: when the
 * scripts run in that same session, a script that goes on in the server after its client was killed keeps others out.
 */
export class MigrationSession {
  readonly client: pg.PoolClient;
  /** For the adapter, which takes nothing else. */
  readonly pool: pg.Pool;

  private constructor(pool: pg.Pool, client: pg.PoolClient) {
    this.pool = pool;
    this.client = client;
  }

  static async open(url: string): Promise<MigrationSession> {
    const pool = new pg.Pool({
      connectionString: url,
      connectionTimeoutMillis: CONNECTION_TIMEOUT_MS,
      statement_timeout: 0,
      lock_timeout: TABLE_LOCK_TIMEOUT_MS,
      application_name: 'maas-migrate',
    });
    // A lost connection is reported by the next query; without a listener it would end the process.
    pool.on('error', () => {});
    const client = await pool.connect();
    client.on('error', () => {});
    return new MigrationSession(pool, client);
  }

  async close(): Promise<void> {
    this.client.release(true);
    await this.pool.end();
  }
}
