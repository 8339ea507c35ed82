import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { AuthenticationV1Api, AuthorizationV1Api, CoreV1Api, Middleware } from '@kubernetes/client-node';
import { CONFIG, type Config } from '../config.js';
import { chosenCluster } from '../kubernetes/kube-config.js';
import { KubernetesFailure } from '../kubernetes/kubernetes-failure.js';
import { NoRoom, Slots } from './slots.js';

const ANSWER_MILLISECONDS = 5000;
/** Questions that are under way at once, and that wait for it: the API server has others to serve. */
const QUESTIONS = 50;
const WAITING_QUESTIONS = 1000;

/** The parts of the cluster's API that the platform uses. */
export interface KubernetesApis {
  readonly authentication: AuthenticationV1Api;
  readonly authorization: AuthorizationV1Api;
  readonly core: CoreV1Api;
}

/** Talks with the API server of the Kubernetes or OpenShift cluster that KUBERNETES_AUTH names. */
@Injectable()
export class KubernetesApi implements OnModuleInit {
  private apis: KubernetesApis | undefined;
  private readonly slots = new Slots(QUESTIONS, WAITING_QUESTIONS, ANSWER_MILLISECONDS);

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
   * @throws KubernetesFailure
   */
  async ask<Result>(question: (apis: KubernetesApis) => Promise<Result>): Promise<Result> {
    const { apis } = this;
    if (!apis) throw new Error('KUBERNETES_AUTH is off, or the module has not started');
    try {
      return await this.slots.run(() => question(apis));
    } catch (error) {
      if (error instanceof NoRoom) throw new KubernetesFailure(429, 'too many questions wait for it here', 1000);
      throw KubernetesFailure.ofClient(error);
    }
  }
}

async function connectTo(setting: string): Promise<KubernetesApis | undefined> {
  if (setting === 'off') return undefined;
  const { client, kubeConfig, server } = await chosenCluster(setting, 'KUBERNETES_AUTH');
  const configuration = client.createConfiguration({
    baseServer: new client.ServerConfiguration(server, {}),
    authMethods: { default: kubeConfig },
    promiseMiddleware: [answeredInTime],
  });
  return {
    authentication: new client.AuthenticationV1Api(configuration),
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
