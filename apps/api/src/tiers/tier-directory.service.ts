import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import type { TierAssignment } from '@maas/contracts/auth';
import { LimitsPolicy, UsagePolicy } from '@maas/contracts/tiers';
import type { Person } from '../auth/user-directory.service.js';
import { ChangeFeedService } from '../database/change-feed.service.js';
import { DatabaseService } from '../database/database.service.js';
import { ApiError } from '../http/api-error.js';
import { Clock } from '../http/clock.js';
import { assign, byPrecedence, overrideOf, rulesOf, type TierRules } from './assignment.js';

/** A person's tier and why it is theirs. */
export interface AssignedTier {
  readonly tier: TierRules;
  readonly assignment: TierAssignment;
}

const limit = z.number().nullable();
const KeptTier = z.object({
  name: z.string(),
  displayName: z.string(),
  level: z.number(),
  groups: z.array(z.string()),
  requestsPerMinute: limit,
  tokensPerMinute: limit,
  maxConcurrentRequests: limit,
  maxTokensPerRequest: limit,
  // A file that an earlier version kept does not name them.
  limitsWhenUnavailable: LimitsPolicy.nullable().default(null),
  usageWhenUnwritable: UsagePolicy.nullable().default(null),
});

/** The tiers, in memory, kept true by the change feed. A person's tier is decided here, each time that it is needed. */
@Injectable()
export class TierDirectory {
  private tiers: readonly TierRules[] = [];
  /** By person: a changed person is a new object. Emptied when the tiers change. */
  private byGroups = new WeakMap<Person, AssignedTier | { tier: undefined }>();

  constructor(
    @Inject(DatabaseService) private readonly database: DatabaseService,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(ChangeFeedService) feed: ChangeFeedService,
  ) {
    feed.follow('tiers', () => this.refresh());
  }

  /** All of them, in order of precedence. */
  get all(): readonly TierRules[] {
    return this.tiers;
  }

  /** The tier of the groups alone; undefined when none holds any of them. */
  lookup(groups: readonly string[]): AssignedTier | undefined {
    return assign(this.tiers, groups);
  }

  /** The tier of a person: the override while it lasts, or else that of their groups. */
  tierOf(person: Person): AssignedTier | undefined {
    const override = overrideOf(this.tiers, person, this.clock.now());
    if (override) return override;
    let known = this.byGroups.get(person);
    if (!known) this.byGroups.set(person, (known = this.lookup(person.groups) ?? { tier: undefined }));
    return known.tier ? known : undefined;
  }

  /** @throws ApiError 403 that names the groups, for somebody who belongs to no tier */
  require(person: Person): AssignedTier {
    const assigned = this.tierOf(person);
    if (assigned) return assigned;
    const groups = person.groups.length > 0 ? person.groups.join(', ') : 'none';
    throw new ApiError('access_denied', {
      message: `You belong to no tier; the groups seen are: ${groups}. Ask your administrator to add one of them to a tier`,
    });
  }

  /** What `restore` needs. */
  keep(): readonly unknown[] {
    return this.tiers.map(({ groups, ...tier }) => KeptTier.parse({ ...tier, groups: [...groups] }));
  }

  /** @throws when these are not rows that were kept */
  restore(rows: readonly unknown[]): void {
    this.use(rows.map((row) => KeptTier.parse(row)));
  }

  private async refresh(): Promise<void> {
    this.use(await this.database.client.tier.findMany());
  }

  private use(rows: readonly z.infer<typeof KeptTier>[]): void {
    this.tiers = rows.map(rulesOf).sort(byPrecedence);
    this.byGroups = new WeakMap();
  }
}
