import { Inject, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import type { Prisma } from '@maas/database/client';
import { Clock } from '../http/clock.js';
import { CONFIG, type Config } from '../config.js';
import { ApiError } from '../http/api-error.js';
import { waitHeaders } from '../http/wait-headers.js';
import { isDatabaseUnavailable } from './database-error.js';
import { reasonOf } from './unreachable.js';
import { CHANGE_CHANNEL, ChangeListener } from './change-listener.js';
import { DatabaseService } from './database.service.js';

/** What can change under a running process. */
export type Topic = 'users' | 'tiers' | 'models' | 'revocations' | 'accounts';

/** What a transaction changed, for the change feed. Without a key: everything of the topic. */
export interface Change {
  topic: Topic;
  key?: string;
}

export type Transaction = Prisma.TransactionClient;

/**
 * Reads again what changed. `keys` undefined: everything of the topic.
 * `anew`: nothing that was read before may be relied on, be it of another state of the database.
 */
export type Refresh = (keys: readonly string[] | undefined, anew: boolean) => Promise<void>;

// A quarter of the second within which a change must act in every process; the notification is usually there first.
const POLL_MILLISECONDS = 250;
/** Who has not read for so long may have missed some: half of what `ChangeRetention` keeps, because clocks differ. */
const LONGEST_GAP_MILLISECONDS = 86_400_000;
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
  private readAt = 0;
  /** Everything has to be read: at the start, and after an outage, in which the database may have become another one. */
  private stale = true;
  private running: Promise<void> | undefined;
  private again: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private failing = false;

  constructor(
    @Inject(DatabaseService) private readonly database: DatabaseService,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(Clock) private readonly clock: Clock,
  ) {
    this.listener = new ChangeListener(database.url, database.openSocket, () => this.wake());
    database.whenItReturns(() => {
      this.stale = true;
      this.wake();
    });
  }

  /** The sequence up to which this process has read the changes. */
  get applied(): bigint {
    return this.position;
  }

  /** Unix milliseconds at which what is in memory was true to the database for the last time. */
  get trueAt(): number {
    return this.readAt;
  }

  /**
   * Whether anybody may be let in by what is in memory: there is something, and it is not older than the operator accepts.
   */
  get isUsable(): boolean {
    const { MAX_STALENESS } = this.config;
    if (this.readAt === 0) return false;
    return MAX_STALENESS === 0 || this.clock.now() - this.readAt <= MAX_STALENESS;
  }

  /**
   * Without people, no token can be told from an invalid one.
   * @throws ApiError 503
   */
  requireUsable(): void {
    if (this.isUsable) return;
    throw new ApiError('service_unavailable', {
      message: 'The service waits for its database; try again shortly',
      headers: waitHeaders(2000),
      isKnown: true,
    });
  }

  /** Registers who reads a topic again. Every registered refresh is run in full by `start`, and after each outage. */
  follow(topic: Topic, refresh: Refresh): void {
    this.refreshers.set(topic, [...(this.refreshers.get(topic) ?? []), refresh]);
  }

  /** Loads everything, then follows changes until shutdown. */
  async start(): Promise<void> {
    await this.catchUp();
    this.run();
  }

  /** Follows changes from a state that was kept from earlier, until everything can be loaded. */
  startFrom(state: { applied: bigint; trueAt: number }): void {
    this.position = state.applied;
    this.readAt = state.trueAt;
    this.run();
  }

  /** Follows changes, also where nothing could be loaded yet. */
  run(): void {
    if (this.timer) return;
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
        await this.announce(transaction, [change]);
        await transaction.$executeRaw`SELECT pg_notify(${CHANGE_CHANNEL}, '')`;
        return outcome;
      },
      { timeout: 15_000, maxWait: 5000 },
    );
    await this.catchUp();
    return result;
  }

  /** Announces what a transaction of `change` changed besides. */
  async announce(transaction: Transaction, changes: readonly Change[]): Promise<void> {
    const data = changes.map(({ topic, key }) => ({ topic, key: key ?? null }));
    await transaction.configChange.createMany({ data });
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
        if (!this.failing && !isDatabaseUnavailable(error)) {
          this.logger.error(
            `The change feed cannot be read; the last known state stays in service: ${reasonOf(error)}`,
          );
        }
        this.failing = true;
        this.stale = true;
      },
    );
  }

  private async readOn(): Promise<void> {
    const began = this.clock.now();
    // A machine that stood still finds nothing broken when it goes on.
    if (began - this.readAt > LONGEST_GAP_MILLISECONDS) this.stale = true;
    if (this.stale) await this.load();
    else if (await this.hasMore()) await this.readChanges();
    this.readAt = began;
  }

  private async hasMore(): Promise<boolean> {
    const newest = await this.listener.newest();
    return newest === undefined || newest > this.position;
  }

  private async load(): Promise<void> {
    const last = await this.database.client.configChange.findFirst({ orderBy: { seq: 'desc' }, select: { seq: true } });
    // The position is read before the state: a change in between is read twice, never missed.
    for (const refreshers of this.refreshers.values()) for (const refresh of refreshers) await refresh(undefined, true);
    this.position = last?.seq ?? 0n;
    this.stale = false;
  }

  private async readChanges(): Promise<void> {
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
      for (const refresh of this.refreshers.get(topic as Topic) ?? []) await refresh(known, false);
    }
    this.position = newest.seq;
  }
}
