import { Inject, Injectable } from '@nestjs/common';
import type { AdminToken, AdminTokenQuery, Token, TokenQuery } from '@maas/contracts/tokens';
import type { Prisma } from '@maas/database/client';
import type { Caller } from '../auth/caller.js';
import { page, readCursor, UUID } from '../database/cursor.js';
import { DatabaseService } from '../database/database.service.js';
import { containing } from '../database/search.js';
import { ApiError } from '../http/api-error.js';
import { Clock } from '../http/clock.js';
import { shownToken, type TokenRecord } from './token.js';
import { cursorOfToken, havingStatus, jtisFrom, orderOfTokens, TOKEN_CURSOR, tokensAfter } from './token-listing.js';

const shown = {
  jti: true,
  name: true,
  description: true,
  issuedAt: true,
  expiresAt: true,
  lastUsedAt: true,
  revocation: { select: { revokedAt: true } },
} as const;

const shownToAdmin = { ...shown, userId: true, user: { select: { username: true } } } as const;
type AdminTokenRecord = TokenRecord & { userId: string; user: { username: string } };

/** Shows which tokens there are, to their owners and to administrators. */
@Injectable()
export class TokenListService {
  constructor(
    @Inject(DatabaseService) private readonly database: DatabaseService,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /** The caller's own tokens. */
  async list(caller: Caller, query: TokenQuery) {
    const named = query.search ? { name: containing(query.search) } : {};
    const rows = await this.database.client.issuedToken.findMany({
      ...this.listing(query, { userId: caller.userId, ...named }),
      select: shown,
    });
    return this.paged(rows, query, shownToken);
  }

  /** @throws ApiError 404 when it is not the caller's */
  async getOwn(caller: Caller, jti: string): Promise<Token> {
    const where = { jti, userId: caller.userId };
    const row = UUID.test(jti) ? await this.database.client.issuedToken.findFirst({ where, select: shown }) : null;
    if (row) return shownToken(row, this.clock.now());
    throw new ApiError('not_found', { message: 'You have no such token' });
  }

  /** Everybody's tokens. */
  async search(query: AdminTokenQuery) {
    const { user, search } = query;
    const found: Prisma.IssuedTokenWhereInput = search
      ? { OR: [{ name: containing(search) }, { user: { username: containing(search) } }, ...jtisFrom(search)] }
      : {};
    const rows = await this.database.client.issuedToken.findMany({
      ...this.listing(query, { ...(user ? { userId: user } : {}), ...found }),
      select: shownToAdmin,
    });
    return this.paged(rows, query, shownAdminToken);
  }

  /** @throws ApiError 404 */
  async get(jti: string): Promise<AdminToken> {
    const found = { where: { jti }, select: shownToAdmin };
    const row = UUID.test(jti) ? await this.database.client.issuedToken.findUnique(found) : null;
    if (row) return shownAdminToken(row, this.clock.now());
    throw new ApiError('not_found', { message: 'There is no such token' });
  }

  private listing(query: TokenQuery, which: Prisma.IssuedTokenWhereInput) {
    const cursor = readCursor(query.after, TOKEN_CURSOR);
    const status = query.status ? havingStatus(query.status, this.clock.now()) : {};
    return {
      where: { AND: [which, status, tokensAfter(cursor, query)] },
      orderBy: orderOfTokens(query),
      take: query.limit + 1,
    };
  }

  private paged<Row extends TokenRecord, Shown>(
    rows: Row[],
    query: TokenQuery,
    show: (row: Row, now: number) => Shown,
  ) {
    const now = this.clock.now();
    return page(
      rows,
      query.limit,
      (row) => cursorOfToken(row, query),
      (row) => show(row, now),
    );
  }
}

function shownAdminToken({ userId, user, ...row }: AdminTokenRecord, now: number): AdminToken {
  return { ...shownToken(row, now), userId, username: user.username };
}
