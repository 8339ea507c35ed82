import { constants } from 'node:fs';
import { access, statfs } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import type { SystemHealth } from '@maas/contracts/health';
import { version } from './build-version.js';
import { ClusterRights } from './auth/cluster-rights.service.js';
import { clusterHealth, type RightsStanding } from './cluster-health.js';
import { CONFIG, type Config } from './config.js';
import { ChangeFeedService } from './database/change-feed.service.js';
import { DatabaseService } from './database/database.service.js';
import { reasonOf } from './database/unreachable.js';
import { Clock } from './http/clock.js';
import { KeyAgreement } from './key-agreement.service.js';
import { ClusterReports } from './kubernetes/cluster-reports.service.js';
import { KubernetesFailure } from './kubernetes/kubernetes-failure.js';
import { ModelDirectory } from './models/model-directory.service.js';
import {
  backendsHealth,
  databaseHealth,
  feedHealth,
  keysHealth,
  limiterHealth,
  usageHealth,
  worstOf,
} from './system-health.js';
import { Limiter } from './tiers/limiter.service.js';
import { TierDirectory } from './tiers/tier-directory.service.js';
import { UsageRecorder } from './usage/usage-recorder.service.js';

const DATABASE_MILLISECONDS = 3000;
/** A batch of rows has to find room. */
const SCARCE_BYTES = 16 * 1024 * 1024;

/** Says how this process is and what it needs, also while the database is away. */
@Injectable()
export class SystemHealthService {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(DatabaseService) private readonly database: DatabaseService,
    @Inject(ChangeFeedService) private readonly feed: ChangeFeedService,
    @Inject(UsageRecorder) private readonly usage: UsageRecorder,
    @Inject(ModelDirectory) private readonly models: ModelDirectory,
    @Inject(Limiter) private readonly limits: Limiter,
    @Inject(TierDirectory) private readonly tiers: TierDirectory,
    @Inject(KeyAgreement) private readonly keys: KeyAgreement,
    @Inject(ClusterRights) private readonly rights: ClusterRights,
    @Inject(ClusterReports) private readonly clusterReports: ClusterReports,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  async read(): Promise<SystemHealth> {
    const [database, usage, cluster] = await Promise.all([this.ofDatabase(), this.ofUsage(), this.ofCluster()]);
    const { changeFeed } = database;
    const limiter = limiterHealth(this.limits.state(), this.tiers.all);
    const keys = keysHealth(this.keys.troubles);
    const backends = this.ofBackends();
    const parts = { database: database.database, changeFeed, usage, limiter, keys, backends, cluster };
    return {
      object: 'health',
      status: worstOf(Object.values(parts).map(({ status }) => status)),
      at: new Date(this.clock.now()).toISOString(),
      version,
      startedAt: new Date(Date.now() - process.uptime() * 1000).toISOString(),
      uptimeSeconds: Math.round(process.uptime()),
      process: {
        id: process.pid,
        host: hostname(),
        node: process.versions.node,
        memoryBytes: process.memoryUsage.rss(),
      },
      parts,
    };
  }

  /** One question answers both: whether it is there, and whether we know all that it knows. */
  private async ofDatabase(): Promise<Pick<SystemHealth['parts'], 'database' | 'changeFeed'>> {
    const embedded = this.config.DATABASE_URL === undefined;
    const began = performance.now();
    const behind = await within(DATABASE_MILLISECONDS, this.unread()).catch(() => undefined);
    const latency = behind === undefined ? null : Math.round((performance.now() - began) * 10) / 10;
    return { database: databaseHealth(latency, embedded), changeFeed: feedHealth(behind) };
  }

  private async unread(): Promise<{ count: number; seconds: number }> {
    const [row] = await this.database.client.$queryRaw<{ count: number; seconds: number }[]>`
      SELECT count(*)::int AS count, coalesce(extract(epoch FROM now() - min(at)), 0)::float8 AS seconds
      FROM config_change WHERE seq > ${this.feed.applied}`;
    return row ?? { count: 0, seconds: 0 };
  }

  private async ofUsage(): Promise<SystemHealth['parts']['usage']> {
    const { depth: backlogRows, room } = this.usage;
    const journalWritable = room.state !== 'full' && (await this.isWritable());
    const refused = this.tiers.all.filter((tier) => !this.usage.accepts(tier.usageWhenUnwritable));
    const all = this.tiers.all.length === 0 ? !this.usage.accepts(null) : refused.length === this.tiers.all.length;
    return usageHealth({ backlogRows, journalWritable }, room, all ? undefined : refused.map(({ name }) => name));
  }

  private async isWritable(): Promise<boolean> {
    const folder = join(this.config.MAAS_DATA_DIR, 'usage');
    try {
      await access(folder, constants.W_OK);
      const { bavail, bsize } = await statfs(folder);
      return bavail * bsize > SCARCE_BYTES;
    } catch {
      return false;
    }
  }

  private async ofCluster(): Promise<SystemHealth['parts']['cluster']> {
    const { KSERVE_DISCOVERY, TIERS_CONFIG_MAP } = this.config;
    const sources = [
      ...(KSERVE_DISCOVERY ? (['models'] as const) : []),
      ...(TIERS_CONFIG_MAP === undefined ? [] : (['tiers'] as const)),
    ];
    const reading = Promise.all(
      sources.map(async (source) => ({ source, report: await this.clusterReports.read(source) })),
    );
    const [standings, rights] = await Promise.all([
      within(DATABASE_MILLISECONDS, reading).catch(() => undefined),
      this.ofRights(),
    ]);
    return clusterHealth(standings, rights, this.clock.now());
  }

  private async ofRights(): Promise<RightsStanding | undefined> {
    try {
      const rights = await within(DATABASE_MILLISECONDS, this.rights.look());
      return rights.needed === 0 ? undefined : rights;
    } catch (error) {
      // That it may not even ask about itself says nothing of the rest.
      if (error instanceof KubernetesFailure && error.code === 403) return undefined;
      return { trouble: reasonOf(error) };
    }
  }

  private ofBackends(): SystemHealth['parts']['backends'] {
    const now = this.clock.monotonic();
    return backendsHealth(
      this.models.all,
      this.models.backends.map(({ health }) => ({ ready: health.isReady(now) })),
    );
  }
}

/** @throws Error when it takes longer; the work itself is not stopped */
async function within<Result>(milliseconds: number, work: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('no answer in time')), milliseconds);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
