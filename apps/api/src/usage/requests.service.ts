import { Inject, Injectable } from '@nestjs/common';
import type { AdminRequestQuery, AdminRequestRow, RequestRow, StatusClass } from '@maas/contracts/requests';
import type { Prisma, UsageEvent } from '@maas/database/client';
import { page, readCursor } from '../database/cursor.js';
import { DatabaseService } from '../database/database.service.js';
import { defined } from '../database/defined.js';
import { ApiError } from '../http/api-error.js';
import { Clock } from '../http/clock.js';
import { UsageNames } from './usage-names.service.js';

const DEFAULT_RANGE = 30 * 86_400_000;
const CURSOR = /^\d{1,14} [0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const statuses: Record<StatusClass, Prisma.IntFilter> = {
  '2xx': { gte: 200, lt: 300 },
  '4xx': { gte: 400, lt: 500 },
  '5xx': { gte: 500, lt: 600 },
  error: { gte: 400 },
};

/** Reads the single requests, which are kept without what was asked and answered. */
@Injectable()
export class RequestsService {
  constructor(
    @Inject(DatabaseService) private readonly database: DatabaseService,
    @Inject(UsageNames) private readonly names: UsageNames,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /** One's own requests, the newest first. */
  async listOwn(userId: string, query: AdminRequestQuery) {
    const { rows, tokenNames, limit } = await this.read({ ...query, user: userId });
    return page(rows, limit, cursorOf, (row) => shown(row, tokenNames));
  }

  /** Everybody's requests, the newest first. */
  async list(query: AdminRequestQuery) {
    const { rows, tokenNames, limit } = await this.read(query);
    const usernames = await this.names.usernames(rows.map(({ userId }) => userId));
    return page(rows, limit, cursorOf, (row): AdminRequestRow => ({
      ...shown(row, tokenNames),
      user: row.userId,
      username: usernames.get(row.userId) ?? null,
      backend: row.backendId,
    }));
  }

  private async read(query: AdminRequestQuery) {
    const { limit, id, model, tier, status } = query;
    const range = await this.rangeOf(query);
    const rows = await this.database.client.usageEvent.findMany({
      where: {
        ...defined({ id, modelId: model, tier, userId: range.user, tokenJti: query.token }),
        ...(status === undefined ? {} : { status: statuses[status] }),
        // Who names a request need not say when it was.
        ...(id === undefined ? { createdAt: { gte: new Date(range.from), lt: new Date(range.to) } } : {}),
        ...afterCursor(query.after),
      },
      orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
      take: limit + 1,
    });
    return { rows, limit, tokenNames: await this.names.tokenNames(rows.map(({ tokenJti }) => tokenJti)) };
  }

  /** What a token was used for lies within its life, and with its owner: so less has to be looked through. */
  private async rangeOf({ from, to, token, user }: AdminRequestQuery) {
    const end = to === undefined ? this.clock.now() + 1 : Date.parse(to);
    const start = from === undefined ? end - DEFAULT_RANGE : Date.parse(from);
    if (start >= end) throw new ApiError('invalid_request', { message: 'from must be before to', param: 'from' });
    const known =
      token === undefined
        ? null
        : await this.database.client.issuedToken.findUnique({
            where: { jti: token },
            select: { userId: true, issuedAt: true, expiresAt: true },
          });
    return {
      user: user ?? known?.userId,
      from: Math.max(start, known?.issuedAt.getTime() ?? 0),
      to: Math.min(end, known ? known.expiresAt.getTime() + 1 : end),
    };
  }
}

function cursorOf({ createdAt, id }: UsageEvent): string {
  return `${createdAt.getTime()} ${id}`;
}

function afterCursor(after: string | undefined): Prisma.UsageEventWhereInput {
  const cursor = readCursor(after, CURSOR);
  if (cursor === undefined) return {};
  const [time, id = ''] = cursor.split(' ');
  const at = new Date(Number(time));
  // The first alone lets the index begin there.
  return { AND: [{ createdAt: { lte: at } }, { OR: [{ createdAt: { lt: at } }, { id: { lt: id } }] }] };
}

function shown(row: UsageEvent, tokenNames: ReadonlyMap<string, string>): RequestRow {
  const { id, tier, endpoint, status, streamed, promptTokens, completionTokens, countSource } = row;
  return {
    object: 'request',
    id,
    at: row.createdAt.toISOString(),
    model: row.modelId,
    token: row.tokenJti,
    tokenName: tokenNames.get(row.tokenJti) ?? null,
    tier,
    endpoint,
    status,
    streamed,
    promptTokens,
    completionTokens,
    totalTokens: promptTokens + completionTokens,
    countSource,
    firstByteMs: row.firstByteMs,
    durationMs: row.durationMs,
  };
}
