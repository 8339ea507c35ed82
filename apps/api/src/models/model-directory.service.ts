import { Inject, Injectable, Logger } from '@nestjs/common';
import { z } from 'zod';
import { SessionAffinity } from '@maas/contracts/models';
import { ChangeFeedService } from '../database/change-feed.service.js';
import { DatabaseService } from '../database/database.service.js';
import { Clock } from '../http/clock.js';
import { BackendHealthRegistry } from './backend-health.service.js';
import { CredentialVault } from './credential-vault.js';
import { inListOrder, type RoutableBackend, type RoutableModel } from './routable-model.js';

const BackendRow = z.object({
  id: z.string(),
  modelId: z.string(),
  url: z.string(),
  upstreamModel: z.string().nullable(),
  sealedCredential: z.string().nullable(),
  weight: z.number(),
  enabled: z.boolean(),
});
/** What is read of a model, and kept for a start without the database: its backends' credentials are sealed. */
const ModelRow = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string().nullable(),
  ownedBy: z.string(),
  contextWindow: z.number().nullable(),
  maxOutputTokens: z.number().nullable(),
  capabilities: z.array(z.string()),
  // A file that an earlier version kept does not name it.
  sessionAffinity: SessionAffinity.default('none'),
  createdAt: z.coerce.date(),
  backends: z.array(BackendRow),
  tiers: z.array(z.object({ tierName: z.string(), tier: z.object({ name: z.string(), level: z.number() }) })),
});
type BackendRow = z.infer<typeof BackendRow>;
type ModelRow = z.infer<typeof ModelRow>;

/** The enabled models, in memory, kept true by the change feed. */
@Injectable()
export class ModelDirectory {
  private readonly logger = new Logger(ModelDirectory.name);
  private byId: ReadonlyMap<string, RoutableModel> = new Map();
  private byTier = new Map<string, readonly RoutableModel[]>();
  private rows: readonly ModelRow[] = [];
  private ordered: RoutableModel[] = [];
  private refreshes = 0;
  /** The version of the health that the order was made by. */
  private orderedBy = 0;
  /** Why backends are left out whose credentials cannot be opened, by their ids. */
  private unreadable: ReadonlyMap<string, string> = new Map();
  /** All that take requests of enabled models, as far as they are configured to. */
  backends: readonly RoutableBackend[] = [];

  constructor(
    @Inject(DatabaseService) private readonly database: DatabaseService,
    @Inject(CredentialVault) private readonly vault: CredentialVault,
    @Inject(BackendHealthRegistry) private readonly health: BackendHealthRegistry,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(ChangeFeedService) feed: ChangeFeedService,
  ) {
    feed.follow('models', () => this.refresh());
    // The order of the list, and who may use what, follow the tiers.
    feed.follow('tiers', () => this.refresh());
  }

  /** Another number whenever the list may differ, for whoever keeps something made from it. */
  get version(): number {
    return this.refreshes + this.health.version;
  }

  /** All that are enabled. */
  get all(): readonly RoutableModel[] {
    return this.ordered;
  }

  /** A sentence for each backend that is left out, because its credential cannot be opened. */
  get unreadableCredentials(): readonly string[] {
    return [...this.unreadable.values()];
  }

  find(id: string): RoutableModel | undefined {
    return this.byId.get(id);
  }

  /** The models that a tier may use, in the order of the list. */
  ofTier(tier: string): readonly RoutableModel[] {
    if (this.orderedBy !== this.health.version) this.order();
    let models = this.byTier.get(tier);
    if (!models) this.byTier.set(tier, (models = this.ordered.filter((model) => model.tiers.has(tier))));
    return models;
  }

  /** What `restore` needs: the rows, with their credentials sealed. */
  keep(): readonly unknown[] {
    return this.rows.map((row) => ModelRow.parse(row));
  }

  /** @throws when these are not rows that were kept */
  restore(rows: readonly unknown[]): void {
    this.use(rows.map((row) => ModelRow.parse(row)));
  }

  private async refresh(): Promise<void> {
    const rows = await this.database.client.model.findMany({
      where: { enabled: true },
      include: {
        backends: { orderBy: { id: 'asc' } },
        tiers: { include: { tier: { select: { name: true, level: true } } } },
      },
    });
    this.use(rows);
  }

  private use(rows: readonly ModelRow[]): void {
    this.rows = rows;
    const unreadable = new Map<string, string>();
    this.ordered = rows.map((row) => this.routable(row, unreadable));
    for (const [id, why] of unreadable) if (this.unreadable.get(id) !== why) this.logger.error(why);
    this.unreadable = unreadable;
    this.byId = new Map(this.ordered.map((model) => [model.id, model]));
    this.backends = this.ordered.flatMap(({ backends }) => backends);
    this.health.retain(new Set(rows.flatMap(({ backends }) => backends.map(({ id }) => id))));
    this.refreshes += 1;
    this.order();
  }

  private order(): void {
    this.orderedBy = this.health.version;
    this.ordered = this.ordered.toSorted(inListOrder);
    this.byTier = new Map();
  }

  /** @param unreadable gets the backends whose credentials cannot be opened */
  private routable({ backends, tiers, createdAt, ...row }: ModelRow, unreadable: Map<string, string>): RoutableModel {
    const lowest = tiers.map(({ tier }) => tier).sort((a, b) => a.level - b.level || (a.name < b.name ? -1 : 1));
    const usable = backends.flatMap((backend) => this.usable(backend, unreadable));
    const { clock } = this;
    return {
      ...row,
      created: Math.floor(createdAt.getTime() / 1000),
      tiers: new Set(tiers.map(({ tierName }) => tierName)),
      lowestTier: lowest[0] ?? null,
      backends: usable,
      get ready() {
        const now = clock.monotonic();
        return usable.some(({ health }) => health.isReady(now));
      },
    };
  }

  private usable(backend: BackendRow, unreadable: Map<string, string>): RoutableBackend[] {
    // Known also while it takes no requests: those under way go on, and administrators see them.
    const health = this.health.of(backend);
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
          health,
        },
      ];
    } catch (error) {
      const why = `Backend ${backend.id} of ${backend.modelId} is left out: ${(error as Error).message}`;
      unreadable.set(backend.id, `${why}. Give this process that key in ENCRYPTION_KEY, or set the credential again.`);
      return [];
    }
  }
}
