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

/** Whoever led when a change was begun does not lead any more. */
export class LostLead extends Error {
  constructor() {
    super('another process watches the cluster now');
  }
}

/** What a statement is sent by: a transaction of the database that the lock is in. */
interface Statements {
  $queryRaw(text: TemplateStringsArray, ...values: unknown[]): Promise<unknown>;
}

/**
 * Lets one process of all that use a database do something, and another one within seconds when that ends. The lock is of a
 * session of PostgreSQL, on a connection of its own: it ends with the process, however that ends. While the database is away
 * nobody leads.
 */
export class Leadership {
  private readonly stopping = new AbortController();
  private running: Promise<void> | undefined;
  /** Of the session that holds the lock; undefined: another one does, or none. */
  private session: number | undefined;

  constructor(
    private readonly connection: Pick<pg.ClientConfig, 'connectionString' | 'stream'>,
    private readonly lock: number,
    private readonly duty: Duty,
  ) {}

  start(): void {
    this.running ??= this.run();
  }

  /** As far as this process knows; `require` knows for sure. */
  get leads(): boolean {
    return this.session !== undefined;
  }

  /**
   * Sees to it, in a transaction, that this process still leads: a connection may be lost without its being known here for
   * seconds. Who takes over begins with what was committed before.
   * @throws LostLead
   */
  async require(transaction: Statements): Promise<void> {
    // The two halves of the key (PostgreSQL, pg_locks).
    const [high, low] = [Math.floor(this.lock / 2 ** 32), this.lock % 2 ** 32];
    const held = await transaction.$queryRaw`
      SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1 AND pid = ${this.session ?? -1}
        AND classid::bigint = ${high} AND objid::bigint = ${low}`;
    if (!Array.isArray(held) || held.length === 0) throw new LostLead();
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
      let session: number | undefined;
      while ((session = await this.lockedBy(client)) === undefined) {
        await this.pause(POLL_MILLISECONDS);
        if (this.stopping.signal.aborted) return;
      }
      await this.lead(client, session);
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  private async lead(client: pg.Client, session: number): Promise<void> {
    this.session = session;
    this.duty.begin();
    try {
      while (!this.stopping.signal.aborted) {
        await this.pause(CHECK_MILLISECONDS);
        await client.query('SELECT 1');
      }
    } finally {
      await this.duty.end();
      this.session = undefined;
    }
  }

  /** Takes the lock if it is free. @returns the process id of the session, if it has it now */
  private async lockedBy(client: pg.Client): Promise<number | undefined> {
    const text = 'SELECT pg_try_advisory_lock($1) AS locked, pg_backend_pid() AS session';
    const [row] = (await client.query<{ locked: boolean; session: number }>(text, [this.lock])).rows;
    return row?.locked === true ? row.session : undefined;
  }

  private async pause(milliseconds: number): Promise<void> {
    await delay(milliseconds, undefined, { signal: this.stopping.signal, ref: false }).catch(() => undefined);
  }
}
