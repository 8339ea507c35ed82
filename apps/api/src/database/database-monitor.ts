import { Socket } from 'node:net';
import pg from 'pg';
import { afterOwnTime } from './own-time.js';
import { Question } from './question.js';

const CHECK_MILLISECONDS = 500;
/** A server that answers nothing for so long, on an open connection and then on a new one, is taken to be away. */
const ANSWER_MILLISECONDS = 1500;
/** A new connection is a process of the server's, which a busy machine takes its time to make. */
const CONNECT_MILLISECONDS = 4000;
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
  /**
   * A new connection was answered, and the one that was open is still silent: another server may have taken the place of one
   * that went without a word, and then whatever else is open is as dead. Comes before `found`.
   */
  silenced(): void;
}

/**
 * Asks the database twice a second whether it is there, on a connection of its own: a silence is known within six
 * seconds, and a broken connection at once. While it is away it is asked again after up to a second, at random, so that many
 * processes do not return together.
 */
export class DatabaseMonitor {
  private connection: pg.Client | undefined;
  private connecting: Socket | undefined;
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
    this.connecting?.destroy();
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
    const { connection: open } = this;
    const question = open && new Question(open);
    if (await question?.isAnsweredWithin(ANSWER_MILLISECONDS)) return;
    // One connection that broke or hangs says nothing of the server yet. The question stays on it: a server that has too much
    // to do answers there before it has made a new connection, and only one that is gone does not.
    this.connection = undefined;
    this.connecting = new Socket();
    try {
      const connection = await connect(this.url, this.connecting);
      if (this.stopped) return close(connection);
      this.adopt(connection);
      // Again, as a busy machine may have served the newcomer first.
      await question?.isAnsweredWithin(ANSWER_MILLISECONDS);
      if (question?.isOpen && !this.stopped) this.events.silenced();
    } catch (error) {
      if (!question?.isAnswered || this.stopped) throw error;
      this.connection = open;
    } finally {
      if (open && this.connection !== open) close(open);
    }
  }

  private adopt(connection: pg.Client): void {
    this.connection = connection;
    const broken = () => {
      if (this.connection === connection) this.schedule(0);
    };
    connection.on('error', broken).on('end', broken);
  }

  private drop(): void {
    if (this.connection) close(this.connection);
    this.connection = undefined;
  }
}

/**
 * Asks once whether the database can be used.
 * @throws whatever keeps it from answering
 */
export async function probeDatabase(url: string): Promise<void> {
  const client = await connect(url, new Socket());
  await client.end();
}

/**
 * @returns a connection that has been answered
 * @throws what keeps it from answering; the connection is gone then
 */
async function connect(connectionString: string, socket: Socket): Promise<pg.Client> {
  const stream = () => socket;
  const client = new pg.Client({ connectionString, application_name: 'maas-probe', keepAlive: true, stream });
  client.on('error', () => undefined);
  const forget = afterOwnTime(CONNECT_MILLISECONDS, () => socket.destroy(new Error('timeout expired')));
  try {
    await client.connect();
    await client.query('SELECT 1');
    return client;
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    forget();
  }
}

/** One on which a question is open ends at once, any other with a goodbye. */
function close(client: pg.Client): void {
  client.end().catch(() => undefined);
}
