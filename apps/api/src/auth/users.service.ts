import { Inject, Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import type { CreateUser, IdentityProvider, Role, UpdateUser, UserQuery } from '@maas/contracts/auth';
import { EVERYONE } from '@maas/contracts/auth';
import type { Prisma, User } from '@maas/database/client';
import { CONFIG, type Config } from '../config.js';
import { ChangeFeedService, type Transaction } from '../database/change-feed.service.js';
import { isUniqueViolation } from '../database/database-error.js';
import { page, readCursor, UUID } from '../database/cursor.js';
import { DatabaseService } from '../database/database.service.js';
import { ApiError } from '../http/api-error.js';
import { Clock } from '../http/clock.js';
import { type Actor, AuditService } from './audit.service.js';
import { hashPassword } from './passwords.js';

/** What an identity provider says of a person. */
export interface Identity {
  provider: Exclude<IdentityProvider, 'local'>;
  /** The provider's unchanging name of the person. */
  subject: string;
  username: string;
  email: string | null;
  groups: string[];
}

const SEEN_AGAIN_MILLISECONDS = 60_000;

/** The people: the only writer of their table. */
@Injectable()
export class UsersService {
  constructor(
    @Inject(DatabaseService) private readonly database: DatabaseService,
    @Inject(ChangeFeedService) private readonly feed: ChangeFeedService,
    @Inject(AuditService) private readonly audit: AuditService,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  findLocal(username: string): Promise<User | null> {
    return this.database.client.user.findUnique({
      where: { provider_subject: { provider: 'local', subject: username } },
    });
  }

  /** Records what the identity provider said just now: groups and, by the configured groups, the role follow it. */
  async signedIn(identity: Identity): Promise<User> {
    const { provider, subject } = identity;
    const known = await this.database.client.user.findUnique({ where: { provider_subject: { provider, subject } } });
    const groups = [...new Set([...identity.groups, EVERYONE])].sort();
    const role: Role = groups.some((group) => this.config.ADMIN_GROUPS.includes(group)) ? 'admin' : 'user';
    const now = new Date(this.clock.now());
    const said = { username: identity.username, email: identity.email, groups, role };
    if (known && sameAs(known, said)) {
      await this.seen(known);
      return known;
    }
    if (known) {
      return this.feed.change({ topic: 'users', key: known.id }, (transaction) =>
        transaction.user.update({ where: { id: known.id }, data: { ...said, lastSeenAt: now } }),
      );
    }
    const id = uuidv7();
    try {
      return await this.feed.change({ topic: 'users', key: id }, (transaction) =>
        transaction.user.create({ data: { id, provider, subject, ...said, createdAt: now, lastSeenAt: now } }),
      );
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
      // Another request of theirs was first.
      return this.signedIn(identity);
    }
  }

  /** Notes that somebody was here; at most once a minute is written. */
  async seen(user: Pick<User, 'id' | 'lastSeenAt'>): Promise<void> {
    const now = this.clock.now();
    if (now - user.lastSeenAt.getTime() < SEEN_AGAIN_MILLISECONDS) return;
    await this.database.client.user.update({ where: { id: user.id }, data: { lastSeenAt: new Date(now) } });
  }

  /**
   * Makes a local account.
   * @param require throws, in the same transaction, what forbids it
   */
  async create(
    actor: Actor,
    { password, email, ...wish }: CreateUser,
    require: (transaction: Transaction) => Promise<void> = async () => {},
  ): Promise<User> {
    const id = uuidv7();
    const now = new Date(this.clock.now());
    const groups = [...new Set([...wish.groups, EVERYONE])].sort();
    const passwordHash = await hashPassword(password);
    const facts = { username: wish.username, role: wish.role, groups, email: email ?? null };
    try {
      return await this.feed.change({ topic: 'users', key: id }, async (transaction) => {
        await require(transaction);
        const user = await transaction.user.create({
          data: {
            id,
            provider: 'local',
            subject: wish.username,
            passwordHash,
            ...facts,
            createdAt: now,
            lastSeenAt: now,
          },
        });
        await this.audit.record(transaction, actor, {
          action: 'user.create',
          targetType: 'user',
          targetId: id,
          after: facts,
        });
        return user;
      });
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
      throw new ApiError('conflict', {
        message: `There is a local account named ${wish.username} already; choose another username`,
        param: 'username',
      });
    }
  }

  async list({ limit, after, search }: UserQuery): Promise<ReturnType<typeof page<User, User>>> {
    const cursor = readCursor(after, UUID);
    const where: Prisma.UserWhereInput = {
      // Prisma passes the wildcards of LIKE on.
      ...(search ? { username: { contains: search.replace(/[\\%_]/g, '\\$&'), mode: 'insensitive' } } : {}),
      ...(cursor ? { id: { gt: cursor } } : {}),
    };
    const rows = await this.database.client.user.findMany({ where, orderBy: { id: 'asc' }, take: limit + 1 });
    return page(
      rows,
      limit,
      (row) => row.id,
      (row) => row,
    );
  }

  async get(id: string): Promise<User> {
    const user = UUID.test(id) ? await this.database.client.user.findUnique({ where: { id } }) : null;
    if (user) return user;
    throw new ApiError('not_found', { message: 'There is no such user' });
  }

  /** Changes what an administrator may change. The last administrator can be neither demoted nor suspended. */
  async update(actor: Actor, id: string, wish: UpdateUser): Promise<User> {
    const known = await this.get(id);
    const local = wish.role !== undefined || wish.groups !== undefined || wish.password !== undefined;
    if (local && known.provider !== 'local') {
      throw new ApiError('invalid_request', {
        message: 'role, groups and password of this account come from its identity provider; change them there',
      });
    }
    const data = await this.dataOf(known, wish);
    return this.feed.change({ topic: 'users', key: id }, async (transaction) => {
      const before = await transaction.user.findUniqueOrThrow({ where: { id } });
      if (wish.tierOverride && !(await transaction.tier.findUnique({ where: { name: wish.tierOverride } }))) {
        throw new ApiError('invalid_request', {
          message: `There is no tier named ${wish.tierOverride}`,
          param: 'tierOverride',
        });
      }
      const after = await transaction.user.update({ where: { id }, data });
      const admins = await transaction.user.count({ where: { role: 'admin', suspendedAt: null } });
      if (admins === 0 && before.role === 'admin') {
        throw new ApiError('conflict', {
          message: 'This is the last active administrator; make somebody else an administrator first',
        });
      }
      await this.audit.record(transaction, actor, {
        action: 'user.update',
        targetType: 'user',
        targetId: id,
        before: audited(before),
        after: { ...audited(after), ...(wish.password ? { passwordChanged: true } : {}) },
      });
      return after;
    });
  }

  private async dataOf(known: User, wish: UpdateUser): Promise<Prisma.UserUncheckedUpdateInput> {
    const { role, groups, password, tierOverride, tierOverrideExpiresAt, suspended } = wish;
    const now = new Date(this.clock.now());
    return {
      ...(role === undefined ? {} : { role }),
      ...(groups === undefined ? {} : { groups: [...new Set([...groups, EVERYONE])].sort() }),
      // A new password ends the sign-ins that were made with the old one.
      ...(password === undefined ? {} : { passwordHash: await hashPassword(password), identityNotBefore: now }),
      // An override without an end must not inherit that of an earlier one, which may be over.
      ...(tierOverride === undefined ? {} : { tierOverride, tierOverrideExpiresAt: null }),
      ...(tierOverrideExpiresAt === undefined
        ? {}
        : { tierOverrideExpiresAt: tierOverrideExpiresAt === null ? null : new Date(tierOverrideExpiresAt) }),
      ...(suspended === undefined ? {} : { suspendedAt: suspended ? (known.suspendedAt ?? now) : null }),
    };
  }
}

function audited({ username, role, groups, tierOverride, tierOverrideExpiresAt, suspendedAt }: User): object {
  return { username, role, groups, tierOverride, tierOverrideExpiresAt, suspendedAt };
}

function sameAs(known: User, said: Pick<User, 'username' | 'email' | 'groups' | 'role'>): boolean {
  return (
    known.username === said.username &&
    known.email === said.email &&
    known.role === said.role &&
    known.groups.join('\n') === said.groups.join('\n')
  );
}
