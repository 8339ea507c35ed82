import { Inject, Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import type { PageQuery } from '@maas/contracts/paging';
import type { SignInKind } from '@maas/contracts/sessions';
import type { Session } from '@maas/database/client';
import { CONFIG, type Config } from '../config.js';
import type { Transaction } from '../database/change-feed.service.js';
import { page, readCursor, UUID } from '../database/cursor.js';
import { DatabaseService } from '../database/database.service.js';
import { ApiError } from '../http/api-error.js';
import { Clock } from '../http/clock.js';
import { newSessionSecret, sessionHash } from './session-cookie.js';
import { SessionUses } from './session-uses.service.js';
import { UserDirectory } from './user-directory.service.js';

/** Who signs in from where, and how. */
export interface NewSession {
  readonly userId: string;
  readonly kind: SignInKind;
  readonly userAgent: string | undefined;
  readonly address: string;
}

const LONGEST_USER_AGENT = 512;

/** The browsers that are signed in: the writer of their table, together with `SessionUses`. */
@Injectable()
export class SessionStore {
  constructor(
    @Inject(DatabaseService) private readonly database: DatabaseService,
    @Inject(SessionUses) private readonly uses: SessionUses,
    @Inject(UserDirectory) private readonly directory: UserDirectory,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /** @returns the secret, which is kept nowhere else than in the browser's cookie */
  async create({ userId, kind, userAgent, address }: NewSession): Promise<{ secret: string; session: Session }> {
    const secret = newSessionSecret();
    const now = this.clock.now();
    const session = await this.database.client.session.create({
      data: {
        secretHash: sessionHash(secret) ?? '',
        id: uuidv7(),
        userId,
        kind,
        createdAt: new Date(now),
        lastSeenAt: new Date(now),
        expiresAt: new Date(now + this.config.SESSION_LIFETIME),
        userAgent: keepable(userAgent),
        address,
      },
    });
    return { secret, session };
  }

  /** The session that a cookie is of; undefined when it has ended, or its owner may not enter. */
  async find(secret: string | undefined): Promise<Session | undefined> {
    const secretHash = sessionHash(secret);
    if (secretHash === undefined) return undefined;
    const row = await this.database.client.session.findUnique({ where: { secretHash } });
    if (!row) return undefined;
    const session = this.uses.applied(row);
    const person = this.directory.find(session.userId);
    if (!person || person.suspended || session.createdAt.getTime() < person.identityNotBefore) return undefined;
    return this.isOver(session) ? undefined : session;
  }

  /** When a session ends if nothing is done. */
  idleEnd({ lastSeenAt, expiresAt }: Session): Date {
    return new Date(Math.min(lastSeenAt.getTime() + this.config.SESSION_IDLE_TIMEOUT, expiresAt.getTime()));
  }

  private isOver(session: Session): boolean {
    return this.clock.now() >= this.idleEnd(session).getTime();
  }

  /** Those of a person that have not ended, the newest first. */
  async list(userId: string, { limit, after }: PageQuery) {
    const cursor = readCursor(after, UUID);
    // What is seen but not written yet decides whether a session is over.
    await this.uses.write();
    const now = this.clock.now();
    const rows = await this.database.client.session.findMany({
      where: {
        userId,
        expiresAt: { gt: new Date(now) },
        lastSeenAt: { gt: new Date(now - this.config.SESSION_IDLE_TIMEOUT) },
        createdAt: { gte: new Date(this.directory.find(userId)?.identityNotBefore ?? 0) },
        ...(cursor ? { id: { lt: cursor } } : {}),
      },
      orderBy: { id: 'desc' },
      take: limit + 1,
    });
    return page(
      rows,
      limit,
      (row) => row.id,
      (row) => this.uses.applied(row),
    );
  }

  /** Ends the session that a cookie is of, if there is one. */
  async end(secret: string | undefined): Promise<void> {
    const secretHash = sessionHash(secret);
    if (secretHash !== undefined) await this.database.client.session.deleteMany({ where: { secretHash } });
  }

  /** @throws ApiError 404 when the person has no such session */
  async endOne(userId: string, id: string): Promise<void> {
    const ended = UUID.test(id) ? await this.database.client.session.deleteMany({ where: { id, userId } }) : undefined;
    if (!ended?.count) throw new ApiError('not_found', { message: 'You have no such session' });
  }

  /** Ends all sessions of a person, in the transaction of whatever is the reason. */
  async endAll(transaction: Transaction, userId: string): Promise<number> {
    return (await transaction.session.deleteMany({ where: { userId } })).count;
  }
}

/** A header is Latin-1 as Node reads it, without U+0000; only its length is anybody's choice. */
function keepable(userAgent: string | undefined): string | null {
  return userAgent?.slice(0, LONGEST_USER_AGENT) || null;
}
