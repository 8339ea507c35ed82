import { createHash } from 'node:crypto';
import { Inject, Injectable, Logger } from '@nestjs/common';
import type { V1TokenReviewStatus } from '@kubernetes/client-node';
import { normalizeIp } from '@nestjs/throttler';
import { CONFIG, type Config } from '../config.js';
import { Clock } from '../http/clock.js';
import { KubernetesFailure } from '../kubernetes/kubernetes-failure.js';
import { isAccountOfOurs } from './account-names.js';
import { Answers } from './answers.js';
import { clusterUnavailable } from './cluster-unavailable.js';
import { ClusterRights, TOKEN_REVIEWS } from './cluster-rights.service.js';
import type { Identity } from './identity.js';
import { cannotBeGood } from './identity-claims.js';
import { KubernetesApi } from './kubernetes-api.service.js';
import { QuestionBudget } from './question-budget.js';

const ACCEPTED_MILLISECONDS = 10_000;
const REFUSED_MILLISECONDS = 2000;
const REMEMBERED = 10_000;
/** Of one address: as many as it may try passwords in a minute, and so many at once. */
const ADDRESS = { window: 60_000, atOnce: 5, waiting: 100, patience: 5000 };
const ATTEMPTS_PER_ADDRESS = 10;

/**
 * Asks the Kubernetes or OpenShift API server whose token something is (TokenReview). Answers are remembered for seconds,
 * one question at a time is asked for one token, and a failure to ask is never remembered as a refusal. What cannot be good is
 * not asked about, and an address that shows many tokens which nobody knows is not asked about for the rest of a minute.
 */
@Injectable()
export class KubernetesIdentityService {
  private readonly logger = new Logger(KubernetesIdentityService.name);
  private readonly answers: Answers<Identity | undefined>;
  private readonly budget: QuestionBudget;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(KubernetesApi) private readonly api: KubernetesApi,
    @Inject(ClusterRights) rights: ClusterRights,
    @Inject(Clock) private readonly clock: Clock,
  ) {
    const now = () => clock.monotonic();
    const lifetime = (identity: Identity | undefined) => (identity ? ACCEPTED_MILLISECONDS : REFUSED_MILLISECONDS);
    this.answers = new Answers(now, lifetime, REMEMBERED);
    const refusals = config.LOGIN_ATTEMPTS_PER_MINUTE * ATTEMPTS_PER_ADDRESS;
    this.budget = new QuestionBudget(now, { ...ADDRESS, refusals }, (address) =>
      this.logger.warn(
        `${address} has shown ${refusals} tokens within a minute that are nobody's: no more are asked about`,
      ),
    );
    rights.need(() => [TOKEN_REVIEWS]);
  }

  get enabled(): boolean {
    return this.api.enabled;
  }

  /**
   * @param address of whoever shows the token; undefined: it comes from the cluster itself
   * @returns whose token it is, or undefined when the API server says that it is nobody's
   * @throws ApiError 503 when the API server cannot be asked; 429 when the address has shown too many that are nobody's
   */
  async identify(token: string, address: string | undefined): Promise<Identity | undefined> {
    if (cannotBeGood(token, this.config, this.clock.now())) return undefined;
    // The whole token's digest: a shorter key could give one person another's identity.
    const key = createHash('sha256').update(token).digest('base64');
    return this.answers.get(key, () => this.askFor(token, key, address));
  }

  private async askFor(token: string, key: string, address: string | undefined): Promise<Identity | undefined> {
    try {
      if (address === undefined) return await this.ask(token);
      const isRefusal = (identity: Identity | undefined) => identity === undefined;
      return await this.budget.run(normalizeIp(address), !this.answers.knows(key), () => this.ask(token), isRefusal);
    } catch (error) {
      if (error instanceof KubernetesFailure) this.logger.warn(`A token cannot be reviewed: ${error.message}`);
      throw clusterUnavailable('Your token cannot be verified at the moment', error);
    }
  }

  private async ask(token: string): Promise<Identity | undefined> {
    const audiences = this.config.KUBERNETES_AUDIENCES;
    const body = {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenReview',
      spec: audiences.length > 0 ? { token, audiences } : { token },
    };
    const question = this.api.ask(TOKEN_REVIEWS, ({ authentication }) => authentication.createTokenReview({ body }), 'strangers'); // prettier-ignore
    const identity = identityOf((await question).status, audiences);
    // An access token is what an identity was exchanged for: it is none itself.
    return identity && isAccountOfOurs(this.config, identity.subject) ? undefined : identity;
  }
}

/**
 * A server that knows audiences names those for which the token is good; one that names none knows nothing of audiences,
 * and its word is not enough when one is required (Kubernetes API, TokenReviewStatus.audiences).
 */
export function isGoodFor(status: V1TokenReviewStatus | undefined, audiences: readonly string[]): boolean {
  if (status?.authenticated !== true || !status.user?.username) return false;
  return audiences.length === 0 || (status.audiences ?? []).some((audience) => audiences.includes(audience));
}

function identityOf(status: V1TokenReviewStatus | undefined, audiences: readonly string[]): Identity | undefined {
  const { username, groups } = status?.user ?? {};
  if (!username || !isGoodFor(status, audiences)) return undefined;
  return { provider: 'kubernetes', subject: username, username, email: null, groups: groups ?? [] };
}
