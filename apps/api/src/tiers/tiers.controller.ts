import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Patch, Post, Put, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { ErrorBody } from '@maas/contracts/errors';
import { pageOf, PageQuery } from '@maas/contracts/paging';
import { OrderTiers, TierOrder } from '@maas/contracts/tier-insight';
import { CreateTier, Tier, TierLookup, TierLookupResult, UpdateTier } from '@maas/contracts/tiers';
import { Access } from '../auth/access.decorator.js';
import type { Caller } from '../auth/caller.js';
import { User } from '../auth/caller.decorator.js';
import { ApiError } from '../http/api-error.js';
import { TierDirectory } from './tier-directory.service.js';
import { TiersService } from './tiers.service.js';

@ApiTags('tiers')
@Controller('maas-api/v1')
export class TiersController {
  constructor(
    @Inject(TiersService) private readonly tiers: TiersService,
    @Inject(TierDirectory) private readonly directory: TierDirectory,
  ) {}

  @Post('tiers/lookup')
  @Access('identity')
  @HttpCode(200)
  @ApiOperation({ summary: 'The tier that somebody in these groups would have' })
  @ApiResponse({ status: 200, standardSchema: TierLookupResult })
  @ApiResponse({ status: 404, description: 'No tier holds one of the groups.', standardSchema: ErrorBody })
  lookup(@Body({ schema: TierLookup }) { groups }: TierLookup): TierLookupResult {
    const found = this.directory.lookup(groups);
    if (found) return { tier: found.tier.name, displayName: found.tier.displayName };
    throw new ApiError('not_found', {
      message: `No tier holds any of these groups: ${groups.slice(0, 20).join(', ')}`,
    });
  }

  @Get('admin/tiers')
  @Access('admin')
  @ApiOperation({ summary: 'List the tiers, by name' })
  @ApiResponse({ status: 200, standardSchema: pageOf(Tier, 'TierPage') })
  list(@Query({ schema: PageQuery }) query: PageQuery) {
    return this.tiers.list(query);
  }

  @Get('admin/tiers/:name')
  @Access('admin')
  @ApiOperation({ summary: 'Read a tier' })
  @ApiResponse({ status: 200, standardSchema: Tier })
  get(@Param('name') name: string): Promise<Tier> {
    return this.tiers.get(name);
  }

  @Post('admin/tiers')
  @Access('admin')
  @ApiOperation({ summary: 'Create a tier' })
  @ApiResponse({ status: 201, standardSchema: Tier })
  @ApiResponse({ status: 409, description: 'The name is taken.', standardSchema: ErrorBody })
  create(@User() caller: Caller, @Body({ schema: CreateTier }) body: CreateTier): Promise<Tier> {
    return this.tiers.create(caller, body);
  }

  @Put('admin/tiers/order')
  @Access('admin')
  @ApiOperation({ summary: 'Put all tiers into an order, in one change: the one that wins first' })
  @ApiResponse({ status: 200, standardSchema: TierOrder })
  @ApiResponse({
    status: 409,
    description: 'Tiers were made, deleted or changed meanwhile.',
    standardSchema: ErrorBody,
  })
  async order(@User() caller: Caller, @Body({ schema: OrderTiers }) body: OrderTiers): Promise<TierOrder> {
    return { object: 'list', data: await this.tiers.order(caller, body) };
  }

  @Patch('admin/tiers/:name')
  @Access('admin')
  @ApiOperation({ summary: 'Change a tier; acts on the next request' })
  @ApiResponse({ status: 200, standardSchema: Tier })
  @ApiResponse({ status: 409, description: 'Somebody else changed it meanwhile.', standardSchema: ErrorBody })
  update(
    @User() caller: Caller,
    @Param('name') name: string,
    @Body({ schema: UpdateTier }) body: UpdateTier,
  ): Promise<Tier> {
    return this.tiers.update(caller, name, body);
  }

  @Delete('admin/tiers/:name')
  @Access('admin')
  @HttpCode(204)
  @ApiOperation({ summary: 'Delete a tier' })
  @ApiResponse({ status: 204 })
  remove(@User() caller: Caller, @Param('name') name: string): Promise<void> {
    return this.tiers.remove(caller, name);
  }
}
