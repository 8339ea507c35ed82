import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { ClusterProblem } from '@maas/contracts/cluster';
import { CONFIG, type Config } from '../config.js';
import { ChangeFeedService } from '../database/change-feed.service.js';
import { ClusterWatcher } from '../kubernetes/cluster-watcher.service.js';
import type { Outcome, Seen, WatchedCollection } from '../kubernetes/source-watch.js';
import { BackendAddresses } from './backend-address.js';
import { DiscoveredModels, type KnownModel, type WantedModel } from './discovered-models.service.js';
import { type KServeKind, type KServeModel, kserveModel } from './kserve-model.js';
import { type InService, settleClaims, shownObject, tiersOf } from './model-claims.js';

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

/** An object of which nothing can be said but that it is there. */
interface UnreadableObject {
  /** Such as `LLMInferenceService llm/qwen3`. */
  readonly object: string;
  readonly kind: KServeKind;
  readonly uid: string;
  /** It is being deleted. */
  readonly isGoing: boolean;
  readonly problem: string;
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
    const { found, unreadable } = this.read(seen);
    const count = found.length + unreadable.length;
    const [known, tiers] = await Promise.all([this.models.known(), this.models.tierNames()]);
    const held = heldOf(unreadable, known);
    const problems = unreadable.map((object) => refusalOf(object, held.has(object)));
    const registered = await this.models.registered(found.map(({ id }) => id));
    const { taken, refusals } = settleClaims(found, registered, this.inService(known, held, seen));
    problems.push(...refusals);
    const wanted = [...held].map(([object, row]) => heldModel(row, object));
    for (const model of taken) {
      const { is, problem } = this.wanted(model, tiers, known.get(model.id));
      wanted.push(is);
      if (problem) problems.push({ object: shownObject(model), problem });
    }
    await this.bringTo(wanted, known, seen);
    return { found: count, used: taken.length, refused: count - taken.length, problems };
  }

  /** Of what is in service: what it follows, and what stays although its object is not to be read, or not to be seen. */
  private inService(
    known: ReadonlyMap<string, KnownModel>,
    held: ReadonlyMap<UnreadableObject, KnownModel>,
    seen: Seen,
  ): InService {
    const kept = new Map<string, string>();
    const followed = new Map<string, string>();
    for (const [id, row] of known) {
      const { kind, namespace, name, uid = '' } = row.discovery ?? {};
      followed.set(id, uid);
      if (this.isGone(row, seen)) continue;
      kept.set(id, `${kind} ${namespace}/${name}, which cannot be seen at the moment and stays in service`);
    }
    for (const [{ object }, { id }] of held)
      kept.set(id, `${object}, which cannot be read any more and stays in service`);
    return { followed, kept };
  }

  /** Makes the models of the cluster be what they are to be. */
  private async bringTo(wanted: WantedModel[], known: ReadonlyMap<string, KnownModel>, seen: Seen): Promise<void> {
    const ids = new Set(wanted.map(({ id }) => id));
    for (const [id, row] of known) if (!ids.has(id) && this.isGone(row, seen)) await this.models.forget(id);
    let failure: Error | undefined;
    for (const model of wanted) {
      try {
        await this.models.keep(model, known.get(model.id));
      } catch (error) {
        // One that cannot be kept does not stand in the way of the others.
        failure ??= error as Error;
      }
    }
    if (failure) throw failure;
  }

  private read(seen: Seen): { found: KServeModel[]; unreadable: UnreadableObject[] } {
    const found: KServeModel[] = [];
    const unreadable: UnreadableObject[] = [];
    for (const { path, kind } of this.collections) {
      for (const [key, object] of seen.get(path) ?? []) {
        const read = kserveModel(kind, object, this.config.KSERVE_ADDRESS);
        if ('model' in read) found.push(read.model);
        else unreadable.push({ object: `${kind} ${key}`, kind, uid: object.metadata.uid, isGoing: Boolean(object.metadata.deletionTimestamp), ...read }); // prettier-ignore
      }
    }
    return { found, unreadable };
  }

  private wanted(
    model: KServeModel,
    tierNames: readonly string[],
    known: KnownModel | undefined,
  ): { is: WantedModel; problem: string } {
    const { readiness, problems, tiers, createdAt: _, ...rest } = model;
    const before = known?.discovery?.uid === model.uid ? known : undefined;
    const wished = tiers === 'as before' ? (before?.tiers.map(({ tierName }) => tierName) ?? []) : tiers;
    const { open, missing } = tiersOf(wished, tierNames);
    const problem = [...problems, ...missing.map((name) => `there is no tier named ${name}`)].join('; ');
    const isRefused = model.url !== null && this.addresses.refusesHost(model.url);
    const note = [
      model.note,
      isRefused
        ? 'Its address is link-local, multicast or of a metadata service, and UPSTREAM_ALLOWED_NETWORKS does not have it'
        : '',
      problem,
    ];
    const is = {
      ...rest,
      tiers: open,
      url: isRefused ? null : model.url,
      ready: !isRefused && (readiness === 'ready' || (readiness === 'as before' && before?.discovery?.ready === true)),
      note: note.filter(Boolean).join('; ') || null,
    };
    return { is, problem };
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

/** The models that are in service by objects which cannot be read any more: not by others of the same name. */
function heldOf(unreadable: readonly UnreadableObject[], known: ReadonlyMap<string, KnownModel>) {
  const byObject = new Map([...known.values()].map((row) => [`${row.discovery?.kind} ${row.discovery?.uid}`, row]));
  return new Map(
    unreadable.flatMap((object) => {
      const row = byObject.get(`${object.kind} ${object.uid}`);
      return row ? [[object, row] as const] : [];
    }),
  );
}

/** As it was when its object could be read, but for what is being deleted. */
function heldModel(row: KnownModel, { isGoing, ...object }: UnreadableObject): WantedModel {
  const { id, name, description, backends, tiers, discovery } = row;
  const { url = null, upstreamModel = null } = backends[0] ?? {};
  return {
    id,
    kind: object.kind,
    namespace: discovery?.namespace ?? '',
    objectName: discovery?.name ?? '',
    uid: object.uid,
    name,
    description,
    url,
    upstreamModel,
    tiers: tiers.map(({ tierName }) => tierName),
    ready: discovery?.ready === true && !isGoing,
    note: isGoing ? 'It is being deleted' : refusalOf({ isGoing, ...object }, true).problem,
  };
}

function refusalOf({ object, problem }: UnreadableObject, isHeld: boolean): ClusterProblem {
  const meanwhile = isHeld ? 'what could be read last stays in service' : 'it is not served';
  return { object, problem: `${problem}; until it can be read, ${meanwhile}` };
}
