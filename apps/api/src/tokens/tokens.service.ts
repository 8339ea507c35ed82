import { Inject, Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { formatDuration } from '@maas/contracts/duration';
import type { CreatedToken, CreateToken, TokenConfig } from '@maas/contracts/tokens';
import { DEFAULT_TOKEN_SECONDS } from '@maas/contracts/tokens';
import { AuditService } from '../auth/audit.service.js';
import type { Caller } from '../auth/caller.js';
import { TokenSignerService } from '../auth/token-signer.service.js';
import { CONFIG, type Config } from '../config.js';
import { ChangeFeedService, type Transaction } from '../database/change-feed.service.js';
import { UUID } from '../database/cursor.js';
import { DatabaseService } from '../database/database.service.js';
import { ApiError } from '../http/api-error.js';
import { Clock } from '../http/clock.js';
import { ACCESS_TOKEN } from './token.js';
import { tokenConfig } from './token-config.js';
import { workingAt } from './token-listing.js';

/** Issues and revokes access tokens: the only writer of their table. The tokens themselves are kept nowhere. */
@Injectable()
export class TokensService {
  constructor(
    @Inject(DatabaseService) private readonly database: DatabaseService,
    @Inject(ChangeFeedService) private readonly feed: ChangeFeedService,
    @Inject(AuditService) private readonly audit: AuditService,
    @Inject(TokenSignerService) private readonly signer: TokenSignerService,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /** @throws ApiError 400 when the lifetime is longer than the configured maximum */
  async mint(caller: Caller, { expiration: asked, name, description }: CreateToken): Promise<CreatedToken> {
    const { longest } = this;
    const expiration = asked ?? Math.min(DEFAULT_TOKEN_SECONDS, longest);
    if (expiration > longest) {
      throw new ApiError('invalid_request', {
        message: `expiration is too long; the longest is ${formatDuration(longest * 1000)}`,
        param: 'expiration',
      });
    }
    const { token, claims } = await this.signer.sign(ACCESS_TOKEN, caller.userId, uuidv7(), expiration);
    const record = {
      jti: claims.jti,
      name: name || null,
      description: description || null,
      issuedAt: new Date(claims.iat * 1000),
      expiresAt: new Date(claims.exp * 1000),
    };
    await this.database.client.$transaction(async (transaction) => {
      await transaction.issuedToken.create({ data: { ...record, userId: caller.userId } });
      await this.audit.record(transaction, caller, {
        action: 'token.create',
        targetType: 'token',
        targetId: record.jti,
        after: record,
      });
    });
    return {
      token,
      expiration: formatDuration(expiration * 1000),
      expiresAt: claims.exp,
      issuedAt: claims.iat,
      jti: claims.jti,
      name: record.name,
    };
  }

  /** What a form for a new token needs to know. */
  formConfig(): TokenConfig {
    return tokenConfig(this.longest);
  }

  /**
   * Revokes one token of the caller's. Revoking one that is revoked already is no error.
   * @throws ApiError 404 when it is not the caller's; 403 when an access token would revoke another than itself
   */
  async revokeOwn(caller: Caller, jti: string): Promise<void> {
    if (caller.credential.kind === 'access' && caller.credential.jti !== jti) {
      throw new ApiError('access_denied', {
        message: 'An access token can revoke itself only; use your identity token to revoke others',
      });
    }
    await this.revoke(caller, { jti, userId: caller.userId });
  }

  /** @returns how many tokens stopped working by it, or would */
  async revokeAllOwn(caller: Caller, dryRun: boolean): Promise<number> {
    return dryRun ? this.countWorking(caller.userId) : this.revokeAll(caller, caller.userId);
  }

  /** @throws ApiError 404 when there is no such token, or it is not of that user */
  async revoke(caller: Caller, { jti, userId }: { jti: string; userId?: string }): Promise<void> {
    const where = { jti, ...(userId ? { userId } : {}) };
    const token = UUID.test(jti)
      ? await this.database.client.issuedToken.findFirst({ where, select: { jti: true } })
      : null;
    if (!token) throw new ApiError('not_found', { message: 'You have no such token' });
    await this.feed.change({ topic: 'revocations', key: jti }, (transaction) =>
      this.write(transaction, caller, { jti }),
    );
  }

  /** @returns how many tokens stopped working by it */
  async revokeAll(caller: Caller, userId: string): Promise<number> {
    return this.feed.change({ topic: 'revocations' }, (transaction) => this.write(transaction, caller, { userId }));
  }

  /**
   * Revokes all tokens of somebody, or only counts those that work.
   * @throws ApiError 404 when there is no such user
   */
  async revokeAllOf(caller: Caller, userId: string, dryRun: boolean): Promise<number> {
    const where = { id: userId };
    const user = UUID.test(userId) ? await this.database.client.user.findUnique({ where, select: { id: true } }) : null;
    if (!user) throw new ApiError('not_found', { message: 'There is no such user' });
    if (!dryRun) return this.revokeAll(caller, userId);
    return this.countWorking(userId);
  }

  private get longest(): number {
    return Math.floor(this.config.TOKEN_MAX_LIFETIME / 1000);
  }

  private countWorking(userId: string): Promise<number> {
    return this.database.client.issuedToken.count({ where: { userId, ...workingAt(this.clock.now()) } });
  }

  private async write(
    transaction: Transaction,
    caller: Caller,
    which: { jti: string } | { userId: string },
  ): Promise<number> {
    const now = new Date(this.clock.now());
    const tokens = await transaction.issuedToken.findMany({
      where: { ...which, ...workingAt(this.clock.now()) },
      select: { jti: true, expiresAt: true, name: true, user: { select: { username: true } } },
    });
    const [first] = tokens;
    if (!first) return 0;
    await transaction.revocation.createMany({
      data: tokens.map(({ jti, expiresAt }) => ({ jti, expiresAt, revokedAt: now, revokedBy: caller.username })),
    });
    const { username } = first.user;
    const isOne = 'jti' in which;
    // Ids say nothing to whoever reads the log, and the token may be gone by then.
    const named = isOne ? { name: first.name, owner: username } : { username };
    await this.audit.record(transaction, caller, {
      action: isOne ? 'token.revoke' : 'token.revoke_all',
      targetType: isOne ? 'token' : 'user',
      targetId: isOne ? which.jti : which.userId,
      after: { ...named, revoked: tokens.map((token) => token.jti) },
    });
    return tokens.length;
  }
}
