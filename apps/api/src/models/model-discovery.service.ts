import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { ClusterProblem } from '@maas/contracts/cluster';
import { CONFIG, type Config } from '../config.js';
import { ChangeFeedService } from '../database/change-feed.service.js';
import { ClusterWatcher } from '../kubernetes/cluster-watcher.service.js';
import type { Outcome, Seen, WatchedCollection } from '../kubernetes/source-watch.js';
import { BackendAddresses } from './backend-address.js';
import { DiscoveredModels, type KnownModel, type WantedModel } from './discovered-models.service.js';
import { type KServeKind, type KServeModel, kserveModel } from './kserve-model.js';
import { settleClaims, shownObject, tiersOf } from './model-claims.js';

const GROUP = 'serving.kserve.io';
const kinds = [
  { kind: 'LLMInferenceService', version: 'v1alpha1', plural: 'llminferenceservices' },
  { kind: 'InferenceService', version: 'v1beta1', plural: 'inferenceservices' },
] as const;

interface KServeCollection extends WatchedCollection {
  readonly kind: KServeKind;
  /** Absent: of all namespaces. */
  readonly namespace: string | undefined;
}

/** Serves what KServe serves in the cluster: finds out what is there, and has the models follow it. */
@Injectable()
export class ModelDiscovery implements OnModuleInit {
  private readonly collections: readonly KServeCollection[];
  private readonly addresses: BackendAddresses;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(ClusterWatcher) private readonly cluster: ClusterWatcher,
    @Inject(DiscoveredModels) private readonly models: DiscoveredModels,
    @Inject(ChangeFeedService) private readonly feed: ChangeFeedService,
  ) {
    const { KSERVE_NAMESPACES } = config;
    const namespaces = KSERVE_NAMESPACES.length > 0 ? [...new Set(KSERVE_NAMESPACES)] : [undefined];
    this.collections = kinds.flatMap((each) => namespaces.map((namespace) => collectionOf(each, namespace)));
    this.addresses = new BackendAddresses(config.UPSTREAM_ALLOWED_NETWORKS);
  }

  onModuleInit(): void {
    if (!this.config.KSERVE_DISCOVERY) return;
    const { collections } = this;
    this.cluster.register({ name: 'models', collections, follow: (seen) => this.follow(seen) });
    // A model that was registered by hand may go, and a tier that an annotation names may come.
    const again = async () => this.cluster.followAgain('models');
    this.feed.follow('models', again);
    this.feed.follow('tiers', again);
  }

  private async follow(seen: Seen): Promise<Outcome> {
    const { found, count, problems } = this.read(seen);
    const registered = await this.models.registered(found.map(({ id }) => id));
    const { taken, refusals } = settleClaims(found, registered);
    problems.push(...refusals);
    const [known, tiers] = await Promise.all([this.models.known(), this.models.tierNames()]);
    const ids = new Set(taken.map(({ id }) => id));
    for (const [id, row] of known) if (!ids.has(id) && this.isGone(row, seen)) await this.models.forget(id);
    let failure: Error | undefined;
    for (const model of taken) {
      const { open, missing } = tiersOf(model, tiers);
      const problem = [...model.problems, ...missing.map((name) => `there is no tier named ${name}`)].join('; ');
      if (problem) problems.push({ object: shownObject(model), problem });
      const before = known.get(model.id);
      try {
        await this.models.keep(this.wanted(model, open, problem, before), before);
      } catch (error) {
        // One that cannot be kept does not stand in the way of the others.
        failure ??= error as Error;
      }
    }
    if (failure) throw failure;
    return { found: count, used: taken.length, problems };
  }

  private read(seen: Seen): { found: KServeModel[]; count: number; problems: ClusterProblem[] } {
    const found: KServeModel[] = [];
    const problems: ClusterProblem[] = [];
    let count = 0;
    for (const { path, kind } of this.collections) {
      for (const [key, object] of seen.get(path) ?? []) {
        const read = kserveModel(kind, object, this.config.KSERVE_ADDRESS);
        count += 1;
        if ('model' in read) found.push(read.model);
        else problems.push({ object: `${kind} ${key}`, problem: read.problem });
      }
    }
    return { found, count, problems };
  }

  private wanted(model: KServeModel, tiers: string[], problem: string, known: KnownModel | undefined): WantedModel {
    const { readiness, problems: _, ...rest } = model;
    const wasReady = known?.discovery?.ready === true && known.discovery.uid === model.uid;
    const isRefused = model.url !== null && this.addresses.refusesHost(model.url);
    const note = [
      model.note,
      isRefused
        ? 'Its address is link-local, multicast or of a metadata service, and UPSTREAM_ALLOWED_NETWORKS does not have it'
        : '',
      problem,
    ];
    return {
      ...rest,
      tiers,
      url: isRefused ? null : model.url,
      ready: !isRefused && (readiness === 'ready' || (readiness === 'as before' && wasReady)),
      note: note.filter(Boolean).join('; ') || null,
    };
  }

  /** Only who has listed its kind where it was can say that it is gone; what nobody is to watch any more is gone too. */
  private isGone({ discovery }: KnownModel, seen: Seen): boolean {
    const watched = this.collections.filter(
      ({ kind, namespace }) => kind === discovery?.kind && (namespace ?? discovery.namespace) === discovery.namespace,
    );
    return watched.every(({ path }) => seen.has(path));
  }
}

function collectionOf(
  { kind, version, plural }: (typeof kinds)[number],
  namespace: string | undefined,
): KServeCollection {
  const within = namespace === undefined ? '' : `/namespaces/${namespace}`;
  const where = namespace === undefined ? 'all namespaces' : `the namespace ${namespace}`;
  return {
    kind,
    namespace,
    path: `/apis/${GROUP}/${version}${within}/${plural}`,
    what: `${kind}s of ${where}`,
    right: `give the ServiceAccount the verbs list and watch on ${plural}.${GROUP} in ${where}`,
  };
}
