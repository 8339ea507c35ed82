import { Inject, Injectable } from '@nestjs/common';
import type {
  ExplainTier,
  PreviewTier,
  PreviewTiers,
  TierExplanation,
  TierPreview,
} from '@maas/contracts/tier-insight';
import { UUID } from '../database/cursor.js';
import { DatabaseService } from '../database/database.service.js';
import { defined } from '../database/defined.js';
import { ApiError } from '../http/api-error.js';
import { Clock } from '../http/clock.js';
import { byPrecedence, rulesOf } from './assignment.js';
import { explain, preview, type ThoughtOfChange } from './tier-insight.js';
import { TierDirectory } from './tier-directory.service.js';
import { levelsInOrder } from './tier-order.js';

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
    const rows = await this.database.client.tier.findMany();
    const row = rows.find((tier) => tier.name === name);
    if (!row) throw new ApiError('not_found', { message: 'There is no such tier' });
    const others = rows.filter((tier) => tier !== row).map(rulesOf);
    const changed = isDeleted ? [] : [rulesOf({ ...row, ...defined(wish) })];
    const before = [...others, rulesOf(row)].sort(byPrecedence);
    const after = [...others, ...changed].sort(byPrecedence);
    return { ...(await this.effect({ name, before, after })), version: row.version };
  }

  /**
   * The same for a new tier, or for another order of all of them.
   * @throws ApiError 409 when the name is taken, or the order does not name each tier that there is
   */
  async previewAll({ create, order }: PreviewTiers): Promise<TierPreview> {
    const rows = await this.database.client.tier.findMany();
    const before = rows.map(rulesOf).sort(byPrecedence);
    if (create) {
      if (before.some(({ name }) => name === create.name)) {
        throw new ApiError('conflict', { message: 'There is a tier of that name already', param: 'name' });
      }
      const after = [...before, rulesOf(create)].sort(byPrecedence);
      return { ...(await this.effect({ name: create.name, before, after })), version: null };
    }
    const inOrder = (order ?? []).flatMap((name) => rows.find((row) => row.name === name) ?? []);
    if (inOrder.length !== rows.length || inOrder.length !== order?.length) {
      throw new ApiError('conflict', { message: 'The tiers are others by now; read them again', param: 'order' });
    }
    const levels = levelsInOrder(inOrder.map(({ level }) => level));
    const after = inOrder
      .map((row, index) => rulesOf({ ...row, level: levels[index] ?? row.level }))
      .sort(byPrecedence);
    return { ...(await this.effect({ name: null, before, after })), version: null };
  }

  private async effect(thought: ThoughtOfChange): Promise<Omit<TierPreview, 'version'>> {
    const users = await this.database.client.user.findMany({ select: decisive });
    const people = users.map((user) => ({
      ...user,
      tierOverrideExpiresAt: user.tierOverrideExpiresAt?.getTime() ?? null,
    }));
    return { object: 'tier_preview', ...preview(thought, people, this.clock.now()) };
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
