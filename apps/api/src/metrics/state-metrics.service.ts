import { Inject, Injectable } from '@nestjs/common';
import { Counter, Gauge, type Registry } from 'prom-client';
import { ChangeFeedService } from '../database/change-feed.service.js';
import { DatabaseService } from '../database/database.service.js';
import { Clock } from '../http/clock.js';
import { KeyAgreement } from '../key-agreement.service.js';
import { Gateway } from '../proxy/gateway.service.js';
import { Overload } from '../proxy/overload.service.js';
import { SnapshotService } from '../snapshot/snapshot.service.js';
import { Limiter } from '../tiers/limiter.service.js';
import { UsageRecorder } from '../usage/usage-recorder.service.js';
import { type Sample, sampled } from './sampled.js';

const MILLISECONDS = 1000;
const limiterStates = ['process', 'shared', 'fallback'] as const;

/** What the process knows of itself, read when somebody asks for it and not before. */
@Injectable()
export class StateMetrics {
  constructor(
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Gateway) private readonly gateway: Gateway,
    @Inject(Overload) private readonly overload: Overload,
    @Inject(Limiter) private readonly limiter: Limiter,
    @Inject(UsageRecorder) private readonly usage: UsageRecorder,
    @Inject(ChangeFeedService) private readonly feed: ChangeFeedService,
    @Inject(DatabaseService) private readonly database: DatabaseService,
    @Inject(KeyAgreement) private readonly keys: KeyAgreement,
    @Inject(SnapshotService) private readonly snapshot: SnapshotService,
  ) {}

  register(registry: Registry): void {
    this.registerLoad(registry);
    this.registerLimiter(registry);
    this.registerUsage(registry);
    this.registerKnowledge(registry);
  }

  private registerLoad(registry: Registry): void {
    const { gateway, overload } = this;
    sampled(registry, Gauge, 'maas_inflight_requests', 'Inference requests under way.', () => gateway.inFlight);
    sampled(
      registry,
      Gauge,
      'maas_inflight_request_bytes',
      'Bytes of request bodies in memory.',
      () => overload.bodyBytes,
    );
    sampled(
      registry,
      Counter,
      'maas_overload_refusals_total',
      'Requests that were refused with 503, by what there was no room for.',
      () => Object.entries(overload.refusals).map(([reason, value]): Sample => [{ reason }, value]),
      ['reason'],
    );
  }

  private registerLimiter(registry: Registry): void {
    const { limiter } = this;
    sampled(
      registry,
      Gauge,
      'maas_limiter_state',
      '1 for the state that holds: limits are counted in the process, shared, or, while the store is away, in the fallback.',
      () => {
        const { mode, state } = limiter.state();
        return limiterStates.map((each): Sample => [{ mode, state: each }, each === state ? 1 : 0]);
      },
      ['mode', 'state'],
    );
    sampled(
      registry,
      Counter,
      'maas_limiter_uncounted_admissions_total',
      'Requests that were let in during fallbacks, without being counted together with other processes.',
      () => limiter.state().admittedInFallback,
    );
    sampled(
      registry,
      Counter,
      'maas_limiter_timeouts_total',
      'Answers of the shared store of limits that did not come in time.',
      () => limiter.state().timeouts,
    );
    sampled(
      registry,
      Gauge,
      'maas_limiter_conflict',
      '1: another process on the database counts limits elsewhere, so that people get more than their limits.',
      () => Number(limiter.state().conflict !== undefined),
    );
  }

  private registerUsage(registry: Registry): void {
    const { usage } = this;
    const gauge = (name: string, help: string, read: () => number) => sampled(registry, Gauge, name, help, read);
    gauge('maas_usage_backlog_rows', 'Usage rows that the database does not have yet.', () => usage.depth);
    gauge('maas_usage_rows_at_risk', 'Usage rows in memory alone: a kill would lose them.', () => usage.safety.atRisk);
    gauge('maas_usage_journal_writable', '1: the usage journal takes rows.', () => Number(usage.safety.writable));
    gauge('maas_usage_journal_bytes', 'What the folder of the usage journal holds.', () => usage.room.bytes);
    gauge('maas_usage_journal_quota_bytes', 'What it may hold.', () => usage.room.quotaBytes);
    gauge(
      'maas_usage_accepting',
      '1: inference is taken, as far as usage goes, where the tier says nothing of its own.',
      () => Number(usage.accepts(null)),
    );
    sampled(
      registry,
      Counter,
      'maas_usage_lost_rows_total',
      'Usage rows that neither the journal nor memory could take.',
      () => usage.safety.lost,
    );
  }

  private registerKnowledge(registry: Registry): void {
    const { clock, feed, database, snapshot, keys } = this;
    const age = (instant: number | undefined) =>
      instant ? Math.max(0, (clock.now() - instant) / MILLISECONDS) : undefined;
    const available = () => Number(database.standing.available);
    sampled(registry, Gauge, 'maas_database_up', '1: the database can be used.', available);
    sampled(
      registry,
      Gauge,
      'maas_key_problems',
      'Keys of other processes on the database that are not known here, and credentials that cannot be opened.',
      () => keys.troubles.length,
    );
    sampled(
      registry,
      Gauge,
      'maas_change_feed_lag_seconds',
      'Since when what is in memory was true to the database for the last time. Absent: it never was.',
      () => age(feed.trueAt),
    );
    sampled(
      registry,
      Gauge,
      'maas_snapshot_age_seconds',
      'Age of what the snapshot on disk says. Absent: there is none yet.',
      () => age(snapshot.trueAt),
    );
  }
}
