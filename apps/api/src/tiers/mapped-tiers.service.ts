import { Inject, Injectable } from '@nestjs/common';
import type { Prisma } from '@maas/database/client';
import { AuditService } from '../auth/audit.service.js';
import { ChangeFeedService, type Transaction } from '../database/change-feed.service.js';
import { DatabaseService } from '../database/database.service.js';
import { Clock } from '../http/clock.js';
import { CLUSTER_ACTOR, ClusterWatcher } from '../kubernetes/cluster-watcher.service.js';
import { shownTier } from './shown-tier.js';
import type { MappedTier } from './tier-mapping.js';
import { planTiers } from './tier-ownership.js';

/** A tier that the document no longer names, and that nobody has deleted or changed since. */
export interface LeftTier {
  readonly name: string;
  /** How many people have it by an override. */
  readonly overrides: number;
}

/** Brings the tiers to what a document says, all in one change. */
@Injectable()
export class MappedTiers {
  constructor(
    @Inject(DatabaseService) private readonly database: DatabaseService,
    @Inject(ChangeFeedService) private readonly feed: ChangeFeedService,
    @Inject(AuditService) private readonly audit: AuditService,
    @Inject(ClusterWatcher) private readonly cluster: ClusterWatcher,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /** How many follow a document. */
  count(): Promise<number> {
    return this.database.client.tier.count({ where: { configMap: { not: null }, leftConfigMap: false } });
  }

  async left(): Promise<LeftTier[]> {
    const tiers = await this.database.client.tier.findMany({
      where: { leftConfigMap: true },
      select: { name: true, _count: { select: { overriddenUsers: true } } },
      orderBy: { name: 'asc' },
    });
    return tiers.map(({ name, _count }) => ({ name, overrides: _count.overriddenUsers }));
  }

  async follow(tiers: readonly MappedTier[], configMap: string): Promise<void> {
    const known = await this.database.client.tier.findMany();
    if (!Object.values(planTiers(tiers, known, configMap)).some((part) => part.length > 0)) return;
    await this.feed.change({ topic: 'tiers' }, async (transaction) => {
      await this.cluster.requireLead(transaction);
      const { create, update, release } = planTiers(tiers, await transaction.tier.findMany(), configMap);
      const now = new Date(this.clock.now());
      for (const tier of create) {
        const data = { ...tier, groups: [...tier.groups], configMap, createdAt: now, updatedAt: now };
        const after = shownTier(await transaction.tier.create({ data }));
        await this.audit.record(transaction, CLUSTER_ACTOR, { action: 'tier.create', ...target(tier.name), after });
      }
      for (const { name, ...tier } of update) {
        await this.write(transaction, name, {
          ...tier,
          groups: [...tier.groups],
          configMap,
          leftConfigMap: false,
        });
      }
      for (const name of release) await this.write(transaction, name, { groups: [], leftConfigMap: true });
    });
  }

  private async write(transaction: Transaction, name: string, data: Prisma.TierUpdateInput): Promise<void> {
    const before = await transaction.tier.findUnique({ where: { name } });
    const after = await transaction.tier.update({
      where: { name },
      data: { ...data, version: { increment: 1 }, updatedAt: new Date(this.clock.now()) },
    });
    await this.audit.record(transaction, CLUSTER_ACTOR, {
      action: 'tier.update',
      ...target(name),
      ...(before ? { before: shownTier(before) } : {}),
      after: shownTier(after),
    });
  }
}

function target(name: string): { targetType: string; targetId: string } {
  return { targetType: 'tier', targetId: name };
}
