import { Inject, Injectable, Logger } from '@nestjs/common';
import type { V1ObjectMeta } from '@kubernetes/client-node';
import { KubernetesApi } from '../auth/kubernetes-api.service.js';
import type { ClusterRight } from '../kubernetes/cluster-right.js';
import { KubernetesFailure } from '../kubernetes/kubernetes-failure.js';
import { CONFIG, type Config } from '../config.js';
import { ApiError } from '../http/api-error.js';

/** Where an account is. */
export interface AccountPlace {
  readonly namespace: string;
  readonly name: string;
}

/** Whose it is. */
export interface AccountOwner {
  readonly id: string;
  readonly username: string;
  readonly tier: string;
}

const ACCOUNTS = 'serviceaccounts';

/** All that is needed in a namespace. */
export function accountRights(namespace: string): ClusterRight[] {
  return [
    { verb: 'create', resource: ACCOUNTS, namespace },
    { verb: 'get', resource: ACCOUNTS, namespace },
    { verb: 'delete', resource: ACCOUNTS, namespace },
    { verb: 'create', resource: `${ACCOUNTS}/token`, namespace },
  ];
}

const OWNER = 'maas.opendatahub.io/user-id';

/** Makes and deletes ServiceAccounts of people, and has tokens issued for them. All of it throws KubernetesFailure. */
@Injectable()
export class ClusterAccounts {
  private readonly logger = new Logger('ServiceAccounts');

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(KubernetesApi) private readonly api: KubernetesApi,
  ) {}

  /**
   * Makes an account, and its namespace where there is none. One that this person has already is theirs again.
   * @returns its uid
   * @throws ApiError 409 when there is one of that name that is not theirs
   */
  async create(place: AccountPlace, owner: AccountOwner): Promise<string> {
    const made = (await this.tryCreate(place, owner)) ?? (await this.tryCreate(place, owner));
    if (made === undefined) throw new KubernetesFailure(409, 'the account comes and goes');
    return made;
  }

  /**
   * Has a token issued.
   * @param seconds that are wished for; what is granted is in the token
   * @returns undefined when there is no such account any more
   */
  async issue({ namespace, name }: AccountPlace, seconds: number): Promise<string | undefined> {
    const spec = { audiences: [this.config.TOKEN_AUDIENCE], expirationSeconds: seconds };
    const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec };
    try {
      const right = { verb: 'create', resource: `${ACCOUNTS}/token`, namespace };
      const { status } = await this.api.ask(right, ({ core }) =>
        core.createNamespacedServiceAccountToken({ namespace, name, body }),
      );
      if (!status?.token) throw new KubernetesFailure(undefined, 'a TokenRequest without a token');
      return status.token;
    } catch (error) {
      return unlessFound(error, 404);
    }
  }

  /** Deletes an account, and with it all of its tokens. One that is gone, or another one under its name, is no error. */
  async remove({ namespace, name }: AccountPlace, uid: string): Promise<void> {
    try {
      await this.api.ask({ verb: 'delete', resource: ACCOUNTS, namespace }, ({ core }) =>
        core.deleteNamespacedServiceAccount({ namespace, name, body: { preconditions: { uid } } }),
      );
      this.logger.log(`${namespace}/${name} was deleted: its tokens are revoked`);
    } catch (error) {
      unlessFound(error, 404, 409);
    }
  }

  private async tryCreate(place: AccountPlace, owner: AccountOwner): Promise<string | undefined> {
    const { namespace, name } = place;
    const metadata = {
      name,
      namespace,
      labels: { ...this.labelsOf(owner.tier) },
      annotations: { [OWNER]: owner.id, 'maas.opendatahub.io/username': owner.username },
    };
    const body = { apiVersion: 'v1', kind: 'ServiceAccount', metadata, automountServiceAccountToken: false };
    try {
      const right = { verb: 'create', resource: ACCOUNTS, namespace };
      const made = await this.api.ask(right, ({ core }) => core.createNamespacedServiceAccount({ namespace, body }));
      return uidOf(made.metadata);
    } catch (error) {
      const found = error as KubernetesFailure;
      if (found.code === 409) return this.find(place, owner);
      if (found.code !== 404) throw error;
      await this.createNamespace(namespace, owner.tier);
      return undefined;
    }
  }

  /** The uid of an account that there is already. */
  private async find({ namespace, name }: AccountPlace, { id }: AccountOwner): Promise<string | undefined> {
    const found = await this.api
      .ask({ verb: 'get', resource: ACCOUNTS, namespace }, ({ core }) =>
        core.readNamespacedServiceAccount({ namespace, name }),
      )
      .catch((error: unknown) => unlessFound(error, 404));
    // One that is being deleted, which finalizers may delay, is not to be taken up: its tokens are revoked.
    if (!found || found.metadata?.deletionTimestamp) return undefined;
    if (found.metadata?.annotations?.[OWNER] === id) return uidOf(found.metadata);
    this.logger.error(`${namespace}/${name} is not the account that it has to be: it names another person, or none`);
    throw new ApiError('conflict', {
      message: `There is a ServiceAccount ${namespace}/${name} already that is not yours; ask your administrator to delete it`,
    });
  }

  private async createNamespace(name: string, tier: string): Promise<void> {
    const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: this.labelsOf(tier) } };
    try {
      const right = { verb: 'create', resource: 'namespaces', isOptional: true } as const;
      await this.api.ask(right, ({ core }) => core.createNamespace({ body }));
      this.logger.log(`The namespace ${name} was made for the accounts of its tier`);
    } catch (error) {
      const { code } = error as KubernetesFailure;
      if (code === 409) return;
      if (code !== 403) throw error;
      this.logger.error(
        `There is no namespace ${name} for the accounts of the tier ${tier}, and this platform may not make it: make it, with its Role and its RoleBinding, as deploy/kustomize/tier-accounts/free.yaml has them for the tier free`,
      );
      throw new ApiError('service_unavailable', {
        message: 'No token can be issued for your tier yet: the cluster is not prepared for it; ask your administrator',
        cause: error,
        isKnown: true,
      });
    }
  }

  private labelsOf(tier: string): Record<string, string> {
    return {
      'app.kubernetes.io/managed-by': 'maas',
      'maas.opendatahub.io/instance': this.config.INSTANCE_NAME,
      'maas.opendatahub.io/tier': tier,
    };
  }
}

function uidOf(metadata: V1ObjectMeta | undefined): string {
  if (!metadata?.uid) throw new KubernetesFailure(undefined, 'an account without a uid');
  return metadata.uid;
}

/** Nothing where the API server has found out what is expected; throws on what is not. */
function unlessFound(error: unknown, ...codes: number[]): undefined {
  if (error instanceof KubernetesFailure && error.code !== undefined && codes.includes(error.code)) return undefined;
  throw error;
}
