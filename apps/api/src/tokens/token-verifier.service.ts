import { hash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { type Person, UserDirectory } from '../auth/user-directory.service.js';
import { type TokenClaims, TokenSignerService } from '../auth/token-signer.service.js';
import { ChangeFeedService } from '../database/change-feed.service.js';
import { ApiError } from '../http/api-error.js';
import { Clock } from '../http/clock.js';
import { AccountTokens } from './account-tokens.service.js';
import { Revocations } from './revocations.service.js';
import { ACCESS_TOKEN } from './token.js';

/** A token that holds, and whose it is. */
export interface VerifiedToken {
  readonly jti: string;
  readonly person: Person;
}

interface KnownToken {
  readonly token: string;
  readonly claims: TokenClaims;
  /** Of the signing keys that it was checked with. */
  readonly generation: number;
}

// About 300 bytes each.
const REMEMBERED = 50_000;

/**
 * Verifies access tokens on the hot path, without a database. The signature of a token is checked once; expiry, revocation
 * and its owner are looked at every time.
 */
@Injectable()
export class TokenVerifier {
  /** SHA-256 of the whole token to its claims, the least recently added first. */
  private readonly verified = new Map<string, TokenClaims>();
  /** What came last on a connection that is kept alive: mostly it comes again, and then its digest is not needed. */
  private readonly lately = new WeakMap<object, KnownToken>();
  private generation = 0;

  constructor(
    @Inject(TokenSignerService) private readonly signer: TokenSignerService,
    @Inject(Revocations) private readonly revocations: Revocations,
    @Inject(UserDirectory) private readonly directory: UserDirectory,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(ChangeFeedService) private readonly feed: ChangeFeedService,
    @Inject(AccountTokens) private readonly accounts: AccountTokens,
  ) {}

  /**
   * A promise only where the signature has to be checked, or the cluster has issued the token.
   * @param connection on which the token came
   * @throws ApiError, also by the promise: 401 that says what is wrong to whoever really holds the token, and no more than that it is invalid to
   * anybody else; 403 when its owner is suspended; 503 when nobody is known yet, or the cluster that issued it cannot be asked
   */
  verify(token: string | undefined, connection?: object): VerifiedToken | Promise<VerifiedToken> {
    if (token === undefined) throw new ApiError('invalid_api_key');
    this.feed.requireUsable();
    const { generation } = this.signer;
    const last = connection && this.lately.get(connection);
    if (last?.token === token && last.generation === generation) return this.check(last.claims);
    if (this.generation !== generation) this.verified.clear();
    this.generation = generation;
    const key = hash('sha256', token, 'base64');
    const claims = this.verified.get(key);
    if (!claims) return this.verifyFirst(token, key, generation);
    if (connection) this.lately.set(connection, { token, claims, generation });
    return this.check(claims);
  }

  /** Says by a look alone whether it claims to be an access token. */
  claims(token: string): boolean {
    return this.signer.claimsToBe(ACCESS_TOKEN, token) || this.accounts.claimed(token) !== undefined;
  }

  private async verifyFirst(token: string, key: string, generation: number): Promise<VerifiedToken> {
    if (this.accounts.enabled && !this.signer.claimsToBe(ACCESS_TOKEN, token)) {
      const ofCluster = await this.accounts.verify(token, key);
      if (ofCluster) return this.check(ofCluster);
      throw new ApiError('invalid_api_key');
    }
    const claims = await this.signer.verify(ACCESS_TOKEN, token);
    if (claims === 'expired') throw expired();
    if (claims === undefined) throw new ApiError('invalid_api_key');
    // The keys may have been read again meanwhile, without the one that this was checked with.
    if (this.signer.generation === generation) this.remember(key, claims);
    return this.check(claims);
  }

  /**
   * Looks again at what can change of a token that was good: what it began before it expired may end later.
   * @throws ApiError 401 when it was revoked or its owner is gone, 403 when that one is suspended
   */
  requireHeld({ jti, person }: VerifiedToken): void {
    this.hold(jti, person.id);
  }

  private hold(jti: string, sub: string): VerifiedToken {
    if (this.revocations.has(jti)) {
      throw new ApiError('invalid_api_key', { message: 'Invalid authentication token: it has been revoked' });
    }
    const person = this.directory.find(sub);
    if (!person) throw new ApiError('invalid_api_key');
    if (person.suspended) {
      throw new ApiError('access_denied', { message: 'Your account is suspended; ask your administrator' });
    }
    return { jti, person };
  }

  private check(claims: TokenClaims): VerifiedToken {
    if (claims.exp * 1000 <= this.clock.now()) throw expired();
    return this.hold(claims.jti, claims.sub);
  }

  private remember(key: string, claims: TokenClaims): void {
    if (this.verified.size >= REMEMBERED) {
      const [oldest] = this.verified.keys();
      if (oldest !== undefined) this.verified.delete(oldest);
    }
    this.verified.set(key, claims);
  }
}

function expired(): ApiError {
  return new ApiError('invalid_api_key', {
    message: 'Invalid authentication token: it has expired; request a new one at /maas-api/v1/tokens',
  });
}
