import { join } from 'node:path';
import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import type { UsagePolicy } from '@maas/contracts/tiers';
import { CONFIG, type Config } from '../config.js';
import { isUnstorableValue } from '../database/database-error.js';
import { DatabaseService } from '../database/database.service.js';
import { AbandonedRequests } from './abandoned-requests.js';
import { CheckpointFile } from './checkpoint-file.js';
import { newOwner } from './journal-owner.js';
import { JournalQuota, type JournalRoom } from './journal-quota.js';
import { type OpenRequest, OpenRequests, type Progressing } from './open-requests.js';
import { RefusalCounts } from './refusal-counts.js';
import { UsageBacklog } from './usage-backlog.js';
import { UsageJournal } from './usage-journal.js';
import type { RefusedRequest, UsageRecord } from './usage-record.js';
import { writeRefusals, writeUsage } from './write-usage.js';

const WRITE_MILLISECONDS = 250;
const BATCH_ROWS = 500;
/** More than the database's own limit of a statement: only an answer that got lost takes so long. */
const ANSWER_MILLISECONDS = 20_000;
const MAINTAIN_MILLISECONDS = 2000;
const CHECKPOINT_MILLISECONDS = 1000;
const RETRY_MILLISECONDS = 1000;
const SHUTDOWN_MILLISECONDS = 20_000;

/**
 * Takes what was used and writes it in batches: the only writer of the usage tables. A row is in the journal before the end
 * of its answer is sent, and leaves it when the database has it, however often either of the two ends in between. What a
 * request under way has come to is on file too, each second: after a kill its row says that. Not covered are the counts of
 * refused requests, which are in memory until written.
 */
