import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';

const POLL_MILLISECONDS = 1000;
const CHECK_MILLISECONDS = 2000;
const ANSWER_MILLISECONDS = 5000;

/** What the one that leads does. Neither may throw. */
export interface Duty {
  begin(): void;
  end(): Promise<void>;
}

/**
 * Lets one process of all that use a database do something, and another one within seconds when that ends. The lock is of a
 * session of PostgreSQL, on a connection of its own: it ends with the process, however that ends. While the database is away
 * nobody leads.
 */
export class Leadership {
  private readonly stopping = new AbortController();
  private running: Promise<void> | undefined;

  constructor(
    private readonly connection: Pick<pg.ClientConfig, 'connectionString' | 'stream'>,
    private readonly lock: number,
    private readonly duty: Duty,
  ) {}

  start(): void {
    this.running ??= this.run();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      // The database is away, or the connection broke: somebody else may lead by now.
      await this.attend().catch(() => undefined);
      await this.pause(POLL_MILLISECONDS);
    }
  }

  /** Waits to lead, and leads until that ends. */
  private async attend(): Promise<void> {
    const client = new pg.Client({
      ...this.connection,
      application_name: 'maas-leader',
      keepAlive: true,
      connectionTimeoutMillis: ANSWER_MILLISECONDS,
      query_timeout: ANSWER_MILLISECONDS,
    });
    client.on('error', () => undefined);
    try {
      await client.connect();
      while (!(await this.hasLock(client))) {
        await this.pause(POLL_MILLISECONDS);
        if (this.stopping.signal.aborted) return;
      }
      await this.lead(client);
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  private async lead(client: pg.Client): Promise<void> {
    this.duty.begin();
    try {
      while (!this.stopping.signal.aborted) {
        await this.pause(CHECK_MILLISECONDS);
        await client.query('SELECT 1');
      }
    } finally {
      await this.duty.end();
    }
  }

  private async hasLock(client: pg.Client): Promise<boolean> {
    const { rows } = await client.query<{ locked: boolean }>('SELECT pg_try_advisory_lock($1) AS locked', [this.lock]);
    return rows[0]?.locked === true;
  }

  private async pause(milliseconds: number): Promise<void> {
    await delay(milliseconds, undefined, { signal: this.stopping.signal, ref: false }).catch(() => undefined);
  }
}
