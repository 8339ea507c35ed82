import { createHash } from 'node:crypto';
import { Inject, Injectable, Logger } from '@nestjs/common';
import type { V1TokenReviewStatus } from '@kubernetes/client-node';
import { CONFIG, type Config } from '../config.js';
import { ApiError } from '../http/api-error.js';
import { Clock } from '../http/clock.js';
import { isAccountOfOurs } from './account-names.js';
import { Answers } from './answers.js';
import type { Identity } from './identity.js';
import { KubernetesApi } from './kubernetes-api.service.js';
import type { KubernetesFailure } from '../kubernetes/kubernetes-failure.js';

const ACCEPTED_MILLISECONDS = 10_000;
const REFUSED_MILLISECONDS = 2000;
const REMEMBERED = 10_000;

/**
 * Asks the Kubernetes or OpenShift API server whose token something is (TokenReview). Answers are remembered for seconds,
 * one question at a time is asked for one token, and a failure to ask is never remembered as a refusal.
 */
@Injectable()
export class KubernetesIdentityService {
  private readonly logger = new Logger(KubernetesIdentityService.name);
  private readonly answers: Answers<Identity | undefined>;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(KubernetesApi) private readonly api: KubernetesApi,
    @Inject(Clock) clock: Clock,
  ) {
    const lifetime = (identity: Identity | undefined) => (identity ? ACCEPTED_MILLISECONDS : REFUSED_MILLISECONDS);
    this.answers = new Answers(() => clock.monotonic(), lifetime, REMEMBERED);
  }

  get enabled(): boolean {
    return this.api.enabled;
  }

  /**
   * @returns whose token it is, or undefined when the API server says that it is nobody's
   * @throws ApiError 503 when the API server cannot be asked
   */
  async identify(token: string): Promise<Identity | undefined> {
    // The whole token's digest: a shorter key could give one person another's identity.
    const key = createHash('sha256').update(token).digest('base64');
    return this.answers.get(key, () => this.ask(token));
  }

  private async ask(token: string): Promise<Identity | undefined> {
    const audiences = this.config.KUBERNETES_AUDIENCES;
    const body = {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenReview',
      spec: audiences.length > 0 ? { token, audiences } : { token },
    };
    try {
      const review = await this.api.ask(({ authentication }) => authentication.createTokenReview({ body }));
      const identity = identityOf(review.status, audiences);
      // An access token is what an identity was exchanged for: it is none itself.
      return identity && isAccountOfOurs(this.config, identity.subject) ? undefined : identity;
    } catch (error) {
      const { message, waitSeconds } = error as KubernetesFailure;
      this.logger.warn(`A token cannot be reviewed: ${message}`);
      throw new ApiError('service_unavailable', {
        message: 'The identity provider does not answer at the moment; try again shortly',
        headers: { 'retry-after': String(waitSeconds) },
        isKnown: true,
      });
    }
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
  if (username === undefined || !isGoodFor(status, audiences)) return undefined;
  return { provider: 'kubernetes', subject: username, username, email: null, groups: groups ?? [] };
}