@Injectable()
export class UsageRecorder implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(UsageRecorder.name);
  private readonly journal: UsageJournal;
  private readonly backlog: UsageBacklog;
  private readonly quota: JournalQuota;
  private readonly open: OpenRequests;
  private readonly abandoned: AbandonedRequests;
  private readonly refusals = new RefusalCounts();
  /** Rows that wait for the end of this turn of the event loop, to be put into the journal together. */
  private arrived: UsageRecord[] = [];
  private onSafe: (() => void)[] = [];
  /** Rows of answers in this turn of the event loop. */
  private inTurn = 0;
  /** The last turn that had any had several. */
  private isBusy = false;
  private writing: Promise<void> | undefined;
  private readonly timers: NodeJS.Timeout[] = [];
  private maintaining: Promise<void> | undefined;
  private failing = false;
  /** Unix milliseconds after which no further batch is begun. */
  private deadline = Infinity;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(DatabaseService) private readonly database: DatabaseService,
  ) {
    const folder = join(config.MAAS_DATA_DIR, 'usage');
    const options = { log: this.logger, owner: newOwner() };
    this.journal = new UsageJournal(folder, options);
    this.backlog = new UsageBacklog(this.journal, this.logger);
    this.quota = new JournalQuota(folder, config.USAGE_JOURNAL_QUOTA, this.logger);
    this.open = new OpenRequests(new CheckpointFile(folder, options));
    this.abandoned = new AbandonedRequests(folder, options);
  }

  /**
   * Whether a request may be begun: false where its row could not be kept safe and nobody wants one like that.
   * @param policy of the tier; null: as the installation is set
   */
  accepts(policy: UsagePolicy | null): boolean {
    return this.journal.failure === undefined || (policy ?? this.config.USAGE_WHEN_UNWRITABLE) === 'memory';
  }

  /**
   * A request is about to be sent to a backend; `record` takes it with its row when it has ended.
   * @param request gives that row as it is if the process ends now, with `INTERRUPTED_STATUS`
   */
  begin(request: Progressing): OpenRequest {
    return this.open.begin(request);
  }

  /**
   * Takes a row: it is in the journal when this returns, or, where `onSafe` is given, when that is called, in the same turn
   * of the event loop. The end of the answer is sent after that and not before. Never throws.
   * @param request as `begin` gave it, which ends with that
   */
  record(row: UsageRecord, request?: OpenRequest, onSafe?: () => void): void {
    if (request) this.open.end(request);
    this.arrived.push(row);
    if (!onSafe) return this.keep();
    this.onSafe.push(onSafe);
    this.inTurn += 1;
    if (this.inTurn > 1) return;
    setImmediate(() => this.endTurn());
    // Of answers that arrive together all rows are written at once: a write for each would cost the most of all. One that
    // comes alone, as far as the last turn tells, waits for nothing.
    if (!this.isBusy) this.keep();
  }

  /** A refused request has no row of its own: a flood of them must not become a flood of rows. It is counted by the hour. */
  refuse(request: RefusedRequest): void {
    this.refusals.add(request);
  }

  /** Rows that the database does not have yet. */
  get depth(): number {
    return this.arrived.length + this.backlog.depth;
  }

  /** Whether the journal takes rows, how many a kill of the process would lose, and how many are lost since the start. */
  get safety(): { readonly writable: boolean; readonly atRisk: number; readonly lost: number } {
    const { atRisk, lostInAll: lost } = this.backlog;
    return { writable: this.journal.failure === undefined, atRisk, lost };
  }

  /** How much of its quota the journal takes, as of two seconds ago at most. */
  get room(): JournalRoom {
    return this.quota.room;
  }

  /** Writes all that was recorded before the call; rejects when the database does not take it. */
  async flush(): Promise<void> {
    this.keep();
    await this.writing?.catch(() => undefined);
    await this.write();
  }

  onApplicationBootstrap(): void {
    this.journal.open();
    void this.maintain();
    this.every(WRITE_MILLISECONDS, () => this.wake());
    this.every(MAINTAIN_MILLISECONDS, () => void this.maintain());
    this.every(CHECKPOINT_MILLISECONDS, () => void this.checkpoint());
  }

  /** Puts on file what the requests under way have come to, which happens each second. Never throws. */
  async checkpoint(): Promise<void> {
    // What is left of a disk is for rows.
    if (this.journal.failure) return;
    try {
      await this.open.checkpoint();
    } catch (error) {
      this.logger.error(`What requests under way have come to cannot be told: ${String(error)}`);
    }
  }

  /** Looks after the journal, which happens every two seconds: its quota, its files, those of ended processes. */
  maintain(): Promise<void> {
    this.maintaining ??= this.lookAfter().finally(() => (this.maintaining = undefined));
    return this.maintaining;
  }

  /** Tries for a while to empty the journal, whose folder may go with the process. */
  async beforeApplicationShutdown(): Promise<void> {
    for (const timer of this.timers) clearInterval(timer);
    this.deadline = Date.now() + SHUTDOWN_MILLISECONDS;
    while (!(await this.isFlushed()) && Date.now() < this.deadline) {
      await new Promise((resolve) => setTimeout(resolve, RETRY_MILLISECONDS));
    }
    this.open.close();
    await this.backlog.close();
    const { atRisk, depth } = this.backlog;
    if (atRisk > 0) this.logger.fatal(`${atRisk} usage rows are lost: neither the database nor the journal takes them`);
    if (depth > atRisk) this.logger.warn(`${depth - atRisk} usage rows stay in the journal for the next start`);
  }

  private endTurn(): void {
    this.isBusy = this.inTurn > 1;
    this.inTurn = 0;
    this.keep();
  }

  private keep(): void {
    const { arrived, onSafe } = this;
    if (arrived.length === 0) return;
    this.arrived = [];
    this.onSafe = [];
    this.backlog.add(arrived);
    for (const tell of onSafe) tell();
    if (this.backlog.inMemory >= BATCH_ROWS) this.wake();
  }

  private isFlushed(): Promise<boolean> {
    return this.flush().then(
      () => true,
      () => false,
    );
  }

  private every(milliseconds: number, work: () => void): void {
    const timer = setInterval(work, milliseconds);
    timer.unref();
    this.timers.push(timer);
  }

  private async lookAfter(): Promise<void> {
    if ((await this.quota.measure()).state === 'full') this.journal.stop(this.quota.reached());
    else this.backlog.recover();
    await this.journal.renew();
    await this.journal.claim();
    // Rows that the journal does not take would be gone with their file.
    if (!this.journal.failure) await this.abandoned.takeOver((rows) => this.backlog.add(rows));
  }

  private wake(): void {
    if (this.writing || (this.backlog.depth === 0 && this.refusals.isEmpty)) return;
    this.write().then(
      () => {
        if (this.failing) this.logger.log('Usage is written again');
        this.failing = false;
      },
      (error: unknown) => {
        if (!this.failing) this.logger.error(`Usage cannot be written and is kept: ${String(error)}`);
        this.failing = true;
      },
    );
  }

  private write(): Promise<void> {
    this.writing ??= this.writeAll().finally(() => (this.writing = undefined));
    return this.writing;
  }

  private async writeAll(): Promise<void> {
    const { newest } = this.backlog;
    while (Date.now() < this.deadline) {
      const batch = await this.backlog.next(BATCH_ROWS, newest);
      if (!batch) break;
      await this.writeRows(batch.rows);
      // Only now: a batch that failed is written again, and rows that did arrive are not counted twice.
      batch.settle();
    }
    await this.refusals.drain((counts) => writeRefusals(this.database.writer, counts));
  }

  /** @param isFirst a single row is tried twice: it may have been on its way to another table when one for its month was made */
  private async writeRows(rows: readonly UsageRecord[], isFirst = true): Promise<void> {
    try {
      await within(ANSWER_MILLISECONDS, writeUsage(this.database.writer, rows));
    } catch (error) {
      const [row] = rows;
      if (!row || !isUnstorableValue(error)) throw error;
      // One row that the database will never take must not hold up all others.
      if (rows.length === 1) return isFirst ? this.writeRows(rows, false) : this.reject(row, error);
      const half = Math.ceil(rows.length / 2);
      await this.writeRows(rows.slice(0, half), false);
      await this.writeRows(rows.slice(half), false);
    }
  }

  private reject(row: UsageRecord, error: unknown): void {
    const path = this.journal.reject(row);
    this.logger.error(`The database refuses the usage row ${row.id}, which is kept in ${path}: ${String(error)}`);
  }
}

/** @throws Error when it takes longer; the work itself is not stopped */
async function within<Result>(milliseconds: number, work: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('the database does not answer')), milliseconds);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
