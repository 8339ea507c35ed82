import { Inject, Injectable } from '@nestjs/common';
import type { PageQuery } from '@maas/contracts/paging';
import type { OrderTiers } from '@maas/contracts/tier-insight';
import type { CreateTier, Tier, UpdateTier } from '@maas/contracts/tiers';
import type { Prisma, Tier as TierRow } from '@maas/database/client';
import { type Actor, AuditService } from '../auth/audit.service.js';
import { ChangeFeedService, type Transaction } from '../database/change-feed.service.js';
import { page, readCursor } from '../database/cursor.js';
import { isUniqueViolation } from '../database/database-error.js';
import { DatabaseService } from '../database/database.service.js';
import { defined } from '../database/defined.js';
import { ApiError } from '../http/api-error.js';
import { Clock } from '../http/clock.js';
import { CONFIG, type Config } from '../config.js';
import { byPrecedence } from './assignment.js';
import { shownTier } from './shown-tier.js';
import { changedFields } from './tier-ownership.js';
import { levelsInOrder } from './tier-order.js';

/** Somebody has said what becomes of a tier that left its ConfigMap. */
const keptHere = { configMap: null, leftConfigMap: false };

/** The tiers as administrators keep them. */
@Injectable()
export class TiersService {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(DatabaseService) private readonly database: DatabaseService,
    @Inject(ChangeFeedService) private readonly feed: ChangeFeedService,
    @Inject(AuditService) private readonly audit: AuditService,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /** By name. */
  async list({ limit, after }: PageQuery) {
    const cursor = readCursor(after, /^[a-z0-9-]{1,63}$/);
    const rows = await this.database.client.tier.findMany({
      ...(cursor ? { where: { name: { gt: cursor } } } : {}),
      orderBy: { name: 'asc' },
      take: limit + 1,
    });
    return page(
      rows,
      limit,
      (row) => row.name,
      (row) => this.show(row),
    );
  }

  async get(name: string): Promise<Tier> {
    return this.show(await this.find(this.database.client, name));
  }

  async create(actor: Actor, wish: CreateTier): Promise<Tier> {
    try {
      return await this.feed.change({ topic: 'tiers', key: wish.name }, (transaction) =>
        this.write(transaction, actor, wish),
      );
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
      throw new ApiError('conflict', { message: `There is a tier named ${wish.name} already`, param: 'name' });
    }
  }

  /**
   * Makes those of an installation's first tiers that there are not yet, all or none: where a ConfigMap has said already which
   * tiers there are, it is the one to say so.
   */
  async createFirst(actor: Actor, tiers: readonly CreateTier[]): Promise<void> {
    await this.feed.change({ topic: 'tiers' }, async (transaction) => {
      const known = await transaction.tier.findMany({ select: { name: true, configMap: true } });
      if (known.some(({ configMap }) => configMap !== null)) return;
      for (const tier of tiers) {
        if (!known.some(({ name }) => name === tier.name)) await this.write(transaction, actor, tier);
      }
    });
  }

  /** @throws ApiError 409 when somebody else changed the tier since `version` was read */
  async update(actor: Actor, name: string, { version, ...wish }: UpdateTier): Promise<Tier> {
    return this.feed.change({ topic: 'tiers', key: name }, async (transaction) => {
      const before = await this.find(transaction, name);
      await this.requireVersion(transaction, before, version);
      this.requireOurs(before, changedFields(wish, before));
      const data = {
        ...defined(wish),
        ...(before.leftConfigMap ? keptHere : {}),
        version: { increment: 1 },
        updatedAt: new Date(this.clock.now()),
      };
      const after = await transaction.tier.update({ where: { name }, data });
      await this.audit.record(transaction, actor, {
        action: 'tier.update',
        ...target(name),
        before: shownTier(before),
        after: shownTier(after),
      });
      return this.show(after);
    });
  }

