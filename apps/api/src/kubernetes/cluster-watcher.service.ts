import { Inject, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { CONFIG, type Config } from '../config.js';
import type { Transaction } from '../database/change-feed.service.js';
import { DatabaseService } from '../database/database.service.js';
import { Clock } from '../http/clock.js';
import { type ClusterApi, clusterApi } from './cluster-api.js';
import { ClusterReports } from './cluster-reports.service.js';
import { Leadership, LostLead } from './leadership.js';
import { type Follower, SourceWatch, type WatchTally } from './source-watch.js';

/** "maas", and "k" for Kubernetes. */
const LOCK = 0x6d61_616b;

/** Who writes what the cluster says into the audit log. */
export const CLUSTER_ACTOR = { username: 'cluster' };

/** What a room has watched. */
export interface Source extends Omit<Follower, 'report'> {
  /** Of the report. */
  readonly name: string;
}

/**
 * Watches what the rooms want watched, in one process of the control plane at a time, which writes what it finds into the
 * database: gateways need no right in the cluster, and what was found last is there without one.
 */
@Injectable()
export class ClusterWatcher implements OnApplicationShutdown {
  private readonly sources: Source[] = [];
  private watches: ReadonlyMap<string, SourceWatch> = new Map();
  private leadership: Leadership | undefined;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(DatabaseService) private readonly database: DatabaseService,
    @Inject(ClusterReports) private readonly reports: ClusterReports,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /** Whether this process is one that watches, when it is its turn. */
  get isCandidate(): boolean {
    return this.leadership !== undefined;
  }

  /** Whether it is its turn. */
  get leads(): boolean {
    return this.leadership?.leads === true;
  }

  /** By the name of the source; only where it watches. */
  tallies(): ReadonlyMap<string, WatchTally> {
    return new Map([...this.watches].map(([name, watch]) => [name, watch.tally()]));
  }

  /** To be called before `start`. */
  register(source: Source): void {
    this.sources.push(source);
  }

  /** Something else changed that what a source says depends on. */
  followAgain(name: string): void {
    this.watches.get(name)?.followAgain();
  }

  /**
   * To be called in each transaction that writes what was found: what another process has found since is not to be undone.
   * @throws LostLead
   */
  async requireLead(transaction: Transaction): Promise<void> {
    if (!this.leadership) throw new LostLead();
    await this.leadership.require(transaction);
  }

  /** @throws ConfigError when there is something to watch, and no cluster */
  async start(): Promise<void> {
    if (this.sources.length === 0 || this.config.MAAS_ROLE === 'gateway') return;
    const api = await clusterApi(...this.connection());
    const { url, openSocket } = this.database;
    this.leadership = new Leadership({ connectionString: url, stream: openSocket }, LOCK, {
      begin: () => this.begin(api),
      end: () => this.end(),
    });
    this.leadership.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.leadership?.stop();
  }

  private connection(): [setting: string, name: string] {
    const { KUBERNETES_CLUSTER, KUBERNETES_AUTH } = this.config;
    if (KUBERNETES_CLUSTER !== undefined) return [KUBERNETES_CLUSTER, 'KUBERNETES_CLUSTER'];
    return [KUBERNETES_AUTH === 'off' ? 'in-cluster' : KUBERNETES_AUTH, 'KUBERNETES_CLUSTER'];
  }

  private begin(api: ClusterApi): void {
    this.watches = new Map(this.sources.map((source) => [source.name, this.watchOf(source, api)]));
    for (const watch of this.watches.values()) watch.start();
  }

  private async end(): Promise<void> {
    const watches = [...this.watches.values()];
    this.watches = new Map();
    await Promise.all(watches.map((watch) => watch.stop()));
  }

  private watchOf({ name, ...source }: Source, api: ClusterApi): SourceWatch {
    const logger = new Logger(`Cluster/${name}`);
    const follower = {
      ...source,
      report: (report: Parameters<Follower['report']>[0]) => this.reports.keep(name, report),
    };
    return new SourceWatch(
      api,
      follower,
      () => this.clock.now(),
      (message, isFault) => (isFault ? logger.warn(message) : logger.log(message)),
    );
  }
}
