import { Inject, Injectable } from '@nestjs/common';
import type { ExplainTier, PreviewTier, TierExplanation, TierPreview } from '@maas/contracts/tier-insight';
import { UUID } from '../database/cursor.js';
import { DatabaseService } from '../database/database.service.js';
import { defined } from '../database/defined.js';
import { ApiError } from '../http/api-error.js';
import { Clock } from '../http/clock.js';
import { byPrecedence, rulesOf } from './assignment.js';
import { explain, preview } from './tier-insight.js';
import { TierDirectory } from './tier-directory.service.js';

const decisive = { username: true, groups: true, tierOverride: true, tierOverrideExpiresAt: true } as const;

/** Says which tier somebody has and why, and what a change of a tier would do, without doing it. */
@Injectable()
export class TierInsight {
  constructor(
    @Inject(DatabaseService) private readonly database: DatabaseService,
    @Inject(TierDirectory) private readonly directory: TierDirectory,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /** @throws ApiError 404 when there is no such user; 400 when several have that username */
  async explain({ userId, username, groups }: ExplainTier): Promise<TierExplanation> {
    if (groups) {
      const person = { groups, tierOverride: null, tierOverrideExpiresAt: null };
      return { object: 'tier_explanation', user: null, ...explain(this.directory.all, person, this.clock.now()) };
    }
    const { id, ...row } = await this.find(userId, username);
    const person = { ...row, tierOverrideExpiresAt: row.tierOverrideExpiresAt?.getTime() ?? null };
    return {
      object: 'tier_explanation',
      user: { id, username: row.username },
      ...explain(this.directory.all, person, this.clock.now()),
    };
  }

  /** @throws ApiError 404 when there is no such tier */
  async preview(name: string, { version: _version, delete: isDeleted, ...wish }: PreviewTier): Promise<TierPreview> {
    const [rows, users] = await Promise.all([
      this.database.client.tier.findMany(),
      this.database.client.user.findMany({ select: decisive }),
    ]);
    const row = rows.find((tier) => tier.name === name);
    if (!row) throw new ApiError('not_found', { message: 'There is no such tier' });
    const others = rows.filter((tier) => tier !== row).map(rulesOf);
    const changed = isDeleted ? [] : [rulesOf({ ...row, ...defined(wish) })];
    const before = [...others, rulesOf(row)].sort(byPrecedence);
    const after = [...others, ...changed].sort(byPrecedence);
    const people = users.map((user) => ({
      ...user,
      tierOverrideExpiresAt: user.tierOverrideExpiresAt?.getTime() ?? null,
    }));
    const found = preview({ name, before, after }, people, this.clock.now());
    return { object: 'tier_preview', ...found, version: row.version };
  }

  private async find(userId: string | undefined, username: string | undefined) {
    const rows = await this.database.client.user.findMany({
      where: userId === undefined ? { username: username ?? '' } : { id: UUID.test(userId) ? userId : { in: [] } },
      select: { id: true, ...decisive },
      take: 2,
    });
    const [row, another] = rows;
    if (another) {
      throw new ApiError('invalid_request', {
        message: `Several accounts of different identity providers are named ${username}; ask by userId`,
        param: 'username',
      });
    }
    if (row) return row;
    throw new ApiError('not_found', { message: 'There is no such user' });
  }
}
