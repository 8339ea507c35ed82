import type * as kubernetes from '@kubernetes/client-node';
import { ConfigError } from '../config.js';

/** Node's client of Kubernetes, and the cluster that it is to talk to. */
export interface ChosenCluster {
  readonly client: typeof kubernetes;
  readonly kubeConfig: kubernetes.KubeConfig;
  /** The address of its API server. */
  readonly server: string;
}

/**
 * Loads the client and the credentials that a setting names.
 * @param setting `in-cluster`, or the path of a kubeconfig
 * @param name of the setting, for messages
 * @throws ConfigError
 */
export async function chosenCluster(setting: string, name: string): Promise<ChosenCluster> {
  // The client takes 90 MB of memory and half a second: only where there is a cluster.
  const client = await import('@kubernetes/client-node');
  const kubeConfig = new client.KubeConfig();
  try {
    if (setting === 'in-cluster') kubeConfig.loadFromCluster();
    else kubeConfig.loadFromFile(setting);
  } catch (error) {
    // Where it is not valid YAML the message quotes it, and it holds a credential.
    const reason = (error as NodeJS.ErrnoException).code ?? 'it is not valid';
    throw new ConfigError(`${name} names a kubeconfig that cannot be used: ${reason}`);
  }
  const server = kubeConfig.getCurrentCluster()?.server;
  // Outside of a cluster, `in-cluster` gives one without an address.
  if (server === undefined || !URL.canParse(server)) {
    throw new ConfigError(`${name} names no cluster: be within one, or have a current context in the kubeconfig`);
  }
  return { client, kubeConfig, server };
}
