import { Inject, Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import type { ChangePassword, CreateUser, UpdateUser } from '@maas/contracts/auth';
import { EVERYONE } from '@maas/contracts/auth';
import type { Prisma, User } from '@maas/database/client';
import { CONFIG, type Config } from '../config.js';
import { ChangeFeedService, type Transaction } from '../database/change-feed.service.js';
import { isUniqueViolation } from '../database/database-error.js';
import { UUID } from '../database/cursor.js';
import { DatabaseService } from '../database/database.service.js';
import { ApiError } from '../http/api-error.js';
import { Clock } from '../http/clock.js';
import { AccessReviews } from './access-reviews.service.js';
import { type Actor, AuditService } from './audit.service.js';
import { type Identity, isOlder, saysTheSame } from './identity.js';
import { hashPassword, verifyPassword } from './passwords.js';
import { SessionStore } from './session-store.service.js';

const SEEN_AGAIN_MILLISECONDS = 60_000;
/** Whom the audit log names where the word of an identity provider makes an administrator, or ends that. */
const PROVIDER: Actor = { username: 'identity provider' };

/** The people: the only writer of their table. */
@Injectable()
export class UsersService {
  constructor(
    @Inject(DatabaseService) private readonly database: DatabaseService,
    @Inject(ChangeFeedService) private readonly feed: ChangeFeedService,
    @Inject(AuditService) private readonly audit: AuditService,
    @Inject(SessionStore) private readonly sessions: SessionStore,
    @Inject(AccessReviews) private readonly reviews: AccessReviews,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  findLocal(username: string): Promise<User | null> {
    return this.database.client.user.findUnique({
      where: { provider_subject: { provider: 'local', subject: username } },
    });
  }

  /**
   * Records what the identity provider said: groups and, by the configured groups or the cluster, the role follow it. A word
   * that is older than what is known, such as an id token from before somebody left a group, changes nothing.
   * @throws ApiError 503 when the cluster cannot say who is an administrator
   */
  async signedIn(identity: Identity): Promise<User> {
    const { provider, subject, saidAt } = identity;
    const known = await this.database.client.user.findUnique({ where: { provider_subject: { provider, subject } } });
    const now = new Date(this.clock.now());
    const claimsAt = saidAt === undefined ? now : new Date(saidAt);
    if (known && this.keepsGroups(known, identity)) return this.said(known, namesOf(identity, known), identity);
    const groups = [...new Set([...identity.groups, EVERYONE])].sort();
    const role = await this.reviews.roleOf({ provider, username: subject, groups, vouchedAt: now.getTime() });
    const said = { ...namesOf(identity, known), groups, role };
    if (known) return this.said(known, { ...said, claimsAt }, identity);
    const id = uuidv7();
    try {
      return await this.feed.change({ topic: 'users', key: id }, async (transaction) => {
        const after = await transaction.user.create({
          data: { id, provider, subject, ...said, claimsAt, createdAt: now, lastSeenAt: now },
        });
        if (role !== 'admin') return after;
        const deed = { action: 'user.create', targetType: 'user', targetId: id, after: audited(after) };
        await this.audit.record(transaction, PROVIDER, deed);
        return after;
      });
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
      // Another request of theirs was first.
      return this.signedIn(identity);
    }
  }

  /**
   * Takes over what is new of a word about somebody who is known.
   * @param word with `claimsAt` where it says the groups
   */
  private async said(known: User, word: Word, { saidAt }: Identity): Promise<User> {
    // Only what was said before it came here can be older: clocks of two processes differ.
    const changes = (of: User) =>
      !(saidAt !== undefined && isOlder(new Date(saidAt), of.claimsAt)) && !saysTheSame(of, { ...of, ...word });
    if (!changes(known)) {
      await this.seen(known, word.claimsAt);
      return known;
    }
    const { id } = known;
    return this.feed.change({ topic: 'users', key: id }, async (transaction) => {
      const before = await transaction.user.findUniqueOrThrow({ where: { id } });
      // Another word may have come since it was read.
      if (!changes(before)) return before;
      const data = { ...word, lastSeenAt: new Date(this.clock.now()) };
      const after = await transaction.user.update({ where: { id }, data });
      if (before.role === after.role) return after;
      await this.sessions.endAll(transaction, id);
      const facts = { before: audited(before), after: audited(after) };
      const deed = { action: 'user.update', targetType: 'user', targetId: id, ...facts };
      await this.audit.record(transaction, PROVIDER, deed);
      return after;
    });
  }

  /** A word that leaves the groups out leaves them as they are, for as long as a browser may that was signed in by them. */
  private keepsGroups({ claimsAt }: User, { unsaid }: Identity): boolean {
    if (!unsaid?.includes('groups') || claimsAt === null) return false;
    return this.clock.now() - claimsAt.getTime() < this.config.SESSION_LIFETIME;
  }

  /**
   * Notes that somebody was here; at most once a minute is written.
   * @param claimsAt when their identity provider last vouched for them
   */
  async seen(user: Pick<User, 'id' | 'provider' | 'lastSeenAt' | 'claimsAt'>, claimsAt?: Date): Promise<void> {
    const now = this.clock.now();
    // Reviews of access go by it in every process.
    const isShared = this.reviews.goBy(user);
    const step = isShared ? this.reviews.vouchedAgain : SEEN_AGAIN_MILLISECONDS;
    const vouched = claimsAt !== undefined && claimsAt.getTime() - (user.claimsAt?.getTime() ?? 0) >= step;
    if (!vouched && now - user.lastSeenAt.getTime() < SEEN_AGAIN_MILLISECONDS) return;
    const change = {
      where: { id: user.id },
      data: { lastSeenAt: new Date(now), ...(vouched ? { claimsAt } : {}) },
    };
    if (vouched && isShared)
      await this.feed.change({ topic: 'users', key: user.id }, ({ user: of }) => of.update(change));
    else await this.database.client.user.update(change);
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
      // Not before the change has its turn: what was signed in with the old password while it waited ends too.
      if (wish.password !== undefined) data.identityNotBefore = new Date(this.clock.now());
      const before = await transaction.user.findUniqueOrThrow({ where: { id } });
      if (wish.tierOverride && !(await transaction.tier.findUnique({ where: { name: wish.tierOverride } }))) {
        throw new ApiError('invalid_request', {
          message: `There is no tier named ${wish.tierOverride}`,
          param: 'tierOverride',
        });
      }
      const after = await transaction.user.update({ where: { id }, data });
      await requireAdministrator(transaction, before);
      // Who was signed in as somebody else, so to speak, signs in anew (OWASP, session management: after a privilege change).
      const barred = after.suspendedAt !== null && before.suspendedAt === null;
      if (barred || before.role !== after.role || wish.password) await this.sessions.endAll(transaction, id);
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

  /**
   * Changes one's own password, and ends every sign-in that was made with the old one.
   * @throws ApiError 400 for an account of an identity provider, or when the current password is not the one given
   */
  async changePassword(actor: Actor, id: string, { currentPassword, newPassword }: ChangePassword): Promise<void> {
    const known = await this.get(id);
    if (known.provider !== 'local') {
      throw new ApiError('invalid_request', {
        message: 'The password of this account is that of its identity provider; change it there',
      });
    }
    if (!(await verifyPassword(known.passwordHash, currentPassword))) {
      throw new ApiError('invalid_request', {
        message: 'currentPassword is not your password; try again',
        param: 'currentPassword',
      });
    }
    const passwordHash = await hashPassword(newPassword);
    await this.feed.change({ topic: 'users', key: id }, async (transaction) => {
      const data = { passwordHash, identityNotBefore: new Date(this.clock.now()) };
      // Somebody else may have set another one in between: theirs stays.
      const { count } = await transaction.user.updateMany({ where: { id, passwordHash: known.passwordHash }, data });
      if (count === 0) throw new ApiError('conflict', { message: 'Your password was just changed; sign in again' });
      const sessions = await this.sessions.endAll(transaction, id);
      const deed = { action: 'user.password', targetType: 'user', targetId: id, after: { sessions } };
      await this.audit.record(transaction, actor, deed);
    });
  }

  /**
   * Signs somebody out of every browser, and ends the identity tokens of ours, and of an OIDC provider, that they have.
   * @returns how many browsers
   */
  async signOutEverywhere(actor: Actor, id: string): Promise<number> {
    await this.get(id);
    return this.feed.change({ topic: 'users', key: id }, async (transaction) => {
      const sessions = await this.sessions.endAll(transaction, id);
      const identityNotBefore = new Date(this.clock.now());
      await transaction.user.update({ where: { id }, data: { identityNotBefore } });
      const deed = {
        action: 'user.sign_out',
        targetType: 'user',
        targetId: id,
        after: { sessions, identityNotBefore },
      };
      await this.audit.record(transaction, actor, deed);
      return sessions;
    });
  }

  /**
   * Deletes somebody with their tokens, which stop working; their usage and their audit entries stay. Who is deleted here
   * and still known to an identity provider comes back at the next sign-in: to keep them out, suspend them.
   * @throws ApiError 409 for oneself and for the last administrator
   */
  async remove(actor: Actor, id: string): Promise<void> {
    if (id === actor.userId) {
      throw new ApiError('conflict', { message: 'You cannot delete yourself; ask another administrator to' });
    }
    await this.get(id);
    await this.feed.change({ topic: 'users', key: id }, async (transaction) => {
      const before = await transaction.user.delete({ where: { id } });
      await requireAdministrator(transaction, before);
      await this.audit.record(transaction, actor, {
        action: 'user.delete',
        targetType: 'user',
        targetId: id,
        before: audited(before),
      });
    });
  }

  private async dataOf(known: User, wish: UpdateUser): Promise<Prisma.UserUncheckedUpdateInput> {
    const { role, groups, password, tierOverride, tierOverrideExpiresAt, suspended } = wish;
    const now = new Date(this.clock.now());
    return {
      ...(role === undefined ? {} : { role }),
      ...(groups === undefined ? {} : { groups: [...new Set([...groups, EVERYONE])].sort() }),
      ...(password === undefined ? {} : { passwordHash: await hashPassword(password) }),
      // An override without an end must not inherit that of an earlier one, which may be over.
      ...(tierOverride === undefined ? {} : { tierOverride, tierOverrideExpiresAt: null }),
      ...(tierOverrideExpiresAt === undefined
        ? {}
        : { tierOverrideExpiresAt: tierOverrideExpiresAt === null ? null : new Date(tierOverrideExpiresAt) }),
      ...(suspended === undefined ? {} : { suspendedAt: suspended ? (known.suspendedAt ?? now) : null }),
    };
  }
}

/** What is taken over of an identity provider's word. */
type Word = Pick<User, 'username' | 'email'> & Partial<Pick<User, 'groups' | 'role'> & { claimsAt: Date }>;

/** What an identity provider calls somebody: of what it leaves out, what is known. */
function namesOf({ username, email, unsaid = [] }: Identity, known: User | null): Pick<User, 'username' | 'email'> {
  return {
    username: known && unsaid.includes('username') ? known.username : username,
    email: known && unsaid.includes('email') ? known.email : email,
  };
}

/** @throws ApiError 409 when the change of an administrator leaves none */
async function requireAdministrator(transaction: Transaction, before: User): Promise<void> {
  if (before.role !== 'admin') return;
  if ((await transaction.user.count({ where: { role: 'admin', suspendedAt: null } })) > 0) return;
  throw new ApiError('conflict', {
    message: 'This is the last active administrator; make somebody else an administrator first',
  });
}

function audited({ username, role, groups, tierOverride, tierOverrideExpiresAt, suspendedAt }: User): object {
  return { username, role, groups, tierOverride, tierOverrideExpiresAt, suspendedAt };
}
