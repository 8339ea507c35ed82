import { Inject, Injectable, Logger } from '@nestjs/common';
import { isAccountOfOurs } from '../auth/account-names.js';
import { Answers } from '../auth/answers.js';
import { clusterUnavailable } from '../auth/cluster-unavailable.js';
import { TOKEN_REVIEWS } from '../auth/cluster-rights.service.js';
import { KubernetesApi } from '../auth/kubernetes-api.service.js';
import { isGoodFor } from '../auth/kubernetes-identity.service.js';
import { QuestionBudget } from '../auth/question-budget.js';
import type { TokenClaims } from '../auth/token-signer.service.js';
import { CONFIG, type Config } from '../config.js';
import { ChangeFeedService } from '../database/change-feed.service.js';
import { KubernetesFailure } from '../kubernetes/kubernetes-failure.js';
import { ApiError } from '../http/api-error.js';
import { Clock } from '../http/clock.js';
import { AccountDirectory } from './account-directory.service.js';
import { type AccountToken, readAccountToken } from './account-token.js';

const REFUSED_MILLISECONDS = 2000;
// About 400 bytes each.
const REMEMBERED = 50_000;
/** Of one account. Who forges needs its uid, so it is that of whoever forges. */
const ACCOUNT = { refusals: 20, window: 60_000, atOnce: 5, waiting: 200, patience: 5000 };

/**
 * Verifies access tokens that the cluster has issued, by TokenReview. What it vouches for is remembered for
 * TOKEN_REVIEW_CACHE; whose account it is, and that it stands, is looked at every time.
 */
@Injectable()
export class AccountTokens {
  private readonly logger = new Logger('ServiceAccounts');
  private readonly answers: Answers<AccountToken | undefined>;
  private readonly budget: QuestionBudget;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(KubernetesApi) private readonly api: KubernetesApi,
    @Inject(AccountDirectory) private readonly accounts: AccountDirectory,
    @Inject(ChangeFeedService) private readonly feed: ChangeFeedService,
    @Inject(Clock) private readonly clock: Clock,
  ) {
    const lifetime = (token: AccountToken | undefined) => (token ? config.TOKEN_REVIEW_CACHE : REFUSED_MILLISECONDS);
    const now = () => clock.monotonic();
    this.answers = new Answers(now, lifetime, REMEMBERED);
    this.budget = new QuestionBudget(now, ACCOUNT, (account) =>
      this.logger.warn(`${ACCOUNT.refusals} forged tokens of ${account} within a minute: no more are asked about`),
    );
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
   * @throws ApiError 401 when it is revoked, 503 when the API server cannot be asked, 429 when it is not asked about this
   * account any more for a while
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
    if (!said.audiences.includes(this.config.TOKEN_AUDIENCE)) return undefined;
    // What is no account of ours is not worth a question. One that another process has just made may not have arrived here.
    if (this.accounts.ownerOf(said) === undefined) await this.feed.catchUp();
    if (this.accounts.ownerOf(said) === undefined) return undefined;
    const isNew = !this.answers.knows(key);
    return this.answers.get(key, () => this.askWithin(isNew, token, said));
  }

  private async askWithin(isNew: boolean, token: string, said: AccountToken): Promise<AccountToken | undefined> {
    const isRefusal = (answer: AccountToken | undefined) => answer === undefined;
    try {
      return await this.budget.run(`${said.subject} ${said.uid}`, isNew, () => this.review(token, said), isRefusal);
    } catch (error) {
      if (error instanceof KubernetesFailure) this.logger.warn(`A token cannot be reviewed: ${error.message}`);
      throw clusterUnavailable('Your token cannot be verified at the moment', error);
    }
  }

  private async review(token: string, said: AccountToken): Promise<AccountToken | undefined> {
    const audiences = [this.config.TOKEN_AUDIENCE];
    const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token, audiences } };
    const { status } = await this.api.ask(TOKEN_REVIEWS, ({ authentication }) =>
      authentication.createTokenReview({ body }),
    );
    const isTheirs = status?.user?.username === said.subject && status.user.uid === said.uid;
    return isGoodFor(status, audiences) && isTheirs ? said : undefined;
  }
}
