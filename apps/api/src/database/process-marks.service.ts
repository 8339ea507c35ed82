import { randomBytes } from 'node:crypto';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import pg from 'pg';

const CONNECT_MILLISECONDS = 5000;
/** A server that stands still is no reason to stand still. */
const ANSWER_MILLISECONDS = 5000;
/** No mark has it: who has it looks and marks, and nobody else does meanwhile. */
const GATE = 0;

/** What another process on the same database has said of itself. */
export interface OtherMark {
  readonly value: number;
  /** Where it is and since when, for the log. */
  readonly holder: string;
}

const OTHERS = `SELECT objid::bigint::text AS value,
    format('from %s, since %s', coalesce(host(client_addr), 'a local socket'),
           to_char(backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS "UTC"')) AS holder
  FROM pg_locks JOIN pg_stat_activity USING (pid)
 WHERE locktype = 'advisory' AND classid = $1::bigint::oid AND objsubid = 2 AND objid <> ${GATE} AND granted
   AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
   AND application_name <> current_setting('application_name')
 ORDER BY backend_start, objid`;

/**
 * Says something of this process to all others on the same database, and hears what they say: numbers by topic, kept as
 * shared advisory locks of a session of its own, so that they end with the process, however that ends. A session that is
 * lost takes the marks along; the next `put` of each topic makes them again.
 */
@Injectable()
export class ProcessMarks implements OnApplicationShutdown {
  private client: pg.Client | undefined;
  private held = new Map<number, Set<number>>();
  private turn: Promise<unknown> = Promise.resolve();
  private isStopped = false;
  /** By it a process knows a session of its own that the server does not know to be lost. */
  private readonly name = `maas-marks-${randomBytes(6).toString('hex')}`;

  constructor(private readonly url: string) {}

  /**
   * Puts marks in the place of those that this process had of the topic, unless what others have speaks against it. Two
   * processes never do so at once.
   * @param topic, values positive integers of 31 bits
   * @returns the marks of others
   * @throws whatever keeps the database from answering
   */
  put(
    topic: number,
    values: readonly number[],
    refuses: (others: readonly OtherMark[]) => boolean = () => false,
  ): Promise<readonly OtherMark[]> {
    const result = this.turn.then(() => this.putNow(topic, values, refuses));
    this.turn = result.catch(() => undefined);
    return result;
  }

  async onApplicationShutdown(): Promise<void> {
    this.isStopped = true;
    await this.turn;
    await this.client?.end().catch(() => undefined);
  }

  private async putNow(
    topic: number,
    values: readonly number[],
    refuses: (others: readonly OtherMark[]) => boolean,
  ): Promise<readonly OtherMark[]> {
    if (this.isStopped) return [];
    const client = (this.client ??= await this.connect());
    try {
      await client.query('BEGIN');
      await client.query('SELECT pg_advisory_xact_lock($1::int, $2::int)', [topic, GATE]);
      const { rows } = await client.query<{ value: string; holder: string }>(OTHERS, [topic]);
      const others = rows.map(({ value, holder }) => ({ value: Number(value), holder }));
      if (!refuses(others)) await this.hold(client, topic, values);
      await client.query('COMMIT');
      return others;
    } catch (error) {
      this.drop(client);
      throw error;
    }
  }

  /** Locks of a session, which outlive the transaction. */
  private async hold(client: pg.Client, topic: number, values: readonly number[]): Promise<void> {
    const held = this.held.get(topic) ?? new Set<number>();
    for (const value of new Set(values)) {
      if (held.has(value)) continue;
      await client.query('SELECT pg_advisory_lock_shared($1::int, $2::int)', [topic, value]);
    }
    for (const value of held) {
      if (values.includes(value)) continue;
      await client.query('SELECT pg_advisory_unlock_shared($1::int, $2::int)', [topic, value]);
    }
    this.held.set(topic, new Set(values));
  }

  private async connect(): Promise<pg.Client> {
    const client = new pg.Client({
      connectionString: this.url,
      application_name: this.name,
      keepAlive: true,
      connectionTimeoutMillis: CONNECT_MILLISECONDS,
      query_timeout: ANSWER_MILLISECONDS,
    });
    // Whoever asks next is told.
    client.on('error', () => this.drop(client));
    client.once('end', () => this.drop(client));
    await client.connect();
    return client;
  }

  private drop(client: pg.Client): void {
    client.end().catch(() => undefined);
    if (this.client !== client) return;
    this.client = undefined;
    this.held = new Map();
  }
}