  /**
   * Puts all tiers into an order, in one change.
   * @returns them in that order
   * @throws ApiError 409 when they are not the tiers that there are, or one was changed since its `version` was read
   */
  async order(actor: Actor, { tiers: wished }: OrderTiers): Promise<Tier[]> {
    return this.feed.change({ topic: 'tiers' }, async (transaction) => {
      const rows = new Map((await transaction.tier.findMany()).map((row) => [row.name, row]));
      requireAll([...rows.keys()], wished.map(({ name }) => name)); // prettier-ignore
      const inOrder = [];
      for (const { name, version } of wished) {
        const row = await this.find(transaction, name);
        await this.requireVersion(transaction, row, version);
        inOrder.push(row);
      }
      const levels = levelsInOrder(inOrder.map(({ level }) => level));
      for (const [index, before] of inOrder.entries()) {
        const level = levels[index] ?? before.level;
        if (level === before.level) continue;
        this.requireOurs(before, ['level']);
        const data = { level, version: { increment: 1 }, updatedAt: new Date(this.clock.now()) };
        const after = await transaction.tier.update({ where: { name: before.name }, data });
        rows.set(after.name, after);
        await this.audit.record(transaction, actor, {
          action: 'tier.reorder',
          ...target(after.name),
          before: shownTier(before),
          after: shownTier(after),
        });
      }
      return [...rows.values()].sort(byPrecedence).map((row) => this.show(row));
    });
  }

  async remove(actor: Actor, name: string): Promise<void> {
    await this.feed.change({ topic: 'tiers', key: name }, async (transaction) => {
      const before = await this.find(transaction, name);
      this.requireOurs(before, ['the whole of it']);
      const overridden = await transaction.user.count({ where: { tierOverride: name } });
      if (overridden > 0) {
        throw new ApiError('conflict', {
          message: `${overridden} users have this tier by an override; change or end those first`,
        });
      }
      await transaction.tier.delete({ where: { name } });
      await this.audit.record(transaction, actor, {
        action: 'tier.delete',
        ...target(name),
        before: shownTier(before),
      });
    });
  }

  private async write(transaction: Transaction, actor: Actor, wish: CreateTier): Promise<Tier> {
    const now = new Date(this.clock.now());
    const tier = shownTier(await transaction.tier.create({ data: { ...wish, createdAt: now, updatedAt: now } }));
    await this.audit.record(transaction, actor, { action: 'tier.create', ...target(tier.name), after: tier });
    return tier;
  }

  /**
   * @param fields that would change
   * @throws ApiError 409 when a ConfigMap says what they are
   */
  private requireOurs(tier: TierRow, fields: readonly string[]): void {
    const { configMap } = this.show(tier);
    if (configMap === null || fields.length === 0) return;
    throw new ApiError('conflict', {
      message: `The tier ${tier.name} is kept in the ConfigMap ${configMap} (${fields.join(', ')}); change it there. Its limits are kept here`,
    });
  }

  /** What a ConfigMap said is like anything else while none is followed. */
  private show(tier: TierRow): Tier {
    return shownTier(this.config.TIERS_CONFIG_MAP === undefined ? { ...tier, configMap: null } : tier);
  }

  private requireVersion(transaction: Transaction, tier: TierRow, read: number | undefined): Promise<void> {
    return this.audit.requireVersion(transaction, { ...target(tier.name), current: tier.version, read });
  }

  private async find(client: Prisma.TransactionClient, name: string): Promise<TierRow> {
    const tier = await client.tier.findUnique({ where: { name } });
    if (tier) return tier;
    throw new ApiError('not_found', { message: 'There is no such tier' });
  }
}

/** @throws ApiError 409 that names what was made or deleted meanwhile */
function requireAll(known: readonly string[], named: readonly string[]): void {
  const missing = known.filter((name) => !named.includes(name));
  const unknown = named.filter((name) => !known.includes(name));
  if (missing.length === 0 && unknown.length === 0) return;
  const parts = [
    ...(missing.length > 0 ? [`also ${missing.join(', ')}`] : []),
    ...(unknown.length > 0 ? [`no ${unknown.join(', ')}`] : []),
  ];
  throw new ApiError('conflict', {
    message: `The order must name every tier, and there is ${parts.join(' and ')}; read the tiers again`,
    param: 'tiers',
  });
}

function target(name: string): { targetType: string; targetId: string } {
  return { targetType: 'tier', targetId: name };
}
