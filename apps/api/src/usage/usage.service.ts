import { Inject, Injectable } from '@nestjs/common';
import type { AdminUsageQuery, UsageGroup, UsageOrder, UsageReport, UsageRow } from '@maas/contracts/usage';
import { Prisma } from '@maas/database/client';
import { DatabaseService } from '../database/database.service.js';
import { ApiError } from '../http/api-error.js';
import { Clock } from '../http/clock.js';
import { type Range, type Reading, readingOf } from './usage-reading.js';
import { UsageNames } from './usage-names.service.js';
import { shownSums, summedColumns, type SumRow } from './usage-sums.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const DEFAULT_RANGE = 7 * DAY;
const LARGEST_REPORT = 10_000;
/** Shorter ranges are read by the hour: that is as fast. */
const LONG_RANGE = 14 * DAY;
/** Milliseconds: more than a statement may take (15 s), which says better what was too much. */
const LONGEST_READ = 20_000;

const groupColumns: Record<UsageGroup, Prisma.Sql> = {
  hour: Prisma.sql`hour`,
  day: Prisma.sql`day`,
  model: Prisma.sql`model_id`,
  token: Prisma.sql`token_jti`,
  user: Prisma.sql`user_id`,
  tier: Prisma.sql`tier`,
};
/** Where a group is shown otherwise than it is grouped by. */
const shownAs: Partial<Record<UsageGroup, Prisma.Sql>> = { day: Prisma.sql`day::text` };
const orders: Record<UsageOrder, Prisma.Sql> = {
  totalTokens: Prisma.sql`sum(prompt_tokens) + sum(completion_tokens) DESC`,
  requests: Prisma.sql`sum(requests) DESC`,
  refused: Prisma.sql`sum(refused) DESC`,
  errors: Prisma.sql`sum(errors) DESC`,
};
const sumColumns = Prisma.raw(summedColumns.join(', '));
const sums = Prisma.raw(summedColumns.map((column) => `sum(${column})::bigint AS ${column}`).join(', '));

