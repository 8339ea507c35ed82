import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';

/** "maas", and "l" for limits. */
const LOCK = 0x6d61_6c69;
const WAIT_MILLISECONDS = 30_000;
const POLL_MILLISECONDS = 250;
const RETRY_MILLISECONDS = 5000;

/** Another process counts limits for itself on the same database. `message` says what to do. */
export class NotAlone extends Error {}

/**
 * Makes sure that one process at a time counts limits in itself on a database: two would let in twice as much. The lock is
 * of a session, on a connection of its own, so that it ends with the process, however that ends.
 */
export class SoleProcess {
  private client: pg.Client | undefined;
  private isReleased = false;

  /** @param complain told when the lock was lost and somebody else has it */
  constructor(
    private readonly url: string,
    private readonly complain: (message: string) => void,
    private readonly patience = WAIT_MILLISECONDS,
  ) {}

  /**
   * Waits for a process that is about to end, as in a rolling restart.
   * @throws NotAlone
   */
  async claim(): Promise<void> {
    const deadline = performance.now() + this.patience;
    const client = await this.connect();
    while (!(await isLocked(client))) {
      if (performance.now() >= deadline) {
        const holder = await holderOf(client);
        await client.end();
        throw new NotAlone(
          `Another process (${holder}) uses this database with LIMITS=process. Each of the two would count for itself, ` +
            'and people would get twice their limits. Set LIMITS=postgres for both, or LIMITS=redis and REDIS_URL, or ' +
            'end the other one.',
        );
      }
      await delay(POLL_MILLISECONDS);
    }
    this.client = client;
    client.once('end', () => void this.claimAgain());
  }

  async release(): Promise<void> {
    this.isReleased = true;
    await this.client?.end().catch(() => undefined);
  }

  /** The database was away: whoever serves already goes on, and says so when it is no longer alone. */
  private async claimAgain(): Promise<void> {
    let hasComplained = false;
    while (!this.isReleased) {
      await delay(RETRY_MILLISECONDS, undefined, { ref: false });
      try {
        const client = await this.connect();
        if (await isLocked(client)) {
          this.client = client;
          client.once('end', () => void this.claimAgain());
          return;
        }
        if (!hasComplained) {
          const holder = await holderOf(client);
          this.complain(`Another process (${holder}) counts limits on this database too: set LIMITS=postgres for both`);
        }
        hasComplained = true;
        await client.end();
      } catch {
        // The database is still away.
      }
    }
  }

  private async connect(): Promise<pg.Client> {
    const client = new pg.Client({
      connectionString: this.url,
      application_name: 'maas-sole',
      keepAlive: true,
      connectionTimeoutMillis: 5000,
    });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  }
}

async function isLocked(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ locked: boolean }>('SELECT pg_try_advisory_lock($1) AS locked', [LOCK]);
  return rows[0]?.locked === true;
}

async function holderOf(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ holder: string }>(
    `SELECT format('from %s, since %s', coalesce(host(client_addr), 'a local socket'),
                   to_char(backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS "UTC"')) AS holder
       FROM pg_locks JOIN pg_stat_activity USING (pid)
      WHERE locktype = 'advisory' AND objid = $1 AND granted AND datname = current_database()`,
    [LOCK],
  );
  return rows[0]?.holder ?? 'which has just ended';
}
