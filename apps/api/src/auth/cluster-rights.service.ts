import { Inject, Injectable } from '@nestjs/common';
import { Clock } from '../http/clock.js';
import { type ClusterRight, shownRight } from '../kubernetes/cluster-right.js';
import { Answers } from './answers.js';
import { KubernetesApi } from './kubernetes-api.service.js';

/** What it takes to find out whose a token is. */
export const TOKEN_REVIEWS: ClusterRight = { verb: 'create', resource: 'tokenreviews', group: 'authentication.k8s.io' };
/** What it takes to find out what somebody may do. */
export const ACCESS_REVIEWS: ClusterRight = {
  verb: 'create',
  resource: 'subjectaccessreviews',
  group: 'authorization.k8s.io',
};
// Everybody may ask about themselves (Kubernetes, the role system:basic-user).
const OWN_RIGHTS: ClusterRight = {
  verb: 'create',
  resource: 'selfsubjectaccessreviews',
  group: 'authorization.k8s.io',
};

const REMEMBERED_MILLISECONDS = 15_000;
const REMEMBERED = 10_000;

type Needs = () => readonly ClusterRight[] | Promise<readonly ClusterRight[]>;

/** Which rights this process has in the cluster, of those that the rooms need, before anybody is refused for want of one. */
@Injectable()
export class ClusterRights {
  private readonly needs: Needs[] = [];
  private readonly answers: Answers<boolean>;

  constructor(
    @Inject(KubernetesApi) private readonly api: KubernetesApi,
    @Inject(Clock) clock: Clock,
  ) {
    this.answers = new Answers(() => clock.monotonic(), () => REMEMBERED_MILLISECONDS, REMEMBERED); // prettier-ignore
  }

  /** Says what a room needs, at the time when it is asked. */
  need(needs: Needs): void {
    this.needs.push(needs);
  }

  /**
   * Asks the API server about each (SelfSubjectAccessReview), a namespace after the other.
   * @returns how many are needed, and those that are missing
   * @throws KubernetesFailure
   */
  async look(): Promise<{ needed: number; missing: ClusterRight[] }> {
    if (!this.api.enabled) return { needed: 0, missing: [] };
    const all = (await Promise.all(this.needs.map(async (needs) => needs()))).flat();
    const missing: ClusterRight[] = [];
    for (const rights of Map.groupBy(all, ({ namespace }) => namespace).values()) {
      const granted = await Promise.all(rights.map((right) => this.has(right)));
      missing.push(...rights.filter((_, index) => granted[index] === false));
    }
    return { needed: all.length, missing };
  }

  private async has(right: ClusterRight): Promise<boolean> {
    return this.answers.get(shownRight(right), () => this.ask(right));
  }

  private async ask({ verb, resource: path, group, namespace }: ClusterRight): Promise<boolean> {
    const [resource, subresource] = path.split('/');
    const resourceAttributes = {
      verb,
      ...(resource === undefined ? {} : { resource }),
      ...(subresource === undefined ? {} : { subresource }),
      ...(group === undefined ? {} : { group }),
      ...(namespace === undefined ? {} : { namespace }),
    };
    const body = {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      spec: { resourceAttributes },
    };
    const { status } = await this.api.ask(OWN_RIGHTS, ({ authorization }) =>
      authorization.createSelfSubjectAccessReview({ body }),
    );
    return status?.allowed === true && status.denied !== true;
  }
}
