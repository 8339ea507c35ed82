import { Inject, Injectable, Logger } from '@nestjs/common';
import { isAccountOfOurs } from '../auth/account-names.js';
import { Answers } from '../auth/answers.js';
import { KubernetesApi } from '../auth/kubernetes-api.service.js';
import type { KubernetesFailure } from '../kubernetes/kubernetes-failure.js';
import { isGoodFor } from '../auth/kubernetes-identity.service.js';
import type { TokenClaims } from '../auth/token-signer.service.js';
import { CONFIG, type Config } from '../config.js';
import { ChangeFeedService } from '../database/change-feed.service.js';
import { ApiError } from '../http/api-error.js';
import { Clock } from '../http/clock.js';
import { AccountDirectory } from './account-directory.service.js';
import { type AccountToken, readAccountToken } from './account-token.js';

const REFUSED_MILLISECONDS = 2000;
// About 400 bytes each.
const REMEMBERED = 50_000;

/**
 * Verifies access tokens that the cluster has issued, by TokenReview. What it vouches for is remembered for
 * TOKEN_REVIEW_CACHE; whose account it is, and that it stands, is looked at every time.
 */
@Injectable()
export class AccountTokens {
  private readonly logger = new Logger('ServiceAccounts');
  private readonly answers: Answers<AccountToken | undefined>;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(KubernetesApi) private readonly api: KubernetesApi,
    @Inject(AccountDirectory) private readonly accounts: AccountDirectory,
    @Inject(ChangeFeedService) private readonly feed: ChangeFeedService,
    @Inject(Clock) private readonly clock: Clock,
  ) {
    const lifetime = (token: AccountToken | undefined) => (token ? config.TOKEN_REVIEW_CACHE : REFUSED_MILLISECONDS);
    this.answers = new Answers(() => clock.monotonic(), lifetime, REMEMBERED);
  }

  get enabled(): boolean {
    return this.config.TOKEN_ISSUER === 'serviceaccount';
  }

  /** Says by a look alone whether a token claims to be of an account of ours; nothing is verified. */
  claimed(token: string): AccountToken | undefined {
    const said = this.enabled ? readAccountToken(token) : undefined;
    return said && isAccountOfOurs(this.config, said.subject) ? said : undefined;
  }

  /**
   * @param key the digest of the whole token
   * @returns the claims, as those of a token of ours; undefined when it is not valid
   * @throws ApiError 401 when it is revoked, 503 when the API server cannot be asked
   */
  async verify(token: string, key: string): Promise<TokenClaims | undefined> {
    const known = this.answers.recall(key) ?? (await this.verifyFirst(token, key));
    if (!known) return undefined;
    const sub = this.accounts.ownerOf(known);
    if (sub === undefined) {
      throw new ApiError('invalid_api_key', { message: 'Invalid authentication token: it has been revoked' });
    }
    return { sub, jti: known.jti, iat: known.issuedAt, exp: known.expiresAt };
  }

  private async verifyFirst(token: string, key: string): Promise<AccountToken | undefined> {
    const said = this.claimed(token);
    if (!said || said.expiresAt * 1000 <= this.clock.now()) return undefined;
    // What is no account of ours is not worth a question. One that another process has just made may not have arrived here.
    if (this.accounts.ownerOf(said) === undefined) await this.feed.catchUp();
    if (this.accounts.ownerOf(said) === undefined) return undefined;
    return this.answers.get(key, () => this.review(token, said));
  }

  private async review(token: string, said: AccountToken): Promise<AccountToken | undefined> {
    const audiences = [this.config.TOKEN_AUDIENCE];
    const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token, audiences } };
    try {
      const { status } = await this.api.ask(({ authentication }) => authentication.createTokenReview({ body }));
      const isTheirs = status?.user?.username === said.subject && status.user.uid === said.uid;
      return isGoodFor(status, audiences) && isTheirs ? said : undefined;
    } catch (error) {
      const failure = error as KubernetesFailure;
      this.logger.warn(`A token cannot be reviewed: ${failure.message}`);
      throw new ApiError('service_unavailable', {
        message: `Your token cannot be verified at the moment: ${failure.toPeople}`,
        headers: { 'retry-after': String(failure.waitSeconds) },
        cause: failure,
        isKnown: true,
      });
    }
  }
}
