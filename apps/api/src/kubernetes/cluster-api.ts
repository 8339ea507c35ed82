import { fetch } from 'undici';
import { chosenCluster } from './kube-config.js';
import { KubernetesFailure } from './kubernetes-failure.js';

/** An answer of the API server, as it comes. */
export interface ClusterAnswer {
  /** The body, in pieces as they arrive. */
  readonly body: AsyncIterable<Uint8Array>;
}

/** Asks the API server of one cluster. */
export interface ClusterApi {
  /** The address, for messages. */
  readonly server: string;
  /**
   * @param path with its query, such as `/api/v1/namespaces/maas/configmaps?limit=1`
   * @param signal ends the request and its connection, also when the body is being read: abort it when you are done
   * @throws KubernetesFailure when the answer is not 200, and whatever keeps it from coming
   */
  get(path: string, signal: AbortSignal): Promise<ClusterAnswer>;
}

const LARGEST_REFUSAL = 64 * 1024;

/**
 * The cluster that a setting names. Credentials that change on disk, as those of a pod do, are read again.
 * @param setting `in-cluster`, or the path of a kubeconfig
 * @param name of the setting, for messages
 * @throws ConfigError
 */
export async function clusterApi(setting: string, name: string): Promise<ClusterApi> {
  const { client, kubeConfig, ...chosen } = await chosenCluster(setting, name);
  const server = chosen.server.replace(/\/+$/, '');
  return {
    server,
    get: async (path, signal) => {
      const context = new client.RequestContext(`${server}${path}`, client.HttpMethod.GET);
      // A program that a kubeconfig names for it may hang.
      await withdrawn(kubeConfig.applySecurityAuthentication(context), signal);
      // The client makes a pool for each request: it must go with it.
      const dispatcher = context.getDispatcher();
      signal.addEventListener('abort', () => void dispatcher?.destroy().catch(() => undefined), { once: true });
      const answer = await fetch(context.getUrl(), {
        headers: { ...context.getHeaders(), accept: 'application/json' },
        signal,
        // Elsewhere the credential has no business.
        redirect: 'error',
        ...(dispatcher ? { dispatcher } : {}),
      });
      const body = answer.body ?? emptyBody();
      if (answer.status === 200) return { body };
      throw KubernetesFailure.ofAnswer(answer.status, await briefly(body), answer.headers.get('retry-after'));
    },
  };
}

/** What it comes to, or, as soon as that is no longer wanted, why. */
async function withdrawn<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  const { promise, reject } = Promise.withResolvers<never>();
  const give = () => reject(signal.reason as Error);
  signal.addEventListener('abort', give, { once: true });
  try {
    if (signal.aborted) give();
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', give);
  }
}

async function briefly(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > LARGEST_REFUSAL) break;
  }
  return Buffer.concat(chunks).toString();
}

async function* emptyBody(): AsyncGenerator<Uint8Array> {}
