import { Controller, Delete, Get, HttpCode, Inject, Param, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { ErrorBody } from '@maas/contracts/errors';
import { pageOf } from '@maas/contracts/paging';
import { AdminToken, AdminTokenQuery, RevokeAllQuery, RevokeAllResult } from '@maas/contracts/tokens';
import { Access } from '../auth/access.decorator.js';
import type { Caller } from '../auth/caller.js';
import { User } from '../auth/caller.decorator.js';
import { TokenListService } from './token-list.service.js';
import { TokensService } from './tokens.service.js';

@ApiTags('admin')
@Controller('maas-api/v1/admin')
@Access('admin')
export class AdminTokensController {
  constructor(
    @Inject(TokensService) private readonly tokens: TokensService,
    @Inject(TokenListService) private readonly known: TokenListService,
  ) {}

  @Get('tokens')
  @ApiOperation({ summary: 'Everybody’s tokens, the newest first unless asked otherwise' })
  @ApiResponse({ status: 200, standardSchema: pageOf(AdminToken, 'AdminTokenPage') })
  list(@Query({ schema: AdminTokenQuery }) query: AdminTokenQuery) {
    return this.known.search(query);
  }

  @Get('tokens/:jti')
  @ApiOperation({ summary: 'Read anybody’s token, without its secret' })
  @ApiResponse({ status: 200, standardSchema: AdminToken })
  @ApiResponse({ status: 404, description: 'There is no such token.', standardSchema: ErrorBody })
  get(@Param('jti') jti: string): Promise<AdminToken> {
    return this.known.get(jti);
  }

  @Delete('tokens/:jti')
  @HttpCode(204)
  @ApiOperation({ summary: 'Revoke anybody’s token' })
  @ApiResponse({ status: 204 })
  @ApiResponse({ status: 404, description: 'There is no such token.', standardSchema: ErrorBody })
  revoke(@User() caller: Caller, @Param('jti') jti: string) {
    return this.tokens.revoke(caller, { jti });
  }

  @Delete('users/:id/tokens')
  @HttpCode(200)
  @ApiOperation({ summary: 'Revoke all tokens of a user; with dryRun, only count them' })
  @ApiResponse({ status: 200, standardSchema: RevokeAllResult })
  async revokeAll(
    @User() caller: Caller,
    @Param('id') id: string,
    @Query({ schema: RevokeAllQuery }) { dryRun }: RevokeAllQuery,
  ): Promise<RevokeAllResult> {
    return { revoked: await this.tokens.revokeAllOf(caller, id, dryRun), dryRun };
  }
}
