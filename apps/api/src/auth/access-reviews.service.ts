import { Inject, Injectable, Logger } from '@nestjs/common';
import { EVERYONE, type Role } from '@maas/contracts/auth';
import { CONFIG, type Config } from '../config.js';
import { Clock } from '../http/clock.js';
import type { AccessAttributes } from './access-attributes.js';
import { Answers } from './answers.js';
import { accountGroups } from './account-names.js';
import { clusterUnavailable } from './cluster-unavailable.js';
import { ACCESS_REVIEWS, ClusterRights } from './cluster-rights.service.js';
import { KubernetesApi } from './kubernetes-api.service.js';

/** A change in every process, for each person of the cluster. */
const VOUCHED_AGAIN_MILLISECONDS = 3_600_000;
const REMEMBERED_MILLISECONDS = 10_000;
// About 400 bytes each.
const REMEMBERED = 50_000;

/** Who is asked about. */
export interface Subject {
  readonly provider: string;
  readonly username: string;
  readonly groups: readonly string[];
  /** Unix milliseconds at which the cluster said that these are their groups. */
  readonly vouchedAt: number;
}

/**
 * Asks the API server what somebody of the cluster may do there (SubjectAccessReview). Answers are remembered for ten
 * seconds; where it cannot be asked, nobody is let in.
 */
@Injectable()
export class AccessReviews {
  private readonly logger = new Logger(AccessReviews.name);
  private readonly answers: Answers<boolean>;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(KubernetesApi) private readonly api: KubernetesApi,
    @Inject(ClusterRights) rights: ClusterRights,
    @Inject(Clock) private readonly clock: Clock,
  ) {
    this.answers = new Answers(() => clock.monotonic(), () => REMEMBERED_MILLISECONDS, REMEMBERED); // prettier-ignore
    const { ADMIN_ACCESS_REVIEW, MODEL_ACCESS_REVIEW } = config;
    if (ADMIN_ACCESS_REVIEW ?? MODEL_ACCESS_REVIEW) rights.need(() => [ACCESS_REVIEWS]);
  }

  /**
   * The role of somebody whom an identity provider vouches for: by their groups, or by what the cluster lets them do.
   * @throws ApiError 503 when it cannot be asked
   */
  async roleOf(subject: Subject): Promise<Role> {
    const { ADMIN_GROUPS, ADMIN_ACCESS_REVIEW: attributes } = this.config;
    if (subject.groups.some((group) => ADMIN_GROUPS.includes(group))) return 'admin';
    if (attributes === undefined || subject.provider !== 'kubernetes') return 'user';
    return (await this.allows(subject, attributes)) ? 'admin' : 'user';
  }

  /** Whether the role of somebody can change without their signing in anew. */
  decidesRoleOf({ provider }: Pick<Subject, 'provider'>): boolean {
    return this.config.ADMIN_ACCESS_REVIEW !== undefined && provider === 'kubernetes';
  }

  /** Whether the cluster has a say in what they may use. */
  concerns({ provider }: Pick<Subject, 'provider'>): boolean {
    return this.config.MODEL_ACCESS_REVIEW !== undefined && provider === 'kubernetes';
  }

  /** Whether the cluster lets them use a model. @throws ApiError 503, by the promise, when it cannot be asked */
  mayUse(subject: Subject, model: string): boolean | Promise<boolean> {
    const { MODEL_ACCESS_REVIEW: attributes } = this.config;
    if (attributes === undefined || subject.provider !== 'kubernetes') return true;
    return this.allows(subject, { ...attributes, name: model });
  }

  /** Whether when the provider last vouched for somebody is of any consequence here. */
  goBy({ provider }: Pick<Subject, 'provider'>): boolean {
    return provider === 'kubernetes';
  }

  /** Milliseconds after which it is worth while to note anew that the cluster has vouched for somebody. */
  get vouchedAgain(): number {
    return Math.min(VOUCHED_AGAIN_MILLISECONDS, this.config.ACCESS_REVIEW_GROUPS_MAX_AGE / 10);
  }

  /**
   * Whether the groups of somebody are not gone by any more: they are as at the last sign-in, and a token is good for weeks. The
   * cluster cannot be asked for anybody's groups without a token of theirs.
   */
  isOutdated({ username, vouchedAt }: Subject): boolean {
    if (accountGroups(username)) return false;
    // What is known of it may be older than it is, by as much.
    return this.clock.now() - vouchedAt > this.config.ACCESS_REVIEW_GROUPS_MAX_AGE + this.vouchedAgain;
  }

  private groupsOf(subject: Subject): readonly string[] {
    // What they are in follows from how they are called.
    const ofAccount = accountGroups(subject.username);
    if (ofAccount) return ofAccount;
    return this.isOutdated(subject) ? [EVERYONE] : subject.groups;
  }

  private allows(subject: Subject, attributes: AccessAttributes): boolean | Promise<boolean> {
    const { username } = subject;
    const groups = this.groupsOf(subject);
    const key = JSON.stringify([attributes, username, groups]);
    return this.answers.get(key, () => this.ask(username, groups, attributes));
  }

  private async ask(user: string, groups: readonly string[], attributes: AccessAttributes): Promise<boolean> {
    const body = {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SubjectAccessReview',
      spec: { user, groups: [...groups], resourceAttributes: attributes },
    };
    try {
      const { status } = await this.api.ask(ACCESS_REVIEWS, ({ authorization }) =>
        authorization.createSubjectAccessReview({ body }),
      );
      // An authorizer that failed says so beside what the others decided, which stands (SubjectAccessReviewStatus).
      return status?.allowed === true && status.denied !== true;
    } catch (error) {
      this.logger.warn(`Access cannot be reviewed: ${(error as Error).message}`);
      throw clusterUnavailable('What you may do cannot be found out', error);
    }
  }
}
