import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Prisma } from '@maas/database/client';
import { CONFIG, type Config } from '../config.js';
import { logFailedWork } from '../database/database-error.js';
import { DatabaseService } from '../database/database.service.js';
import { Clock } from '../http/clock.js';
import { summedColumns } from './usage-sums.js';

const DAY = 86_400_000;
const LOOK_MILLISECONDS = 10 * 60_000;
/** A day is left alone for so long after its end, while late rows are likely. */
const SETTLED_MILLISECONDS = 60 * 60_000;
const SUM_LOCK = 0x6d616175;
/** A month of very many people. */
const LONGEST_MILLISECONDS = 60_000;
const sumColumns = Prisma.raw(summedColumns.join(', '));
const sums = Prisma.raw(summedColumns.map((column) => `sum(${column})`).join(', '));

/**
 * Sums up each day once it is over, and each month once all its days are, so that reports over months need not read every
 * hour: the only writer of those sums. A day to which hours are added later is summed again, with its month; until then
 * reports read its hours.
 */
@Injectable()
export class UsageDays implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(UsageDays.name);
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private isStopped = false;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(DatabaseService) private readonly database: DatabaseService,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  onApplicationBootstrap(): void {
    // Reports are the control plane's.
    if (this.config.MAAS_ROLE === 'gateway') return;
    this.look();
    this.timer = setInterval(() => this.look(), LOOK_MILLISECONDS);
    this.timer.unref();
  }

  async onApplicationShutdown(): Promise<void> {
    this.isStopped = true;
    clearInterval(this.timer);
    await this.running?.catch(() => undefined);
  }

  /** Sums up every day and month that is over and is not summed. */
  async sumDue(): Promise<void> {
    await this.running;
    this.running ??= this.sumAll().finally(() => (this.running = undefined));
    await this.running;
  }

  private look(): void {
    this.sumDue().catch((error: unknown) => {
      logFailedWork(this.logger, 'Days of usage could not be summed up yet; reports read the hours', error);
    });
  }

  private async sumAll(): Promise<void> {
    const { client } = this.database;
    const today = dateOf(new Date(this.clock.now() - SETTLED_MILLISECONDS));
    const days = await client.$queryRaw<{ day: Date }[]>`
      SELECT day::date AS day FROM generate_series(
        (SELECT min(hour) FROM usage_hourly) AT TIME ZONE 'UTC', ${today}::date::timestamp, '1 day') AS day
      WHERE day::date < ${today}::date AND day::date NOT IN (SELECT day FROM usage_summed_day WHERE has_total)
      ORDER BY 1 DESC`;
    for (const { day } of days) {
      if (this.isStopped) return;
      await this.sumDay(day);
    }
    const months = await client.$queryRaw<{ month: Date }[]>`
      SELECT month::date AS month FROM (SELECT date_trunc('month', day::timestamp) AS month FROM usage_summed_day) AS days
      WHERE month::date NOT IN (SELECT month FROM usage_summed_month)
      GROUP BY month HAVING count(*) = extract(day FROM month + interval '1 month' - interval '1 day') ORDER BY 1 DESC`;
    for (const { month } of months) {
      if (this.isStopped) return;
      await this.sumMonth(month);
    }
  }

  /** Nobody writes hours beside it: what is summed is all that there is. Takes some 10 ms. */
  private sumDay(day: Date): Promise<void> {
    const next = new Date(day.getTime() + DAY);
    const date = dateOf(day);
    return this.alone(async (transaction) => {
      await transaction.$executeRaw`LOCK TABLE usage_hourly IN SHARE MODE`;
      await transaction.$executeRaw`DELETE FROM usage_daily WHERE day = ${date}::date`;
      await transaction.$executeRaw`DELETE FROM usage_daily_total WHERE day = ${date}::date`;
      await transaction.$executeRaw`
        INSERT INTO usage_daily (day, user_id, model_id, tier, ${sumColumns})
        SELECT ${date}::date, user_id, model_id, tier, ${sums}
        FROM usage_hourly WHERE hour >= ${day} AND hour < ${next} GROUP BY user_id, model_id, tier`;
      await transaction.$executeRaw`
        INSERT INTO usage_daily_total (day, model_id, tier, ${sumColumns})
        SELECT day, model_id, tier, ${sums} FROM usage_daily WHERE day = ${date}::date GROUP BY day, model_id, tier`;
      await transaction.$executeRaw`
        INSERT INTO usage_summed_day (day, has_total) VALUES (${date}::date, true)
        ON CONFLICT (day) DO UPDATE SET has_total = true`;
    });
  }

  /** Who changes hours of the month meanwhile waits for it, because that removes days which are held, and then removes it. */
  private sumMonth(month: Date): Promise<void> {
    const [first, next] = [month, new Date(Date.UTC(month.getUTCFullYear(), month.getUTCMonth() + 1))].map(dateOf);
    return this.alone(async (transaction) => {
      const [{ isWhole } = { isWhole: false }] = await transaction.$queryRaw<{ isWhole: boolean }[]>`
        SELECT count(*) = ${next}::date - ${first}::date AS "isWhole" FROM (
          SELECT FROM usage_summed_day WHERE day >= ${first}::date AND day < ${next}::date FOR SHARE SKIP LOCKED) AS days`;
      if (!isWhole) return;
      await transaction.$executeRaw`DELETE FROM usage_monthly WHERE month = ${first}::date`;
      await transaction.$executeRaw`
        INSERT INTO usage_monthly (month, user_id, model_id, tier, ${sumColumns})
        SELECT ${first}::date, user_id, model_id, tier, ${sums}
        FROM usage_daily WHERE day >= ${first}::date AND day < ${next}::date GROUP BY user_id, model_id, tier`;
      await transaction.$executeRaw`INSERT INTO usage_summed_month (month) VALUES (${first}::date) ON CONFLICT DO NOTHING`;
    });
  }

  /** In a transaction that no other process is in at the same time. */
  private async alone(work: (transaction: Prisma.TransactionClient) => Promise<void>): Promise<void> {
    await this.database.client.$transaction(
      async (transaction) => {
        const [lock] = await transaction.$queryRaw<{ mine: boolean }[]>`
          SELECT pg_try_advisory_xact_lock(${SUM_LOCK}::bigint) AS mine`;
        // Another process is at it.
        if (!lock?.mine) return;
        await transaction.$executeRaw`SET LOCAL lock_timeout = '2s'`;
        await transaction.$executeRaw`SELECT set_config('statement_timeout', ${String(LONGEST_MILLISECONDS)}, true)`;
        await work(transaction);
      },
      { timeout: LONGEST_MILLISECONDS },
    );
  }
}

/** As text: a cast from an instant would be made in the time zone of the connection. */
function dateOf(instant: Date): string {
  return instant.toISOString().slice(0, 10);
}
