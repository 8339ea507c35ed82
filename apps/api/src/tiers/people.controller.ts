import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { CreateUser, Me, UpdateUser, User as ShownUser, UserQuery } from '@maas/contracts/auth';
import { type LimitState, OwnLimits } from '@maas/contracts/tiers';
import { ErrorBody } from '@maas/contracts/errors';
import { pageOf } from '@maas/contracts/paging';
import type { Prisma, User as UserRow } from '@maas/database/client';
import { Access } from '../auth/access.decorator.js';
import type { Caller } from '../auth/caller.js';
import { User } from '../auth/caller.decorator.js';
import { type Person, toPerson, UserDirectory } from '../auth/user-directory.service.js';
import { UserListService } from '../auth/user-list.service.js';
import { UsersService } from '../auth/users.service.js';
import { ApiError } from '../http/api-error.js';
import { Clock } from '../http/clock.js';
import { Limiter } from './limiter.service.js';
import type { LimitStanding } from './limits.js';
import { peopleOfTier } from './people-filter.js';
import { TierDirectory } from './tier-directory.service.js';

/** People together with their tier: the person is auth's, the tier and what is left of its limits are ours. */
@ApiTags('people')
@Controller('maas-api/v1')
export class PeopleController {
  constructor(
    @Inject(UsersService) private readonly users: UsersService,
    @Inject(UserListService) private readonly everybody: UserListService,
    @Inject(UserDirectory) private readonly directory: UserDirectory,
    @Inject(TierDirectory) private readonly tiers: TierDirectory,
    @Inject(Limiter) private readonly limiter: Limiter,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  @Get('me')
  @Access('identity')
  @ApiOperation({ summary: 'Who you are, your tier and why, and what is left of its limits' })
  @ApiResponse({ status: 200, standardSchema: Me })
  async me(@User() caller: Caller): Promise<Me> {
    const person = this.directory.find(caller.userId);
    if (!person) throw new ApiError('invalid_api_key');
    const assigned = this.tiers.tierOf(person);
    const standing = assigned && (await this.limiter.standing(person.id, assigned.tier));
    const { id, username, email, provider, role } = person;
    return {
      id,
      username,
      email,
      provider,
      role,
      groups: [...person.groups],
      tier: assigned?.assignment ?? null,
      limits: standing ? { requests: shownLimit(standing.requests), tokens: shownLimit(standing.tokens) } : null,
    };
  }

  @Get('me/limits')
  @Access('identity')
  @ApiOperation({ summary: 'What your tier grants, and what is left of it' })
  @ApiResponse({ status: 200, standardSchema: OwnLimits })
  async limits(@User() caller: Caller): Promise<OwnLimits> {
    const person = this.directory.find(caller.userId);
    if (!person) throw new ApiError('invalid_api_key');
    const tier = this.tiers.tierOf(person)?.tier;
    const standing = tier && (await this.limiter.standing(person.id, tier));
    return {
      object: 'limits',
      tier: tier?.name ?? null,
      requestsPerMinute: tier?.requestsPerMinute ?? null,
      tokensPerMinute: tier?.tokensPerMinute ?? null,
      maxTokensPerRequest: tier?.maxTokensPerRequest ?? null,
      maxConcurrentRequests: tier?.maxConcurrentRequests ?? null,
      requests: standing ? shownLimit(standing.requests) : null,
      tokens: standing ? shownLimit(standing.tokens) : null,
    };
  }

  @Get('admin/users')
  @Access('admin')
  @ApiOperation({ summary: 'List the users, with their effective tier and why' })
  @ApiResponse({ status: 200, standardSchema: pageOf(ShownUser, 'UserPage') })
  async list(@Query({ schema: UserQuery }) query: UserQuery) {
    const { tier, ...rest } = query;
    const found = await this.everybody.list(rest, tier === undefined ? {} : this.whereTier(tier));
    return { ...found, data: found.data.map((row) => this.shown(row)) };
  }

  @Get('admin/users/:id')
  @Access('admin')
  @ApiOperation({ summary: 'Read a user' })
  @ApiResponse({ status: 200, standardSchema: ShownUser })
  async get(@Param('id') id: string): Promise<ShownUser> {
    return this.shown(await this.users.get(id));
  }

  @Post('admin/users')
  @Access('admin')
  @ApiOperation({ summary: 'Create a local account' })
  @ApiResponse({ status: 201, standardSchema: ShownUser })
  @ApiResponse({ status: 409, description: 'The username is taken.', standardSchema: ErrorBody })
  async create(@User() caller: Caller, @Body({ schema: CreateUser }) body: CreateUser): Promise<ShownUser> {
    return this.shown(await this.users.create(caller, body));
  }

  @Patch('admin/users/:id')
  @Access('admin')
  @ApiOperation({
    summary: 'Change a user: override the tier, suspend; for local accounts also role, groups, password',
  })
  @ApiResponse({ status: 200, standardSchema: ShownUser })
  @ApiResponse({ status: 409, description: 'They are the last administrator.', standardSchema: ErrorBody })
  async update(
    @User() caller: Caller,
    @Param('id') id: string,
    @Body({ schema: UpdateUser }) body: UpdateUser,
  ): Promise<ShownUser> {
    return this.shown(await this.users.update(caller, id, body));
  }

  @Delete('admin/users/:id')
  @Access('admin')
  @HttpCode(204)
  @ApiOperation({
    summary: 'Delete a user and their tokens',
    description:
      'Their usage and audit entries stay. Who is still known to an identity provider comes back at the next sign-in: to keep them out, suspend them.',
  })
  @ApiResponse({ status: 204 })
  @ApiResponse({ status: 409, description: 'You, or the last administrator.', standardSchema: ErrorBody })
  remove(@User() caller: Caller, @Param('id') id: string): Promise<void> {
    return this.users.remove(caller, id);
  }

  private whereTier(name: string): Prisma.UserWhereInput {
    const { all } = this.tiers;
    if (name === '' || all.some((tier) => tier.name === name)) return peopleOfTier(all, name, this.clock.now());
    throw new ApiError('invalid_request', {
      message: `There is no tier named ${name}; leave it empty for the users without a tier`,
      param: 'tier',
    });
  }

  private shown(row: UserRow): ShownUser {
    const person: Person = toPerson(row);
    const { id, username, email, provider, role, groups, tierOverride } = row;
    return {
      object: 'user',
      id,
      username,
      email,
      provider,
      role,
      groups,
      tier: this.tiers.tierOf(person)?.assignment ?? null,
      tierOverride,
      tierOverrideExpiresAt: row.tierOverrideExpiresAt?.toISOString() ?? null,
      suspendedAt: row.suspendedAt?.toISOString() ?? null,
      createdAt: row.createdAt.toISOString(),
      lastSeenAt: row.lastSeenAt.toISOString(),
    };
  }
}

function shownLimit({ limit, remaining, resetMs }: LimitStanding): LimitState {
  return { limit, remaining, resetSeconds: Math.ceil(resetMs) / 1000 };
}
