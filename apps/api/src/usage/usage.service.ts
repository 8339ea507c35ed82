import { Inject, Injectable } from '@nestjs/common';
import type { AdminUsageQuery, UsageGroup, UsageReport, UsageRow } from '@maas/contracts/usage';
import { Prisma } from '@maas/database/client';
import { DatabaseService } from '../database/database.service.js';
import { ApiError } from '../http/api-error.js';
import { Clock } from '../http/clock.js';

const HOUR = 3_600_000;
const DEFAULT_RANGE = 7 * 24 * HOUR;
const LARGEST_REPORT = 10_000;

/** How each group is named in SQL. */
const groupColumns: Record<UsageGroup, Prisma.Sql> = {
  hour: Prisma.sql`hour`,
  day: Prisma.sql`date_trunc('day', hour, 'UTC')`,
  model: Prisma.sql`model_id`,
  token: Prisma.sql`token_jti`,
  user: Prisma.sql`user_id`,
  tier: Prisma.sql`tier`,
};

type Group = string | Date;
type SumRow = Partial<Record<UsageGroup, Group>> & Record<Sum, bigint>;
type Sum =
  | 'requests'
  | 'errors'
  | 'refused'
  | 'prompt_tokens'
  | 'completion_tokens'
  | 'duration_ms'
  | 'first_byte_ms'
  | 'first_byte_count';

/** Sums up usage. Reads the sums by the hour, never the single rows. */
@Injectable()
export class UsageService {
  constructor(
    @Inject(DatabaseService) private readonly database: DatabaseService,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /** @throws ApiError 400 when the range is empty or the report would be too large */
  async report(query: AdminUsageQuery): Promise<UsageReport> {
    const to = query.to === undefined ? this.clock.now() : Date.parse(query.to);
    const asked = query.from === undefined ? to - DEFAULT_RANGE : Date.parse(query.from);
    const from = Math.floor(asked / HOUR) * HOUR;
    if (from >= to) throw new ApiError('invalid_request', { message: 'from must be before to', param: 'from' });
    const rows = await this.sums(new Date(from), new Date(to), query);
    if (rows.length > LARGEST_REPORT) {
      throw new ApiError('invalid_request', {
        message: `The report would have more than ${LARGEST_REPORT} rows; ask for a shorter range or fewer groups`,
        param: 'groupBy',
      });
    }
    return {
      object: 'usage',
      from: new Date(from).toISOString(),
      to: new Date(to).toISOString(),
      groupBy: query.groupBy,
      data: await this.named(rows.map(shownRow)),
    };
  }

  private sums(from: Date, to: Date, { groupBy, model, tier, user }: AdminUsageQuery): Promise<SumRow[]> {
    const selected = groupBy.map((group) => Prisma.sql`${groupColumns[group]} AS ${Prisma.raw(`"${group}"`)}`);
    const positions = Prisma.raw(groupBy.map((_, index) => index + 1).join(', '));
    return this.database.client.$queryRaw<SumRow[]>`
      SELECT ${Prisma.join(selected)},
        sum(requests)::bigint AS requests, sum(errors)::bigint AS errors, sum(refused)::bigint AS refused,
        sum(prompt_tokens)::bigint AS prompt_tokens, sum(completion_tokens)::bigint AS completion_tokens,
        sum(duration_ms)::bigint AS duration_ms, sum(first_byte_ms)::bigint AS first_byte_ms,
        sum(first_byte_count)::bigint AS first_byte_count
      FROM usage_hourly
      WHERE hour >= ${from} AND hour < ${to}
        ${model === undefined ? Prisma.empty : Prisma.sql`AND model_id = ${model}`}
        ${tier === undefined ? Prisma.empty : Prisma.sql`AND tier = ${tier}`}
        ${user === undefined ? Prisma.empty : Prisma.sql`AND user_id = ${user}::uuid`}
      GROUP BY ${positions} ORDER BY ${positions} LIMIT ${LARGEST_REPORT + 1}`;
  }

  /** Adds the names of users and tokens to their ids. */
  private async named(rows: UsageRow[]): Promise<UsageRow[]> {
    const users = [...new Set(rows.flatMap(({ user }) => user ?? []))];
    const tokens = [...new Set(rows.flatMap(({ token }) => token ?? []))];
    const [userRows, tokenRows] = await Promise.all([
      users.length > 0
        ? this.database.client.user.findMany({ where: { id: { in: users } }, select: { id: true, username: true } })
        : [],
      tokens.length > 0
        ? this.database.client.issuedToken.findMany({
            where: { jti: { in: tokens } },
            select: { jti: true, name: true },
          })
        : [],
    ]);
    const usernames = new Map(userRows.map(({ id, username }) => [id, username]));
    const tokenNames = new Map(tokenRows.map(({ jti, name }) => [jti, name]));
    return rows.map((row) => ({
      ...row,
      ...(row.user === undefined ? {} : { username: usernames.get(row.user) ?? null }),
      ...(row.token === undefined ? {} : { tokenName: tokenNames.get(row.token) ?? null }),
    }));
  }
}

function shownRow(row: SumRow): UsageRow {
  const { hour, day, model, token, user, tier } = row;
  const requests = Number(row.requests);
  const promptTokens = Number(row.prompt_tokens);
  const completionTokens = Number(row.completion_tokens);
  return {
    ...(hour instanceof Date ? { hour: hour.toISOString() } : {}),
    ...(day instanceof Date ? { day: day.toISOString().slice(0, 10) } : {}),
    ...(typeof model === 'string' ? { model } : {}),
    ...(typeof token === 'string' ? { token } : {}),
    ...(typeof user === 'string' ? { user } : {}),
    ...(typeof tier === 'string' ? { tier } : {}),
    requests,
    errors: Number(row.errors),
    refused: Number(row.refused),
    promptTokens,
    completionTokens,
    totalTokens: promptTokens + completionTokens,
    averageDurationMs: average(row.duration_ms, row.requests),
    averageFirstByteMs: average(row.first_byte_ms, row.first_byte_count),
  };
}

function average(sum: bigint, count: bigint): number | null {
  return count === 0n ? null : Math.round((Number(sum) / Number(count)) * 10) / 10;
}
