import pg from 'pg';

/** What the database says of one request. */
export interface UsageRow {
  readonly id: string;
  readonly status: number;
  readonly streamed: boolean;
  readonly tokens: number;
}

/** The usage that an installation has written, read from its database. */
export class UsageLedger {
  private constructor(private readonly database: pg.Client) {}

  static async open(databaseUrl: string): Promise<UsageLedger> {
    const database = new pg.Client({ connectionString: databaseUrl });
    await database.connect();
    return new UsageLedger(database);
  }

  async rows(): Promise<Map<string, UsageRow>> {
    const { rows } = await this.database.query<UsageRow>(
      'SELECT id, status, streamed, completion_tokens AS tokens FROM usage_event',
    );
    return new Map(rows.map((row) => [row.id, row]));
  }

  /** How many rows, how many requests by the sums over them, and the tokens of both, read at one instant. */
  async counts(): Promise<{ rows: number; requests: number; rowTokens: number; tokens: number }> {
    const { rows } = await this.database.query<{ rows: number; requests: number; rowTokens: number; tokens: number }>(
      `SELECT (SELECT count(*)::int FROM usage_event) AS rows,
         (SELECT coalesce(sum(completion_tokens), 0)::int FROM usage_event) AS "rowTokens",
         coalesce(sum(requests), 0)::int AS requests, coalesce(sum(completion_tokens), 0)::int AS tokens
       FROM usage_hourly`,
    );
    const [counts] = rows;
    if (!counts) throw new Error('no answer from the database');
    return counts;
  }

  close(): Promise<void> {
    return this.database.end();
  }
}
