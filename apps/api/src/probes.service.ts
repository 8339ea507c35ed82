import { Inject, Injectable } from '@nestjs/common';
import { ChangeFeedService } from './database/change-feed.service.js';
import { DatabaseService } from './database/database.service.js';
import { Readiness } from './http/readiness.js';
import { Limiter, type LimiterState } from './tiers/limiter.service.js';
import { UsageRecorder } from './usage/usage-recorder.service.js';

/** What a probe is told: no more than everybody may know, the log has the reasons. */
export interface ReadinessAnswer {
  readonly status: 'ready' | 'degraded' | 'not ready';
  readonly reason?: string;
  readonly since?: string;
  readonly limits: Pick<LimiterState, 'state' | 'since' | 'why'>;
  /** `scarce`: the journal of usage has used most of its quota; `unwritable`: it takes no rows, for whatever reason. */
  readonly usage: { readonly journal: 'ample' | 'scarce' | 'unwritable' };
}

/** Answers whoever asks whether requests should be sent here. */
@Injectable()
export class Probes {
  constructor(
    @Inject(Readiness) private readonly readiness: Readiness,
    @Inject(ChangeFeedService) private readonly feed: ChangeFeedService,
    @Inject(DatabaseService) private readonly database: DatabaseService,
    @Inject(Limiter) private readonly limiter: Limiter,
    @Inject(UsageRecorder) private readonly usage: UsageRecorder,
  ) {}

  /** `serves` is what the HTTP status says: 200 or 503. */
  ready(): { readonly serves: boolean; readonly answer: ReadinessAnswer } {
    const serves = this.readiness.ready && this.feed.isUsable;
    const { state, since, why } = this.limiter.state();
    const limits = { state, since, ...(why === undefined ? {} : { why }) };
    const parts = { limits, usage: { journal: this.journal() } };
    const { standing } = this.database;
    if (standing.available) return { serves, answer: { status: serves ? 'ready' : 'not ready', ...parts } };
    const outage = { reason: 'The database cannot be used', since: new Date(standing.since).toISOString() };
    return { serves, answer: { status: serves ? 'degraded' : 'not ready', ...outage, ...parts } };
  }

  private journal(): ReadinessAnswer['usage']['journal'] {
    const { safety, room } = this.usage;
    if (!safety.writable || room.state === 'full') return 'unwritable';
    return room.state;
  }
}
