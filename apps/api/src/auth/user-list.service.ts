import { Inject, Injectable } from '@nestjs/common';
import type { UserQuery } from '@maas/contracts/auth';
import type { Prisma } from '@maas/database/client';
import { page, readCursor } from '../database/cursor.js';
import { DatabaseService } from '../database/database.service.js';
import { defined } from '../database/defined.js';
import { containing } from '../database/search.js';
import { cursorOfUser, orderOfUsers, USER_CURSORS, usersAfter } from './user-listing.js';

/** Shows administrators who there is. */
@Injectable()
export class UserListService {
  constructor(@Inject(DatabaseService) private readonly database: DatabaseService) {}

  /** @param which further limits who is listed */
  async list(query: Omit<UserQuery, 'tier'>, which: Prisma.UserWhereInput) {
    const { limit, search, suspended, role, provider } = query;
    const cursor = readCursor(query.after, USER_CURSORS[query.sort]);
    const where: Prisma.UserWhereInput = {
      ...defined({ role, provider }),
      ...(suspended === undefined ? {} : { suspendedAt: suspended ? { not: null } : null }),
      ...(search ? { OR: [{ username: containing(search) }, { email: containing(search) }] } : {}),
      AND: [which, usersAfter(cursor, query)],
    };
    const rows = await this.database.client.user.findMany({ where, orderBy: orderOfUsers(query), take: limit + 1 });
    return page(
      rows,
      limit,
      (row) => cursorOfUser(row, query),
      (row) => row,
    );
  }
}
