import type { Duplex } from 'node:stream';
import pg from 'pg';

/** The channel on which a change is announced. */
export const CHANGE_CHANNEL = 'maas_change';
const RECONNECT_MILLISECONDS = 1000;
/** Half of the second within which a change must act: the rest is for whoever is asked instead. */
const ANSWER_MILLISECONDS = 500;

/** Listens for announced changes on a connection of its own. Losing it costs speed only: the feed is polled too. */
export class ChangeListener {
  private client: pg.Client | undefined;
  private isListening = false;
  private stopped = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly url: string,
    private readonly openSocket: () => Duplex,
    private readonly onChange: () => void,
  ) {}

  /** Connects, and again whenever the connection is lost. Never rejects. */
  async start(): Promise<void> {
    if (this.stopped) return;
    const client = new pg.Client({
      connectionString: this.url,
      application_name: 'maas-listen',
      keepAlive: true,
      connectionTimeoutMillis: 5000,
      query_timeout: ANSWER_MILLISECONDS,
      stream: this.openSocket,
    });
    this.client = client;
    client.on('notification', () => this.onChange());
    client.on('error', () => this.retry(client));
    client.on('end', () => this.retry(client));
    try {
      await client.connect();
      await client.query(`LISTEN ${CHANGE_CHANNEL}`);
      this.isListening = this.client === client;
    } catch {
      this.retry(client);
    }
  }

  /**
   * The sequence of the newest change. It is asked four times a second, and costs less than half on this connection of what
   * it does through the client of the tables.
   * @returns undefined where this connection does not say
   */
  async newest(): Promise<bigint | undefined> {
    const { client } = this;
    if (!client || !this.isListening) return undefined;
    try {
      const { rows } = await client.query<{ seq: string | null }>('SELECT max(seq) AS seq FROM config_change');
      return BigInt(rows[0]?.seq ?? 0);
    } catch {
      this.retry(client);
      return undefined;
    }
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.client?.end().catch(() => undefined);
  }

  private retry(lost: pg.Client): void {
    if (this.stopped || this.client !== lost) return;
    this.client = undefined;
    this.isListening = false;
    lost.end().catch(() => undefined);
    this.timer = setTimeout(() => void this.start(), RECONNECT_MILLISECONDS);
    this.timer.unref();
  }
}
