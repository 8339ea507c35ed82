import { Inject, Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import type { AuditEntry, AuditQuery } from '@maas/contracts/auth';
import type { Prisma } from '@maas/database/client';
import type { Transaction } from '../database/change-feed.service.js';
import { page, readCursor, UUID } from '../database/cursor.js';
import { DatabaseService } from '../database/database.service.js';
import { defined } from '../database/defined.js';
import { Clock } from '../http/clock.js';
import type { Caller } from './caller.js';

/** What somebody did. `before` and `after` hold no secrets. */
export interface Deed {
  action: string;
  targetType: string;
  targetId: string;
  before?: object;
  after?: object;
}

/** Who did it, where nobody is signed in: the set-up link, the start of the process. */
export type Actor = Pick<Caller, 'username'> & Partial<Pick<Caller, 'userId' | 'address' | 'requestId'>>;

/** The audit log: one row a change, in the transaction of the change. The database refuses to alter or delete rows. */
@Injectable()
export class AuditService {
  constructor(
    @Inject(DatabaseService) private readonly database: DatabaseService,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  async record(transaction: Transaction, actor: Actor, deed: Deed): Promise<void> {
    const { before, after, ...what } = deed;
    await transaction.auditEntry.create({
      data: {
        id: uuidv7(),
        at: new Date(this.clock.now()),
        actorId: actor.userId ?? null,
        actorName: actor.username,
        address: actor.address ?? null,
        requestId: actor.requestId ?? null,
        ...what,
        ...(before ? { before: plain(before) } : {}),
        ...(after ? { after: plain(after) } : {}),
      },
    });
  }

  /** The newest first. */
  async list({ limit, after, ...filter }: AuditQuery) {
    const cursor = readCursor(after, UUID);
    const rows = await this.database.client.auditEntry.findMany({
      where: { ...defined(filter), ...(cursor ? { id: { lt: cursor } } : {}) },
      orderBy: { id: 'desc' },
      take: limit + 1,
    });
    return page(
      rows,
      limit,
      (row) => row.id,
      (row): AuditEntry => ({ object: 'audit_entry', ...row, at: row.at.toISOString() }),
    );
  }
}

/** JSON as it will be stored: dates as text, nothing undefined. */
function plain(value: object): Prisma.InputJsonObject {
  return JSON.parse(JSON.stringify(value)) as Prisma.InputJsonObject;
}
