import pg from 'pg';

const CHECK_MILLISECONDS = 500;
/** A server that answers nothing for so long, on an open connection and then on a new one, is taken to be away. */
const ANSWER_MILLISECONDS = 1500;
const CONNECT_MILLISECONDS = 1500;
/** At the start nobody waits yet. */
const FIRST_CONNECT_MILLISECONDS = 5000;
const FIRST_RETRY_MILLISECONDS = 125;
const LONGEST_RETRY_MILLISECONDS = 1000;
const UNUSABLE_RETRY_MILLISECONDS = 10_000;

/** Whether the database can be used. */
export type DatabaseStanding =
  | { readonly available: true }
  /** `since` in Unix milliseconds. */
  | { readonly available: false; readonly since: number; readonly why: unknown };

/** Who is told by a monitor. */
export interface MonitorEvents {
  /** The database is away. */
  lost(why: unknown): void;
  /** It answers again. Rejects when it cannot be used all the same; then it counts as away, and this is called again. */
  found(): Promise<void>;
}

/**
 * Asks the database twice a second whether it is there, on a connection of its own: a loss is known within four seconds, and
 * at once where the connection breaks. While it is away it is asked again after up to a second, at random, so that many
 * processes do not return together.
 */
export class DatabaseMonitor {
  private client: pg.Client | undefined;
  private timer: NodeJS.Timeout | undefined;
  private checking: Promise<void> | undefined;
  private failures = 0;
  private stopped = false;

  constructor(
    private readonly url: string,
    private readonly events: MonitorEvents,
  ) {}

  start(): void {
    this.schedule(CHECK_MILLISECONDS);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    this.drop();
    await this.checking;
  }

  private schedule(milliseconds: number): void {
    clearTimeout(this.timer);
    if (this.stopped) return;
    this.timer = setTimeout(() => this.check(), milliseconds);
    this.timer.unref();
  }

  private check(): void {
    this.checking ??= this.checkNow().finally(() => (this.checking = undefined));
  }

  private async checkNow(): Promise<void> {
    try {
      await this.ask();
    } catch (error) {
      return this.retry(error, LONGEST_RETRY_MILLISECONDS);
    }
    try {
      await this.events.found();
    } catch (error) {
      // It answers, and something else is in the way, which may take more to look at than a question.
      return this.retry(error, UNUSABLE_RETRY_MILLISECONDS);
    }
    this.failures = 0;
    this.schedule(CHECK_MILLISECONDS);
  }

  private retry(why: unknown, longest: number): void {
    if (this.stopped) return;
    this.events.lost(why);
    this.failures += 1;
    const milliseconds = Math.min(longest, FIRST_RETRY_MILLISECONDS * 2 ** Math.min(this.failures, 8));
    this.schedule(milliseconds * (0.5 + Math.random() / 2));
  }

  /** @throws whatever keeps it from answering */
  private async ask(): Promise<void> {
    try {
      if (this.client) return void (await this.client.query('SELECT 1'));
    } catch {
      // One connection that broke or hangs says nothing of the server yet.
    }
    this.drop();
    const client = await connectBriefly(this.url);
    if (this.stopped) return void client.end().catch(() => undefined);
    this.client = client;
    const broken = () => {
      if (this.client === client) this.schedule(0);
    };
    client.on('error', broken).on('end', broken);
  }

  private drop(): void {
    const { client } = this;
    this.client = undefined;
    client?.end().catch(() => undefined);
  }
}

/**
 * Asks once whether the database can be used.
 * @throws whatever keeps it from answering
 */
export async function probeDatabase(url: string): Promise<void> {
  await (await connectBriefly(url, FIRST_CONNECT_MILLISECONDS)).end();
}

async function connectBriefly(url: string, milliseconds = CONNECT_MILLISECONDS): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'maas-probe',
    connectionTimeoutMillis: milliseconds,
    query_timeout: ANSWER_MILLISECONDS,
    keepAlive: true,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('SELECT 1');
    return client;
  } catch (error) {
    client.end().catch(() => undefined);
    throw error;
  }
}
