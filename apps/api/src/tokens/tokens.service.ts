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
import { isUniqueViolation } from '../database/database-error.js';
import { DatabaseService } from '../database/database.service.js';
import { ApiError } from '../http/api-error.js';
import { Clock } from '../http/clock.js';
import { AccountIssuer } from './account-issuer.service.js';
import { AccountSweeper } from './account-sweeper.service.js';
import type { AccountToken } from './account-token.js';
import { ACCESS_TOKEN } from './token.js';
import { tokenConfig } from './token-config.js';
import { workingAt } from './token-listing.js';

/** A token that is still to be recorded. Times are Unix seconds. */
interface NewToken {
  readonly token: string;
  readonly jti: string;
  readonly issuedAt: number;
  readonly expiresAt: number;
  /** Whose it is in the cluster, where the cluster has issued it. */
  readonly account?: AccountToken;
}

/** Issues and revokes access tokens: the only writer of their table. The tokens themselves are kept nowhere. */
@Injectable()
export class TokensService {
  constructor(
    @Inject(DatabaseService) private readonly database: DatabaseService,
    @Inject(ChangeFeedService) private readonly feed: ChangeFeedService,
    @Inject(AuditService) private readonly audit: AuditService,
    @Inject(TokenSignerService) private readonly signer: TokenSignerService,
    @Inject(AccountIssuer) private readonly accounts: AccountIssuer,
    @Inject(AccountSweeper) private readonly sweeper: AccountSweeper,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /** @throws ApiError 400 when the lifetime is longer than the configured maximum; 503 when the cluster cannot issue it */
  async mint(caller: Caller, { expiration: asked, name, description }: CreateToken): Promise<CreatedToken> {
    const { longest } = this;
    const expiration = asked ?? Math.min(DEFAULT_TOKEN_SECONDS, longest);
    if (expiration > longest) {
      throw new ApiError('invalid_request', {
        message: `expiration is too long; the longest is ${formatDuration(longest * 1000)}`,
        param: 'expiration',
      });
    }
    const issued = await this.issue(caller.userId, expiration);
    const record = {
      jti: issued.jti,
      name: name || null,
      description: description || null,
      issuedAt: new Date(issued.issuedAt * 1000),
      expiresAt: new Date(issued.expiresAt * 1000),
    };
    const { account } = issued;
    const recorded = this.database.client.$transaction(async (transaction) => {
      if (account) await this.accounts.requireStanding(transaction, account);
      await transaction.issuedToken.create({ data: { ...record, userId: caller.userId } });
      await this.audit.record(transaction, caller, {
        action: 'token.create',
        targetType: 'token',
        targetId: record.jti,
        after: { ...record, ...(account ? { serviceAccount: account.subject } : {}) },
      });
    });
    await recorded.catch((error: unknown) => {
      if (!isUniqueViolation(error)) throw error;
      // A cluster that gives tokens no jti issues the same one twice within a second.
      throw new ApiError('conflict', { message: 'You were just issued the same token; request another in a second' });
    });
    return {
      token: issued.token,
      expiration: formatDuration((issued.expiresAt - issued.issuedAt) * 1000),
      expiresAt: issued.expiresAt,
      issuedAt: issued.issuedAt,
      jti: issued.jti,
      name: record.name,
    };
  }

  /** What a form for a new token needs to know. */
  formConfig(): TokenConfig {
    return tokenConfig(this.longest, this.config.TOKEN_ISSUER);
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
      this.writeOne(transaction, caller, jti),
    );
  }

  /** @returns how many tokens that are known of stopped working by it */
  async revokeAll(caller: Caller, userId: string): Promise<number> {
    const revoked = await this.feed.change({ topic: 'revocations' }, async (transaction) => {
      // First, so that a token which is being recorded is there by then, or is not recorded at all.
      const serviceAccounts = await this.accounts.revoke(transaction, userId);
      return this.writeAll(transaction, caller, userId, serviceAccounts);
    });
    this.sweeper.wake();
    return revoked;
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

  private async issue(userId: string, seconds: number): Promise<NewToken> {
    if (this.accounts.enabled) {
      const issued = await this.accounts.issue(userId, seconds);
      return { ...issued, account: issued };
    }
    const { token, claims } = await this.signer.sign(ACCESS_TOKEN, userId, uuidv7(), seconds);
    return { token, jti: claims.jti, issuedAt: claims.iat, expiresAt: claims.exp };
  }

  private get longest(): number {
    return Math.floor(this.config.TOKEN_MAX_LIFETIME / 1000);
  }

  private countWorking(userId: string): Promise<number> {
    return this.database.client.issuedToken.count({ where: { userId, ...workingAt(this.clock.now()) } });
  }

  private async writeOne(transaction: Transaction, caller: Caller, jti: string): Promise<void> {
    const [token] = await this.endWorking(transaction, caller, { jti });
    if (!token) return;
    await this.audit.record(transaction, caller, {
      action: 'token.revoke',
      targetType: 'token',
      targetId: jti,
      // Ids say nothing to whoever reads the log, and the token may be gone by then.
      after: { name: token.name, owner: token.user.username, revoked: [jti] },
    });
  }

  /** @param serviceAccounts that ended with them, of which somebody may have had tokens issued by other means */
  private async writeAll(
    transaction: Transaction,
    caller: Caller,
    userId: string,
    serviceAccounts: readonly string[],
  ): Promise<number> {
    const tokens = await this.endWorking(transaction, caller, { userId });
    if (tokens.length === 0 && serviceAccounts.length === 0) return 0;
    const { username } = await transaction.user.findUniqueOrThrow({
      where: { id: userId },
      select: { username: true },
    });
    await this.audit.record(transaction, caller, {
      action: 'token.revoke_all',
      targetType: 'user',
      targetId: userId,
      after: {
        username,
        revoked: tokens.map(({ jti }) => jti),
        ...(serviceAccounts.length > 0 ? { serviceAccounts } : {}),
      },
    });
    return tokens.length;
  }

  /** Revokes those that work. @returns them */
  private async endWorking(transaction: Transaction, caller: Caller, which: { jti: string } | { userId: string }) {
    const now = this.clock.now();
    const tokens = await transaction.issuedToken.findMany({
      where: { ...which, ...workingAt(now) },
      select: { jti: true, expiresAt: true, name: true, user: { select: { username: true } } },
    });
    const revocation = { revokedAt: new Date(now), revokedBy: caller.username };
    const data = tokens.map(({ jti, expiresAt }) => ({ jti, expiresAt, ...revocation }));
    if (data.length > 0) await transaction.revocation.createMany({ data });
    return tokens;
  }
}
