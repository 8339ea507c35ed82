import { Inject, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import type { Prisma } from '@maas/database/client';
import { CHANGE_CHANNEL, ChangeListener } from './change-listener.js';
import { DatabaseService } from './database.service.js';

/** What can change under a running process. */
export type Topic = 'users' | 'tiers' | 'models' | 'revocations';

/** What a transaction changed, for the change feed. Without a key: everything of the topic. */
export interface Change {
  topic: Topic;
  key?: string;
}

export type Transaction = Prisma.TransactionClient;

/** Reads again what changed. `keys` undefined: everything of the topic. */
export type Refresh = (keys: readonly string[] | undefined) => Promise<void>;

// Half of the second within which a change must act in every process; the notification is usually there first.
const POLL_MILLISECONDS = 500;
const KEEP_DAYS = 2;
/** Serialises the rare transactions that change configuration, so that the sequence ascends in commit order. */
const CHANGE_LOCK = 0x6d616173;

/**
 * Keeps what a process holds in memory true to the database. The table `config_change` is the authority and is read on
 * by its sequence; Postgres' NOTIFY only shortens the wait, because it is lost on reconnect and behind some poolers.
 */
@Injectable()
export class ChangeFeedService implements OnApplicationShutdown {
  private readonly logger = new Logger(ChangeFeedService.name);
  private readonly refreshers = new Map<Topic, Refresh[]>();
  private readonly listener: ChangeListener;
  private position = 0n;
  private running: Promise<void> | undefined;
  private again: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private failing = false;

  constructor(@Inject(DatabaseService) private readonly database: DatabaseService) {
    this.listener = new ChangeListener(database.url, () => this.wake());
  }

  /** The sequence up to which this process has read the changes. */
  get applied(): bigint {
    return this.position;
  }

  /** Registers who reads a topic again. Every registered refresh is run once, in full, by `start`. */
  follow(topic: Topic, refresh: Refresh): void {
    this.refreshers.set(topic, [...(this.refreshers.get(topic) ?? []), refresh]);
  }

  /** Loads everything, then follows changes until shutdown. */
  async start(): Promise<void> {
    const last = await this.database.client.configChange.findFirst({ orderBy: { seq: 'desc' }, select: { seq: true } });
    this.position = last?.seq ?? 0n;
    // The position is read before the state: a change in between is read twice, never missed.
    for (const refreshers of this.refreshers.values()) for (const refresh of refreshers) await refresh(undefined);
    await this.prune();
    void this.listener.start();
    this.timer = setInterval(() => this.wake(), POLL_MILLISECONDS);
    this.timer.unref();
  }

  /**
   * Runs a transaction that changes what processes hold in memory and announces it within the same transaction.
   * When it resolves, the change acts in this process; in every other it does within a second.
   */
  async change<Result>(change: Change, work: (transaction: Transaction) => Promise<Result>): Promise<Result> {
    const result = await this.database.client.$transaction(
      async (transaction) => {
        await transaction.$executeRaw`SELECT pg_advisory_xact_lock(${CHANGE_LOCK}::bigint)`;
        const outcome = await work(transaction);
        await transaction.configChange.create({ data: { topic: change.topic, key: change.key ?? null } });
        await transaction.$executeRaw`SELECT pg_notify(${CHANGE_CHANNEL}, '')`;
        return outcome;
      },
      { timeout: 15_000, maxWait: 5000 },
    );
    await this.catchUp();
    return result;
  }

  /** Brings this process up to the newest change. Resolves when all that was committed before the call is applied. */
  catchUp(): Promise<void> {
    if (!this.running) {
      this.running = this.readOn().finally(() => (this.running = undefined));
      return this.running;
    }
    // A read that is under way may have begun before the caller's commit: one more, shared by all who wait.
    this.again ??= this.running
      .catch(() => undefined)
      .then(() => {
        this.again = undefined;
        return this.catchUp();
      });
    return this.again;
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.listener.stop();
    await this.running?.catch(() => undefined);
  }

  private wake(): void {
    if (this.running) return;
    this.catchUp().then(
      () => {
        if (this.failing) this.logger.log('The change feed is up to date again');
        this.failing = false;
      },
      (error: unknown) => {
        if (!this.failing)
          this.logger.error(`The change feed cannot be read; the last known state stays in service: ${String(error)}`);
        this.failing = true;
      },
    );
  }

  private async readOn(): Promise<void> {
    const changes = await this.database.client.configChange.findMany({
      where: { seq: { gt: this.position } },
      orderBy: { seq: 'asc' },
    });
    const newest = changes.at(-1);
    if (!newest) return;
    const keysByTopic = Map.groupBy(changes, (change) => change.topic);
    for (const [topic, rows] of keysByTopic) {
      const keys = rows.map((row) => row.key);
      const known = keys.includes(null) ? undefined : [...new Set(keys.filter((key) => key !== null))];
      for (const refresh of this.refreshers.get(topic as Topic) ?? []) await refresh(known);
    }
    this.position = newest.seq;
  }

  private async prune(): Promise<void> {
    const before = new Date(Date.now() - KEEP_DAYS * 86_400_000);
    await this.database.client.configChange.deleteMany({ where: { at: { lt: before } } });
  }
}
