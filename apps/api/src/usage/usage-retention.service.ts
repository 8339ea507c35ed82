import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Prisma } from '@maas/database/client';
import { CONFIG, type Config } from '../config.js';
import { logFailedWork } from '../database/database-error.js';
import { DatabaseService } from '../database/database.service.js';
import { Clock } from '../http/clock.js';
import { monthOf, monthOfTable, monthsBetween, type UsageMonth } from './usage-months.js';

const KEEP_MILLISECONDS = 3_600_000;
const MONTHS_AHEAD = 2;
/** So long usage may wait in the journal while a table is put in; a report that holds a lock is not waited for longer. */
const LOCK_MILLISECONDS = 3000;
/** Moving the rows of a month that has no table yet can take a while; it happens once. */
const MOVE_MILLISECONDS = 600_000;
/** Of the advisory lock that keeps two processes from doing the same: any number, the same everywhere. */
const LOCK = 5_820_773;

/**
 * Keeps a table for each month of usage rows, made ahead, and drops those that are older than they have to be kept: the
 * newest row of a table decides. The sums by the hour stay.
 */
@Injectable()
export class UsageRetention implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(UsageRetention.name);
  private timer: NodeJS.Timeout | undefined;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(DatabaseService) private readonly database: DatabaseService,
    @Inject(Clock) private readonly clock: Clock,
  ) {
    // A gateway only adds rows; the control plane looks after their tables.
    if (config.MAAS_ROLE === 'gateway') return;
    // Where it was away at the start there may be no table yet.
    database.whenItReturns(() => void this.tryToKeep());
  }

  onApplicationBootstrap(): void {
    if (this.config.MAAS_ROLE === 'gateway') return;
    void this.tryToKeep();
    this.timer = setInterval(() => void this.tryToKeep(), KEEP_MILLISECONDS);
    this.timer.unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  /** Makes the tables that are missing and drops those that are too old. */
  async keep(): Promise<void> {
    const now = new Date(this.clock.now());
    const known = new Set(await this.tables());
    const wanted = [...(await this.monthsWithoutTable()), ...monthsBetween(now, monthOf(now, MONTHS_AHEAD).from)];
    const failures: unknown[] = [];
    // One that fails keeps neither the others from being made nor the old ones from going.
    for (const month of wanted) {
      if (known.has(month.table)) continue;
      await this.make(month).then(
        () => known.add(month.table),
        (error: unknown) => failures.push(error),
      );
    }
    const oldest = new Date(now.getTime() - this.config.USAGE_RETENTION);
    for (const table of known) {
      const month = monthOfTable(table);
      if (month && month.to <= oldest) await this.drop(month);
    }
    if (failures.length > 0) throw failures[0];
  }

  private async tryToKeep(): Promise<void> {
    try {
      await this.keep();
    } catch (error) {
      // Rows without a month are kept all the same, in the rest.
      logFailedWork(this.logger, 'The tables of usage rows could not be looked after, tried again in an hour', error);
    }
  }

  private async tables(): Promise<string[]> {
    const rows = await this.database.client.$queryRaw<{ name: string }[]>`
      SELECT relname::text AS name FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
      WHERE inhparent = 'usage_event'::regclass`;
    return rows.map(({ name }) => name);
  }

  /** Of the rows that are in no month's table, those from before there were any. */
  private async monthsWithoutTable(): Promise<UsageMonth[]> {
    const [rest] = await this.database.client.$queryRaw<{ first: Date | null; last: Date | null }[]>`
      SELECT min(created_at) AS first, max(created_at) AS last FROM usage_event_rest`;
    return rest?.first && rest.last ? monthsBetween(rest.first, rest.last) : [];
  }

  private async make({ table, from, to }: UsageMonth): Promise<void> {
    const name = Prisma.raw(`"${table}"`);
    // PostgreSQL takes no parameters where bounds are said; these are dates of ours.
    const bounds = Prisma.raw(`FROM ('${from.toISOString()}') TO ('${to.toISOString()}')`);
    await this.alone(async (transaction) => {
      if ((await this.tables()).includes(table)) return;
      await transaction.$executeRaw`CREATE TABLE ${name} (LIKE usage_event INCLUDING DEFAULTS)`;
      const move = () => transaction.$executeRaw`
        WITH moved AS (DELETE FROM usage_event_rest WHERE created_at >= ${from} AND created_at < ${to} RETURNING *)
        INSERT INTO ${name} SELECT * FROM moved`;
      const most = await move();
      // Those that were written meanwhile, while nobody can write more: the table takes its month only when none is left.
      await transaction.$executeRaw`LOCK TABLE usage_event_rest IN SHARE ROW EXCLUSIVE MODE`;
      const moved = most + (await move());
      await transaction.$executeRaw`ALTER TABLE usage_event ATTACH PARTITION ${name} FOR VALUES ${bounds}`;
      if (moved > 0) this.logger.log(`${moved} usage rows are moved to ${table}`);
    });
  }

  private async drop({ table }: UsageMonth): Promise<void> {
    await this.alone(async (transaction) => {
      await transaction.$executeRaw`DROP TABLE IF EXISTS ${Prisma.raw(`"${table}"`)}`;
      this.logger.log(`The usage rows of ${table} are dropped: older than USAGE_RETENTION`);
    });
  }

  /** In a transaction that no other process is in at the same time, and that gives up rather than hold up the writer. */
  private async alone(work: (transaction: Prisma.TransactionClient) => Promise<void>): Promise<void> {
    await this.database.client.$transaction(
      async (transaction) => {
        await transaction.$executeRaw`SELECT set_config('lock_timeout', ${String(LOCK_MILLISECONDS)}, true)`;
        await transaction.$executeRaw`SELECT set_config('statement_timeout', ${String(MOVE_MILLISECONDS)}, true)`;
        const [lock] = await transaction.$queryRaw<{ had: boolean }[]>`
          SELECT pg_try_advisory_xact_lock(${LOCK}::bigint) AS had`;
        if (lock?.had) await work(transaction);
      },
      { timeout: MOVE_MILLISECONDS },
    );
  }
}
