import { Inject, Injectable, Logger } from '@nestjs/common';
import type { Backend, Model, ModelTier, Tier } from '@maas/database/client';
import { ChangeFeedService } from '../database/change-feed.service.js';
import { DatabaseService } from '../database/database.service.js';
import { CredentialVault } from './credential-vault.js';
import { inListOrder, type RoutableBackend, type RoutableModel } from './routable-model.js';

type ModelRow = Model & { backends: Backend[]; tiers: (ModelTier & { tier: Pick<Tier, 'name' | 'level'> })[] };

/** The enabled models, in memory, kept true by the change feed. */
@Injectable()
export class ModelDirectory {
  private readonly logger = new Logger(ModelDirectory.name);
  private byId: ReadonlyMap<string, RoutableModel> = new Map();
  private byTier = new Map<string, readonly RoutableModel[]>();
  private ordered: readonly RoutableModel[] = [];
  /** Counts the refreshes, for whoever keeps something made from the models. */
  version = 0;

  constructor(
    @Inject(DatabaseService) private readonly database: DatabaseService,
    @Inject(CredentialVault) private readonly vault: CredentialVault,
    @Inject(ChangeFeedService) feed: ChangeFeedService,
  ) {
    feed.follow('models', () => this.refresh());
    // The order of the list, and who may use what, follow the tiers.
    feed.follow('tiers', () => this.refresh());
  }

  find(id: string): RoutableModel | undefined {
    return this.byId.get(id);
  }

  /** The models that a tier may use, in the order of the list. */
  ofTier(tier: string): readonly RoutableModel[] {
    let models = this.byTier.get(tier);
    if (!models) this.byTier.set(tier, (models = this.ordered.filter((model) => model.tiers.has(tier))));
    return models;
  }

  private async refresh(): Promise<void> {
    const rows = await this.database.client.model.findMany({
      where: { enabled: true },
      include: {
        backends: { orderBy: { id: 'asc' } },
        tiers: { include: { tier: { select: { name: true, level: true } } } },
      },
    });
    const models = rows.map((row) => this.routable(row));
    this.byId = new Map(models.map((model) => [model.id, model]));
    this.ordered = models.sort(inListOrder);
    this.byTier = new Map();
    this.version += 1;
  }

  private routable({ backends, tiers, createdAt, ...row }: ModelRow): RoutableModel {
    const lowest = tiers.map(({ tier }) => tier).sort((a, b) => a.level - b.level || (a.name < b.name ? -1 : 1));
    const usable = backends.flatMap((backend) => this.usable(backend));
    return {
      ...row,
      created: Math.floor(createdAt.getTime() / 1000),
      tiers: new Set(tiers.map(({ tierName }) => tierName)),
      lowestTier: lowest[0] ?? null,
      backends: usable,
      ready: usable.length > 0,
    };
  }

  private usable(backend: Backend): RoutableBackend[] {
    if (!backend.enabled || backend.weight === 0) return [];
    const url = new URL(backend.url);
    try {
      const credential = backend.sealedCredential && this.vault.open(backend.sealedCredential, backend.id);
      return [
        {
          id: backend.id,
          origin: url.origin,
          basePath: url.pathname.replace(/\/+$/, ''),
          upstreamModel: backend.upstreamModel,
          authorization: credential ? `Bearer ${credential}` : null,
          weight: backend.weight,
        },
      ];
    } catch (error) {
      this.logger.error(`Backend ${backend.id} of ${backend.modelId} is left out: ${(error as Error).message}`);
      return [];
    }
  }
}