/** Sums up usage. Reads the sums by the month, the day and the hour, the coarsest that will do, never the single rows. */
@Injectable()
export class UsageService {
  constructor(
    @Inject(DatabaseService) private readonly database: DatabaseService,
    @Inject(UsageNames) private readonly names: UsageNames,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /** @throws ApiError 400 when the range is empty or the report would be too large */
  async report(query: AdminUsageQuery): Promise<UsageReport> {
    const range = this.rangeOf(query);
    const rows = await this.read(range, await this.ofOwner(query));
    if (rows.length > LARGEST_REPORT) {
      throw new ApiError('invalid_request', {
        message: `The report would have more than ${LARGEST_REPORT} rows; ask for a shorter range or fewer groups, or for the top ones with orderBy and limit`,
        param: 'groupBy',
      });
    }
    return {
      object: 'usage',
      from: new Date(range.from).toISOString(),
      to: new Date(range.to).toISOString(),
      groupBy: query.groupBy,
      data: await this.named(rows.map(shownSums)),
    };
  }

  private rangeOf(query: AdminUsageQuery): Range {
    const to = query.to === undefined ? this.clock.now() : Date.parse(query.to);
    const asked = query.from === undefined ? to - DEFAULT_RANGE : Date.parse(query.from);
    const from = Math.floor(asked / HOUR) * HOUR;
    if (from < to) return { from, to };
    throw new ApiError('invalid_request', { message: 'from must be before to', param: 'from' });
  }

  /** The sums are kept by user: who asks for a token is quicker answered with its owner. */
  private async ofOwner(query: AdminUsageQuery): Promise<AdminUsageQuery> {
    if (query.token === undefined || query.user !== undefined) return query;
    const where = { jti: query.token };
    const token = await this.database.client.issuedToken.findUnique({ where, select: { userId: true } });
    return token ? { ...query, user: token.userId } : query;
  }

  private async read(range: Range, query: AdminUsageQuery): Promise<SumRow[]> {
    const byHourAlone =
      query.user !== undefined ||
      query.token !== undefined ||
      query.groupBy.some((group) => group === 'hour' || group === 'token');
    if (byHourAlone || range.to - range.from < LONG_RANGE) {
      const reading = { months: undefined, days: [], hours: [range] };
      return this.database.client.$queryRaw<SumRow[]>(sqlOf(reading, query));
    }
    // What is summed must still be so when it is read.
    return this.database.client.$transaction(
      async (transaction) => {
        const reading = await summedIn(transaction, range, query);
        return transaction.$queryRaw<SumRow[]>(sqlOf(reading, query));
      },
      { isolationLevel: 'RepeatableRead', timeout: LONGEST_READ },
    );
  }

  /** Adds the names of users and tokens to their ids. */
  private async named(rows: UsageRow[]): Promise<UsageRow[]> {
    const [usernames, tokenNames] = await Promise.all([
      this.names.usernames(rows.flatMap(({ user }) => user ?? [])),
      this.names.tokenNames(rows.flatMap(({ token }) => token ?? [])),
    ]);
    return rows.map((row) => ({
      ...row,
      ...(row.user === undefined ? {} : { username: usernames.get(row.user) ?? null }),
      ...(row.token === undefined ? {} : { tokenName: tokenNames.get(row.token) ?? null }),
    }));
  }
}

function sqlOf(reading: Reading, query: AdminUsageQuery): Prisma.Sql {
  const { groupBy, orderBy, limit } = query;
  const groups = Prisma.join(groupBy.map((group) => groupColumns[group]));
  const shown = groupBy.map(
    (group) => Prisma.sql`${shownAs[group] ?? groupColumns[group]} AS ${Prisma.raw(`"${group}"`)}`,
  );
  return Prisma.sql`
    SELECT ${Prisma.join(shown)}, ${sums} FROM (${sourceOf(reading, query)}) AS source
    GROUP BY ${groups}
    ORDER BY ${orderBy === undefined ? groups : Prisma.sql`${orders[orderBy]}, ${groups}`}
    LIMIT ${limit ?? LARGEST_REPORT + 1}`;
}

/** Days of everybody are fewer than months of each; both are far fewer than days of each. */
async function summedIn(transaction: Prisma.TransactionClient, range: Range, query: AdminUsageQuery): Promise<Reading> {
  const [gte, lt] = [new Date(Math.floor(range.from / DAY) * DAY), new Date(range.to)];
  const ofEach = isOfEach(query);
  const days = await transaction.usageSummedDay.findMany({
    where: { day: { gte, lt }, ...(ofEach ? {} : { hasTotal: true }) },
    orderBy: { day: 'asc' },
  });
  const months =
    ofEach && !query.groupBy.includes('day')
      ? await transaction.usageSummedMonth.findMany({ where: { month: { gte, lt } }, orderBy: { month: 'asc' } })
      : [];
  return readingOf(range, days.map(({ day }) => day.getTime()), months.map(({ month }) => month.getTime())); // prettier-ignore
}

const isOfEach = ({ groupBy }: AdminUsageQuery) => groupBy.includes('user');

function sourceOf({ months, days, hours }: Reading, query: AdminUsageQuery): Prisma.Sql {
  const { groupBy } = query;
  const ofEach = isOfEach(query);
  const keys = ofEach ? Prisma.sql`user_id, model_id, tier` : Prisma.sql`model_id, tier`;
  const times = [
    ...(groupBy.includes('hour') ? [Prisma.sql`hour`] : []),
    ...(groupBy.includes('day') ? [Prisma.sql`(hour AT TIME ZONE 'UTC')::date AS day`] : []),
    ...(groupBy.includes('token') ? [Prisma.sql`token_jti`] : []),
  ].map((column) => Prisma.sql`${column},`);
  const day = groupBy.includes('day') ? Prisma.sql`day,` : Prisma.empty;
  const ofDays = ofEach
    ? Prisma.sql`usage_daily JOIN usage_summed_day USING (day)`
    : Prisma.sql`usage_daily_total JOIN usage_summed_day USING (day)`;
  const parts = [
    ...hours.map(
      ({ from, to }) => Prisma.sql`
      SELECT ${concatenated(times)} ${keys}, ${sumColumns} FROM usage_hourly
      WHERE hour >= ${new Date(from)} AND hour < ${new Date(to)} ${filterOf(query)}`,
    ),
    ...days.map(
      ({ from, to }) => Prisma.sql`
      SELECT ${day} ${keys}, ${sumColumns} FROM ${ofDays}
      WHERE day >= ${dateOf(from)}::date AND day < ${dateOf(to)}::date ${filterOf(query)}`,
    ),
    ...(months ? [months] : []).map(
      ({ from, to }) => Prisma.sql`
      SELECT ${keys}, ${sumColumns} FROM usage_monthly JOIN usage_summed_month USING (month)
      WHERE month >= ${dateOf(from)}::date AND month < ${dateOf(to)}::date ${filterOf(query)}`,
    ),
  ];
  return Prisma.join(parts, ' UNION ALL ');
}

function filterOf({ model, tier, user, token }: AdminUsageQuery): Prisma.Sql {
  return concatenated([
    ...(model === undefined ? [] : [Prisma.sql`AND model_id = ${model} `]),
    ...(tier === undefined ? [] : [Prisma.sql`AND tier = ${tier} `]),
    ...(user === undefined ? [] : [Prisma.sql`AND user_id = ${user}::uuid `]),
    ...(token === undefined ? [] : [Prisma.sql`AND token_jti = ${token}::uuid `]),
  ]);
}

function concatenated(parts: Prisma.Sql[]): Prisma.Sql {
  return parts.length === 0 ? Prisma.empty : Prisma.join(parts, ' ');
}

/** A date as text: a cast from an instant would be made in the time zone of the connection. */
function dateOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}
