import { Inject, Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import type { AuditEntry, AuditQuery } from '@maas/contracts/auth';
import type { AuditEntry as AuditRow, Prisma } from '@maas/database/client';
import type { Transaction } from '../database/change-feed.service.js';
import { page, readCursor, UUID } from '../database/cursor.js';
import { DatabaseService } from '../database/database.service.js';
import { defined } from '../database/defined.js';
import { containing } from '../database/search.js';
import { ApiError } from '../http/api-error.js';
import { Clock } from '../http/clock.js';
import { changesSince, type VersionedChange } from './audit-changes.js';
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

/** What a change is guarded by: the version that the row has, and the one that its maker read. */
export interface VersionCheck {
  targetType: string;
  targetId: string;
  current: number;
  /** undefined: they do not care. */
  read: number | undefined;
}

/** Which entries are asked for, without where a page begins. */
export type AuditFilter = Omit<AuditQuery, 'limit' | 'after'>;

const EXPORT_BATCH = 1000;
const CHANGES_LOOKED_AT = 50;

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

  /** Records what changes nothing in this database, and so has no transaction of its own. */
  async recordAlone(actor: Actor, deed: Deed): Promise<void> {
    await this.record(this.database.client, actor, deed);
  }

  /** The newest first. */
  async list({ limit, after, ...filter }: AuditQuery) {
    const cursor = readCursor(after, UUID);
    const rows = await this.database.client.auditEntry.findMany({
      where: { ...whereOf(filter), ...(cursor ? { id: { lt: cursor } } : {}) },
      orderBy: { id: 'desc' },
      take: limit + 1,
    });
    return page(rows, limit, (row) => row.id, shown);
  }

  /** @throws ApiError 404 */
  async get(id: string): Promise<AuditEntry> {
    const row = UUID.test(id) ? await this.database.client.auditEntry.findUnique({ where: { id } }) : null;
    if (row) return shown(row);
    throw new ApiError('not_found', { message: 'There is no such entry in the audit log' });
  }

  /** All entries of a filter, the newest first, as many at a time as the reader takes. */
  async *all(filter: AuditFilter): AsyncGenerator<AuditEntry> {
    const where = whereOf(filter);
    for (let last: string | undefined; ;) {
      const rows = await this.database.client.auditEntry.findMany({
        where: { ...where, ...(last === undefined ? {} : { id: { lt: last } }) },
        orderBy: { id: 'desc' },
        take: EXPORT_BATCH,
      });
      for (const row of rows) yield shown(row);
      last = rows.at(-1)?.id;
      if (last === undefined || rows.length < EXPORT_BATCH) return;
    }
  }

  /**
   * Refuses a change that was made in ignorance of another.
   * @throws ApiError 409 that says who changed which fields meanwhile
   */
  async requireVersion(transaction: Transaction, check: VersionCheck): Promise<void> {
    const { targetType, targetId, current, read } = check;
    if (read === undefined || read === current) return;
    const entries = await transaction.auditEntry.findMany({
      where: { targetType, targetId },
      orderBy: { id: 'desc' },
      take: CHANGES_LOOKED_AT,
      select: { actorName: true, before: true, after: true },
    });
    const changes = changesSince(entries as VersionedChange[], read);
    throw new ApiError('conflict', {
      message: `The ${targetType} ${targetId} was changed by somebody else: it has version ${current}, you read ${read}${changes && ` (${changes})`}; read it again`,
      param: 'version',
    });
  }
}

function whereOf({ from, to, actor, search, ...exact }: AuditFilter): Prisma.AuditEntryWhereInput {
  return {
    ...defined(exact),
    ...(from === undefined && to === undefined
      ? {}
      : { at: { ...(from ? { gte: new Date(from) } : {}), ...(to ? { lt: new Date(to) } : {}) } }),
    ...(actor ? { actorName: containing(actor) } : {}),
    ...(search
      ? {
          OR: [{ action: containing(search) }, { targetType: containing(search) }, { targetId: containing(search) }],
        }
      : {}),
  };
}

function shown(row: AuditRow): AuditEntry {
  return { object: 'audit_entry', ...row, at: row.at.toISOString() };
}

/** JSON as it will be stored: dates as text, nothing undefined. */
function plain(value: object): Prisma.InputJsonObject {
  return JSON.parse(JSON.stringify(value)) as Prisma.InputJsonObject;
}
