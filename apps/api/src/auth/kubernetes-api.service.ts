import { Inject, Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import type { AuthenticationV1Api, AuthorizationV1Api, CoreV1Api, Middleware } from '@kubernetes/client-node';
import { CONFIG, type Config } from '../config.js';
import { type ClusterRight, shownRight } from '../kubernetes/cluster-right.js';
import { chosenCluster } from '../kubernetes/kube-config.js';
import { KubernetesFailure } from '../kubernetes/kubernetes-failure.js';
import { NoRoom, Slots } from './slots.js';
import { readableReview } from './token-review.js';

const ANSWER_MILLISECONDS = 5000;
/**
 * Questions that are under way at once, and that wait for it: the API server has others to serve. Those about strangers have
 * room of their own, so that however many tokens anybody makes up, the people who are known are served.
 */
const room = { known: { atOnce: 40, waiting: 1000 }, strangers: { atOnce: 10, waiting: 200 } };

/** About whom is asked: somebody who is known here, or whoever it is that shows a token. */
export type Concerned = keyof typeof room;

/** The parts of the cluster's API that the platform uses. */
export interface KubernetesApis {
  readonly authentication: AuthenticationV1Api;
  readonly authorization: AuthorizationV1Api;
  readonly core: CoreV1Api;
}

/** Talks with the API server of the Kubernetes or OpenShift cluster that KUBERNETES_AUTH names. */
@Injectable()
export class KubernetesApi implements OnModuleInit {
  private readonly logger = new Logger('Kubernetes');
  private apis: KubernetesApis | undefined;
  private readonly slots = { known: slotsOf(room.known), strangers: slotsOf(room.strangers) };
  /** What was refused last, so that it is said once. */
  private readonly refused = new Set<string>();

  constructor(@Inject(CONFIG) private readonly config: Config) {}

  async onModuleInit(): Promise<void> {
    this.apis = await connectTo(this.config.KUBERNETES_AUTH);
  }

  /** Whether there is a cluster. */
  get enabled(): boolean {
    return this.config.KUBERNETES_AUTH !== 'off';
  }

  /**
   * Asks for something once: waits for its turn for five seconds at most, and as long for the answer.
   * @param right that it takes: the log says which one is missing
   * @throws KubernetesFailure
   */
  async ask<Result>(
    right: ClusterRight,
    question: (apis: KubernetesApis) => Promise<Result>,
    concerned: Concerned = 'known',
  ): Promise<Result> {
    const { apis } = this;
    if (!apis) throw new Error('KUBERNETES_AUTH is off, or the module has not started');
    try {
      const result = await this.slots[concerned].run(() => question(apis));
      this.allowed(right);
      return result;
    } catch (error) {
      if (error instanceof NoRoom) throw new KubernetesFailure(429, 'too many questions wait for it here', 1000);
      const failure = KubernetesFailure.ofClient(error);
      this.tell(right, failure);
      throw failure;
    }
  }

  private tell(right: ClusterRight, { code }: KubernetesFailure): void {
    // It looked, and so it let us.
    if (code === 404 || code === 409) this.allowed(right);
    const shown = shownRight(right);
    if ((code !== 401 && code !== 403) || right.isOptional || this.refused.has(shown)) return;
    this.refused.add(shown);
    if (code === 403) {
      this.logger.error(
        `The API server refuses this platform a right (403): give the ServiceAccount of this process the right to ${shown}${right.namespace === undefined ? '' : ', and make that namespace first, if there is none'}; docs/operate.md, "On Kubernetes and OpenShift", has all of them`,
      );
    } else {
      this.logger.error(
        `The API server does not accept the credential of this platform (401), which wanted to ${shown}: look at the token of its ServiceAccount, or at the kubeconfig in KUBERNETES_AUTH`,
      );
    }
  }

  private allowed(right: ClusterRight): void {
    if (this.refused.size === 0) return;
    const shown = shownRight(right);
    if (this.refused.delete(shown)) this.logger.log(`The API server lets this platform ${shown} again`);
  }
}

function slotsOf({ atOnce, waiting }: { atOnce: number; waiting: number }): Slots {
  return new Slots(atOnce, waiting, ANSWER_MILLISECONDS);
}

async function connectTo(setting: string): Promise<KubernetesApis | undefined> {
  if (setting === 'off') return undefined;
  const { client, kubeConfig, server } = await chosenCluster(setting, 'KUBERNETES_AUTH');
  const configured = (...promiseMiddleware: Middleware[]) =>
    client.createConfiguration({
      baseServer: new client.ServerConfiguration(server, {}),
      authMethods: { default: kubeConfig },
      promiseMiddleware: [answeredInTime, ...promiseMiddleware],
    });
  const configuration = configured();
  return {
    authentication: new client.AuthenticationV1Api(configured(readableReview)),
    authorization: new client.AuthorizationV1Api(configuration),
    core: new client.CoreV1Api(configuration),
  };
}

/** Takes a question back that is not answered in time: those of an API server that hangs must not pile up. */
const answeredInTime: Middleware = {
  pre: async (context) => {
    context.setSignal(AbortSignal.timeout(ANSWER_MILLISECONDS));
    return context;
  },
  post: async (response) => response,
};
