import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { DatabaseService } from '../database/database.service.js';
import type { RefusalCount, RefusedRequest, UsageRecord } from './usage-record.js';
import { writeRefusals, writeUsage } from './write-usage.js';

const WRITE_MILLISECONDS = 250;
const BATCH_ROWS = 500;
const RETRY_MILLISECONDS = 1000;
const SHUTDOWN_MILLISECONDS = 20_000;
const HOUR = 3_600_000;

/**
 * Takes what was used, off the hot path, and writes it in batches: the only writer of the usage tables. Rows stay in memory
 * until the database has them; the shutdown waits for that.
 */
@Injectable()
export class UsageRecorder implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(UsageRecorder.name);
  private waiting: UsageRecord[] = [];
  private refusals = new Map<string, RefusalCount>();
  private writing: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private failing = false;

  constructor(@Inject(DatabaseService) private readonly database: DatabaseService) {}

  record(row: UsageRecord): void {
    this.waiting.push(row);
    if (this.waiting.length === BATCH_ROWS) this.wake();
  }

  /** A refused request has no row of its own: a flood of them must not become a flood of rows. It is counted by the hour. */
  refuse(request: RefusedRequest): void {
    const createdAt = request.createdAt - (request.createdAt % HOUR);
    const key = `${createdAt} ${request.tokenJti} ${request.tier} ${request.modelId}`;
    const known = this.refusals.get(key);
    if (known) known.count += 1;
    else this.refusals.set(key, { ...request, createdAt, count: 1 });
  }

  /** Rows that the database does not have yet. */
  get depth(): number {
    return this.waiting.length;
  }

  /** Writes all that was recorded before the call; rejects when the database does not take it. */
  async flush(): Promise<void> {
    await this.writing?.catch(() => undefined);
    await this.write();
  }

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => this.wake(), WRITE_MILLISECONDS);
    this.timer.unref();
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    const deadline = Date.now() + SHUTDOWN_MILLISECONDS;
    for (;;) {
      try {
        return await this.flush();
      } catch (error) {
        if (Date.now() > deadline) {
          this.logger.fatal(
            `${this.waiting.length} usage rows are lost: the database does not take them: ${String(error)}`,
          );
          return;
        }
        await new Promise((resolve) => setTimeout(resolve, RETRY_MILLISECONDS));
      }
    }
  }

  private wake(): void {
    if (this.writing || (this.waiting.length === 0 && this.refusals.size === 0)) return;
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
    while (this.waiting.length > 0) {
      const batch = this.waiting.slice(0, BATCH_ROWS);
      await writeUsage(this.database.client, batch);
      // Only now: a batch that failed is written again, and rows that did arrive are not counted twice.
      this.waiting = this.waiting.slice(batch.length);
    }
    if (this.refusals.size === 0) return;
    const refusals = this.refusals;
    this.refusals = new Map();
    try {
      await writeRefusals(this.database.client, [...refusals.values()]);
    } catch (error) {
      for (const [key, refusal] of refusals) {
        const newer = this.refusals.get(key);
        this.refusals.set(key, { ...refusal, count: refusal.count + (newer?.count ?? 0) });
      }
      throw error;
    }
  }
}
