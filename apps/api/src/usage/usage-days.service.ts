import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { CONFIG, type Config } from '../config.js';
import { logFailedWork } from '../database/database-error.js';
import { DatabaseService } from '../database/database.service.js';
import { Clock } from '../http/clock.js';

const DAY = 86_400_000;
const LOOK_MILLISECONDS = 10 * 60_000;
/** A day is left alone for so long after its end, while late rows are likely. */
const SETTLED_MILLISECONDS = 60 * 60_000;
const SUM_LOCK = 0x6d616175;

/**
 * Sums up each day once it is over, so that reports over months need not read every hour: the only writer of the days. A
 * day to which hours are added later is summed again; until then reports read its hours.
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

  /** Sums up every day that is over and is not summed. */
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
    const today = new Date(this.clock.now() - SETTLED_MILLISECONDS).toISOString().slice(0, 10);
    const due = await this.database.client.$queryRaw<{ day: Date }[]>`
      SELECT day::date AS day FROM generate_series(
        (SELECT min(hour) FROM usage_hourly) AT TIME ZONE 'UTC', ${today}::date::timestamp, '1 day') AS day
      WHERE day::date < ${today}::date AND day::date NOT IN (SELECT day FROM usage_summed_day) ORDER BY 1 DESC`;
    for (const { day } of due) {
      if (this.isStopped) return;
      await this.sum(day);
    }
  }

  /** In one transaction that nobody writes hours beside: what is summed is all that there is. Takes some 10 ms. */
  private async sum(day: Date): Promise<void> {
    const next = new Date(day.getTime() + DAY);
    // As text: a cast from an instant would be made in the time zone of the connection.
    const date = day.toISOString().slice(0, 10);
    await this.database.client.$transaction(async (transaction) => {
      const [lock] = await transaction.$queryRaw<{ mine: boolean }[]>`
        SELECT pg_try_advisory_xact_lock(${SUM_LOCK}::bigint) AS mine`;
      // Another process is at it.
      if (!lock?.mine) return;
      await transaction.$executeRaw`SET LOCAL lock_timeout = '2s'`;
      await transaction.$executeRaw`LOCK TABLE usage_hourly IN SHARE MODE`;
      await transaction.$executeRaw`DELETE FROM usage_daily WHERE day = ${date}::date`;
      await transaction.$executeRaw`
        INSERT INTO usage_daily (day, user_id, model_id, tier, requests, errors, refused, prompt_tokens,
          completion_tokens, duration_ms, first_byte_ms, first_byte_count)
        SELECT ${date}::date, user_id, model_id, tier, sum(requests), sum(errors), sum(refused), sum(prompt_tokens),
          sum(completion_tokens), sum(duration_ms), sum(first_byte_ms), sum(first_byte_count)
        FROM usage_hourly WHERE hour >= ${day} AND hour < ${next} GROUP BY user_id, model_id, tier`;
      await transaction.$executeRaw`
        INSERT INTO usage_summed_day (day) VALUES (${date}::date) ON CONFLICT DO NOTHING`;
    });
  }
}
