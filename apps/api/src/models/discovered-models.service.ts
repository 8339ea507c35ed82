import { Inject, Injectable, Logger } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import type { Backend, Prisma } from '@maas/database/client';
import { AuditService } from '../auth/audit.service.js';
import { ChangeFeedService, type Transaction } from '../database/change-feed.service.js';
import { DatabaseService } from '../database/database.service.js';
import { Clock } from '../http/clock.js';
import { CLUSTER_ACTOR, ClusterWatcher } from '../kubernetes/cluster-watcher.service.js';
import type { KServeModel } from './kserve-model.js';
import { modelParts, storedModel } from './shown-model.js';

/** A model of the cluster with what of it is in service. */
export interface WantedModel extends Omit<KServeModel, 'tiers' | 'readiness' | 'problems' | 'createdAt'> {
  /** Of those that there are, by name. */
  readonly tiers: readonly string[];
  readonly ready: boolean;
}

const parts = {
  ...modelParts,
  backends: { orderBy: { id: 'asc' } },
  discovery: true,
} as const satisfies Prisma.ModelInclude;
/** A model that was found in the cluster before. */
export type KnownModel = Prisma.ModelGetPayload<{ include: typeof parts }>;

/** Writes the models of the cluster into the tables of the models, each as a change of its own. */
@Injectable()
export class DiscoveredModels {
  private readonly logger = new Logger('Cluster/models');

  constructor(
    @Inject(DatabaseService) private readonly database: DatabaseService,
    @Inject(ChangeFeedService) private readonly feed: ChangeFeedService,
    @Inject(AuditService) private readonly audit: AuditService,
    @Inject(ClusterWatcher) private readonly cluster: ClusterWatcher,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /** Those that were found before, by id. */
  async known(): Promise<Map<string, KnownModel>> {
    const rows = await this.database.client.model.findMany({ where: { discovery: { isNot: null } }, include: parts });
    return new Map(rows.map((row) => [row.id, row]));
  }

  /** Of these ids, those of models that were registered by hand. */
  async registered(ids: readonly string[]): Promise<Set<string>> {
    const where = { id: { in: [...ids] }, discovery: null };
    const rows = await this.database.client.model.findMany({ where, select: { id: true } });
    return new Set(rows.map(({ id }) => id));
  }

  async tierNames(): Promise<string[]> {
    const rows = await this.database.client.tier.findMany({ select: { name: true } });
    return rows.map(({ name }) => name);
  }

  /** Makes the model, or brings it to what it has become. Does nothing when it is so already. */
  async keep(wanted: WantedModel, known: KnownModel | undefined): Promise<void> {
    if (known && isSame(wanted, known)) return;
    await this.change(wanted.id, async (transaction) => {
      // It may have become another one since it was read.
      const row = await transaction.model.findUnique({ where: { id: wanted.id }, include: parts });
      if (row && (!row.discovery || isSame(wanted, row))) return;
      await this.write(transaction, wanted, row);
      const after = await transaction.model.findUniqueOrThrow({ where: { id: wanted.id }, include: modelParts });
      await this.audit.record(transaction, CLUSTER_ACTOR, {
        action: row ? 'model.update' : 'model.create',
        ...target(wanted.id),
        ...(row ? { before: storedModel(row) } : {}),
        after: storedModel(after),
      });
    });
  }

  async forget(id: string): Promise<void> {
    await this.change(id, async (transaction) => {
      const row = await transaction.model.findUnique({ where: { id }, include: parts });
      // Somebody may have taken it over, or deleted it, since it was read.
      if (!row?.discovery) return;
      await transaction.model.delete({ where: { id } });
      const before = storedModel(row);
      await this.audit.record(transaction, CLUSTER_ACTOR, { action: 'model.delete', ...target(id), before });
    });
  }

  private change(id: string, work: (transaction: Transaction) => Promise<void>): Promise<void> {
    return this.feed.change({ topic: 'models', key: id }, async (transaction) => {
      await this.cluster.requireLead(transaction);
      await work(transaction);
    });
  }

  private async write(transaction: Transaction, wanted: WantedModel, known: KnownModel | null): Promise<void> {
    const { id, kind, namespace, objectName, uid, ready, note } = wanted;
    const now = new Date(this.clock.now());
    const fields = { name: wanted.name, description: wanted.description, ownedBy: namespace, enabled: true };
    const tiers = wanted.tiers.map((tierName) => ({ tierName }));
    const discovery = { kind, namespace, name: objectName, uid, ready, note };
    const backends = backendWrite(wanted, known?.backends ?? [], now);
    const added = (known?.backends.length ?? 0) - 1;
    if (added > 0) {
      this.logger.warn(
        `The model ${id} follows the ${kind} ${namespace}/${objectName} again: ${added} of its backends, which were added here while nothing was looked for, are removed; the audit log has them`,
      );
    }
    await transaction.model.upsert({
      where: { id },
      create: {
        id,
        ...fields,
        createdAt: now,
        updatedAt: now,
        tiers: { create: tiers },
        discovery: { create: discovery },
        ...('create' in backends ? { backends } : {}),
      },
      update: {
        ...fields,
        updatedAt: now,
        version: { increment: 1 },
        tiers: { deleteMany: {}, create: tiers },
        discovery: { update: discovery },
        backends,
      },
    });
  }
}

function target(id: string): { targetType: string; targetId: string } {
  return { targetType: 'model', targetId: id };
}

/** The weight of what is alone. */
const WEIGHT = 1;

/**
 * It has one backend: those that were added while nothing was looked for are removed. What it was reached by last stays on
 * record while there is no address. A credential that was set meanwhile is not sent to where the cluster points now.
 */
function backendWrite({ url, upstreamModel, ready }: WantedModel, [own, ...others]: readonly Backend[], now: Date) {
  if (own) {
    const enabled = ready && url !== null;
    const data = {
      url: url ?? own.url,
      upstreamModel,
      enabled,
      weight: WEIGHT,
      sealedCredential: null,
      updatedAt: now,
    };
    const added = others.map(({ id }) => id);
    return {
      update: { where: { id: own.id }, data },
      ...(added.length > 0 ? { deleteMany: { id: { in: added } } } : {}),
    };
  }
  if (url === null) return {};
  return {
    create: { id: uuidv7(), url, upstreamModel, enabled: ready, weight: WEIGHT, createdAt: now, updatedAt: now },
  };
}

function isSame(
  wanted: WantedModel,
  { backends: [backend, ...others], discovery, tiers, ...row }: KnownModel,
): boolean {
  const isServed = backend
    ? (wanted.url ?? backend.url) === backend.url &&
      wanted.upstreamModel === backend.upstreamModel &&
      backend.weight === WEIGHT &&
      backend.sealedCredential === null &&
      backend.enabled === (wanted.ready && wanted.url !== null)
    : wanted.url === null;
  const { kind, namespace, objectName: name, uid, ready, note } = wanted;
  const { modelId: _, ...said } = discovery ?? { modelId: '' };
  return (
    isServed &&
    others.length === 0 &&
    row.enabled &&
    row.name === wanted.name &&
    row.description === wanted.description &&
    row.ownedBy === namespace &&
    String(tiers.map(({ tierName }) => tierName).sort()) === String(wanted.tiers) &&
    JSON.stringify(said) === JSON.stringify({ kind, namespace, name, uid, ready, note })
  );
}
