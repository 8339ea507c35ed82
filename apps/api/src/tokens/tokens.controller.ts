import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { ErrorBody } from '@maas/contracts/errors';
import { pageOf, PageQuery } from '@maas/contracts/paging';
import { CreatedToken, CreateToken, Token } from '@maas/contracts/tokens';
import { Access } from '../auth/access.decorator.js';
import type { Caller } from '../auth/caller.js';
import { User } from '../auth/caller.decorator.js';
import { TokensService } from './tokens.service.js';

@ApiTags('tokens')
@Controller(['maas-api/v1/tokens', 'v1/tokens'])
export class TokensController {
  constructor(@Inject(TokensService) private readonly tokens: TokensService) {}

  @Post()
  @Access('identity')
  @ApiOperation({ summary: 'Exchange your identity for an access token' })
  @ApiResponse({ status: 201, standardSchema: CreatedToken })
  @ApiResponse({ status: 400, description: 'The lifetime is not acceptable.', standardSchema: ErrorBody })
  mint(@User() caller: Caller, @Body({ schema: CreateToken }) body: CreateToken) {
    return this.tokens.mint(caller, body);
  }

  @Get()
  @Access('identity')
  @ApiOperation({ summary: 'List your tokens, the newest first, without their secrets' })
  @ApiResponse({ status: 200, standardSchema: pageOf(Token, 'TokenPage') })
  list(@User() caller: Caller, @Query({ schema: PageQuery }) query: PageQuery) {
    return this.tokens.list(caller, query);
  }

  @Delete(':jti')
  @Access('token')
  @HttpCode(204)
  @ApiOperation({ summary: 'Revoke one of your tokens; an access token may revoke itself' })
  @ApiResponse({ status: 204 })
  @ApiResponse({ status: 404, description: 'You have no such token.', standardSchema: ErrorBody })
  revoke(@User() caller: Caller, @Param('jti') jti: string) {
    return this.tokens.revokeOwn(caller, jti);
  }

  @Delete()
  @Access('identity')
  @HttpCode(204)
  @ApiOperation({ summary: 'Revoke all your tokens' })
  @ApiResponse({ status: 204 })
  revokeAll(@User() caller: Caller) {
    return this.tokens.revokeAllOwn(caller);
  }
}
