import { createHash } from 'node:crypto';
import { Inject, Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import type { AuthenticationV1Api, Middleware, V1TokenReviewStatus } from '@kubernetes/client-node';
import { CONFIG, type Config, ConfigError } from '../config.js';
import { ApiError } from '../http/api-error.js';
import { Clock } from '../http/clock.js';
import type { Identity } from './identity.js';

const ACCEPTED_MILLISECONDS = 10_000;
const REFUSED_MILLISECONDS = 2000;
const ANSWER_MILLISECONDS = 5000;
const REMEMBERED = 10_000;

interface Remembered {
  identity: Identity | undefined;
  until: number;
}

/**
 * Asks the Kubernetes or OpenShift API server whose token something is (TokenReview). Answers are remembered for seconds,
 * one question at a time is asked for one token, and a failure to ask is never remembered as a refusal.
 */
@Injectable()
export class KubernetesIdentityService implements OnModuleInit {
  private readonly logger = new Logger(KubernetesIdentityService.name);
  private api: AuthenticationV1Api | undefined;
  private readonly remembered = new Map<string, Remembered>();
  private readonly asking = new Map<string, Promise<Identity | undefined>>();

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  async onModuleInit(): Promise<void> {
    this.api = await apiFor(this.config.KUBERNETES_AUTH);
  }

  get enabled(): boolean {
    return this.api !== undefined;
  }

  /**
   * @returns whose token it is, or undefined when the API server says that it is nobody's
   * @throws ApiError 503 when the API server cannot be asked
   */
  async identify(token: string): Promise<Identity | undefined> {
    // The whole token's digest: a shorter key could give one person another's identity.
    const key = createHash('sha256').update(token).digest('base64');
    const known = this.remembered.get(key);
    if (known && known.until > this.clock.monotonic()) return known.identity;
    let answer = this.asking.get(key);
    if (!answer) {
      answer = this.ask(token)
        .then((identity) => this.remember(key, identity))
        .finally(() => this.asking.delete(key));
      this.asking.set(key, answer);
    }
    return answer;
  }

  private remember(key: string, identity: Identity | undefined): Identity | undefined {
    const lifetime = identity ? ACCEPTED_MILLISECONDS : REFUSED_MILLISECONDS;
    this.remembered.delete(key);
    this.remembered.set(key, { identity, until: this.clock.monotonic() + lifetime });
    const [oldest] = this.remembered.keys();
    if (this.remembered.size > REMEMBERED && oldest !== undefined) this.remembered.delete(oldest);
    return identity;
  }

  private async ask(token: string): Promise<Identity | undefined> {
    const audiences = this.config.KUBERNETES_AUDIENCES;
    const body = {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenReview',
      spec: audiences.length > 0 ? { token, audiences } : { token },
    };
    try {
      const review = await this.api?.createTokenReview({ body });
      return identityOf(review?.status, audiences);
    } catch (error) {
      // The client's own message may quote the request; only what kind of failure it was is logged.
      const { name, code } = error as { name?: string; code?: string | number };
      this.logger.warn(`The Kubernetes API server could not review a token: ${name ?? 'error'} ${code ?? ''}`);
      throw new ApiError('service_unavailable', {
        message: 'The identity provider does not answer at the moment; try again shortly',
        headers: { 'retry-after': '5' },
      });
    }
  }
}

/**
 * A server that knows audiences names those for which the token is good; one that names none knows nothing of audiences,
 * and its word is not enough when one is required (Kubernetes API, TokenReviewStatus.audiences).
 */
function identityOf(status: V1TokenReviewStatus | undefined, audiences: readonly string[]): Identity | undefined {
  const { user } = status ?? {};
  if (status?.authenticated !== true || !user?.username) return undefined;
  if (audiences.length > 0 && !status.audiences?.some((audience) => audiences.includes(audience))) return undefined;
  return {
    provider: 'kubernetes',
    subject: user.username,
    username: user.username,
    email: null,
    groups: user.groups ?? [],
  };
}

async function apiFor(setting: string): Promise<AuthenticationV1Api | undefined> {
  if (setting === 'off') return undefined;
  // The client takes 90 MB of memory and half a second: only where there is a cluster.
  const client = await import('@kubernetes/client-node');
  const kubeConfig = new client.KubeConfig();
  try {
    if (setting === 'in-cluster') kubeConfig.loadFromCluster();
    else kubeConfig.loadFromFile(setting);
  } catch (error) {
    // Where it is not valid YAML the message quotes it, and it holds a credential.
    const reason = (error as NodeJS.ErrnoException).code ?? 'it is not valid';
    throw new ConfigError(`KUBERNETES_AUTH names a kubeconfig that cannot be used: ${reason}`);
  }
  const cluster = kubeConfig.getCurrentCluster();
  // Outside of a cluster, `in-cluster` gives one without an address.
  if (!cluster || !URL.canParse(cluster.server)) {
    throw new ConfigError(
      'KUBERNETES_AUTH names no cluster: be within one, or have a current context in the kubeconfig',
    );
  }
  const configuration = client.createConfiguration({
    baseServer: new client.ServerConfiguration(cluster.server, {}),
    authMethods: { default: kubeConfig },
    promiseMiddleware: [answeredInTime],
  });
  return new client.AuthenticationV1Api(configuration);
}

/** Takes a question back that is not answered in time: those of an API server that hangs must not pile up. */
const answeredInTime: Middleware = {
  pre: async (context) => {
    context.setSignal(AbortSignal.timeout(ANSWER_MILLISECONDS));
    return context;
  },
  post: async (response) => response,
};
