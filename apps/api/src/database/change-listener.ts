import type { Duplex } from 'node:stream';
import pg from 'pg';

/** The channel on which a change is announced. */
export const CHANGE_CHANNEL = 'maas_change';
const RECONNECT_MILLISECONDS = 1000;

/** Listens for announced changes on a connection of its own. Losing it costs speed only: the feed is polled too. */
export class ChangeListener {
  private client: pg.Client | undefined;
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
      stream: this.openSocket,
    });
    this.client = client;
    client.on('notification', () => this.onChange());
    client.on('error', () => this.retry(client));
    client.on('end', () => this.retry(client));
    try {
      await client.connect();
      await client.query(`LISTEN ${CHANGE_CHANNEL}`);
    } catch {
      this.retry(client);
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
    lost.end().catch(() => undefined);
    this.timer = setTimeout(() => void this.start(), RECONNECT_MILLISECONDS);
    this.timer.unref();
  }
}
