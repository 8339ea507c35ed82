import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { pageOf } from '@maas/contracts/paging';
import { AdminRequestQuery, AdminRequestRow, RequestQuery, RequestRow } from '@maas/contracts/requests';
import { Access } from '../auth/access.decorator.js';
import type { Caller } from '../auth/caller.js';
import { User } from '../auth/caller.decorator.js';
import { RequestsService } from './requests.service.js';

@ApiTags('usage')
@Controller('maas-api/v1')
export class RequestsController {
  constructor(@Inject(RequestsService) private readonly requests: RequestsService) {}

  @Get('usage/requests')
  @Access('identity')
  @ApiOperation({ summary: 'Your own requests, the newest first, without what was asked and answered' })
  @ApiResponse({ status: 200, standardSchema: pageOf(RequestRow, 'RequestPage') })
  own(@User() caller: Caller, @Query({ schema: RequestQuery }) query: RequestQuery) {
    return this.requests.listOwn(caller.userId, query);
  }

  @Get('admin/usage/requests')
  @Access('admin')
  @ApiOperation({ summary: 'Everybody’s requests, the newest first, without what was asked and answered' })
  @ApiResponse({ status: 200, standardSchema: pageOf(AdminRequestRow, 'AdminRequestPage') })
  all(@Query({ schema: AdminRequestQuery }) query: AdminRequestQuery) {
    return this.requests.list(query);
  }
}
