import { Inject, Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import type { Backend, Prisma } from '@maas/database/client';
import { AuditService } from '../auth/audit.service.js';
import { ChangeFeedService, type Transaction } from '../database/change-feed.service.js';
import { DatabaseService } from '../database/database.service.js';
import { Clock } from '../http/clock.js';
import { CLUSTER_ACTOR } from '../kubernetes/cluster-watcher.service.js';
import type { KServeModel } from './kserve-model.js';
import { modelParts, storedModel } from './shown-model.js';

/** A model of the cluster with what of it is in service. */
export interface WantedModel extends Omit<KServeModel, 'tiers' | 'readiness' | 'problems'> {
  /** Of those that there are. */
  readonly tiers: readonly string[];
  readonly ready: boolean;
}

const parts = { ...modelParts, backends: true, discovery: true } as const satisfies Prisma.ModelInclude;
/** A model that was found in the cluster before. */
export type KnownModel = Prisma.ModelGetPayload<{ include: typeof parts }>;

/** Writes the models of the cluster into the tables of the models, each as a change of its own. */
@Injectable()
export class DiscoveredModels {
  constructor(
    @Inject(DatabaseService) private readonly database: DatabaseService,
    @Inject(ChangeFeedService) private readonly feed: ChangeFeedService,
    @Inject(AuditService) private readonly audit: AuditService,
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
    await this.feed.change({ topic: 'models', key: wanted.id }, async (transaction) => {
      const before = known ? await this.read(transaction, wanted.id) : undefined;
      await this.write(transaction, wanted, known?.backends[0]);
      const after = await this.read(transaction, wanted.id);
      const what = {
        targetType: 'model',
        targetId: wanted.id,
        ...(before ? { before } : {}),
        ...(after ? { after } : {}),
      };
      await this.audit.record(transaction, CLUSTER_ACTOR, { action: known ? 'model.update' : 'model.create', ...what });
    });
  }

  async forget(id: string): Promise<void> {
    await this.feed.change({ topic: 'models', key: id }, async (transaction) => {
      const before = await this.read(transaction, id);
      // Somebody may have taken it over, or deleted it, since it was read.
      if (!before?.discovery) return;
      await transaction.model.delete({ where: { id } });
      await this.audit.record(transaction, CLUSTER_ACTOR, {
        action: 'model.delete',
        targetType: 'model',
        targetId: id,
        before,
      });
    });
  }

  private async write(transaction: Transaction, wanted: WantedModel, backend: Backend | undefined): Promise<void> {
    const { id, kind, namespace, objectName, uid, ready, note } = wanted;
    const now = new Date(this.clock.now());
    const fields = { name: wanted.name, description: wanted.description, ownedBy: namespace, enabled: true };
    const tiers = wanted.tiers.map((tierName) => ({ tierName }));
    const discovery = { kind, namespace, name: objectName, uid, ready, note };
    const backends = backendWrite(wanted, backend, now);
    await transaction.model.upsert({
      where: { id },
      create: {
        id,
        ...fields,
        createdAt: now,
        updatedAt: now,
        tiers: { create: tiers },
        discovery: { create: discovery },
        ...(backends.create ? { backends: { create: backends.create } } : {}),
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

  private async read(transaction: Transaction, id: string) {
    const row = await transaction.model.findUnique({ where: { id }, include: modelParts });
    return row ? storedModel(row) : undefined;
  }
}

/**
 * It has one backend; what it was reached by last stays on record while there is no address. A credential that was set while
 * nothing was looked for is not sent to where the cluster points now.
 */
function backendWrite({ url, upstreamModel, ready }: WantedModel, backend: Backend | undefined, now: Date) {
  if (backend) {
    const enabled = ready && url !== null;
    const data = { url: url ?? backend.url, upstreamModel, enabled, sealedCredential: null, updatedAt: now };
    return { update: { where: { id: backend.id }, data } };
  }
  if (url === null) return {};
  return { create: { id: uuidv7(), url, upstreamModel, enabled: ready, createdAt: now, updatedAt: now } };
}

function isSame(wanted: WantedModel, { backends: [backend], discovery, tiers, ...row }: KnownModel): boolean {
  const isServed = backend
    ? (wanted.url ?? backend.url) === backend.url &&
      wanted.upstreamModel === backend.upstreamModel &&
      backend.sealedCredential === null &&
      backend.enabled === (wanted.ready && wanted.url !== null)
    : wanted.url === null;
  const { kind, namespace, objectName: name, uid, ready, note } = wanted;
  const { modelId: _, ...said } = discovery ?? { modelId: '' };
  return (
    isServed &&
    row.enabled &&
    row.name === wanted.name &&
    row.description === wanted.description &&
    row.ownedBy === namespace &&
    String(tiers.map(({ tierName }) => tierName).sort()) === String(wanted.tiers) &&
    JSON.stringify(said) === JSON.stringify({ kind, namespace, name, uid, ready, note })
  );
}
