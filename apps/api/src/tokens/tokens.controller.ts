import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Query, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { ErrorBody } from '@maas/contracts/errors';
import { pageOf } from '@maas/contracts/paging';
import {
  CreatedToken,
  CreateToken,
  RevokeAllQuery,
  RevokeAllResult,
  Token,
  TokenConfig,
  TokenQuery,
} from '@maas/contracts/tokens';
import { Access } from '../auth/access.decorator.js';
import type { Caller } from '../auth/caller.js';
import { User } from '../auth/caller.decorator.js';
import { TokenListService } from './token-list.service.js';
import { TokensService } from './tokens.service.js';

@ApiTags('tokens')
@Controller(['maas-api/v1/tokens', 'v1/tokens'])
export class TokensController {
  constructor(
    @Inject(TokensService) private readonly tokens: TokensService,
    @Inject(TokenListService) private readonly known: TokenListService,
  ) {}

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
  @ApiOperation({ summary: 'List your tokens without their secrets, the newest first unless asked otherwise' })
  @ApiResponse({ status: 200, standardSchema: pageOf(Token, 'TokenPage') })
  list(@User() caller: Caller, @Query({ schema: TokenQuery }) query: TokenQuery) {
    return this.known.list(caller, query);
  }

  @Get('config')
  @Access('identity')
  @ApiOperation({ summary: 'Which lifetimes a new token can have' })
  @ApiResponse({ status: 200, standardSchema: TokenConfig })
  config(): TokenConfig {
    return this.tokens.formConfig();
  }

  @Get(':jti')
  @Access('identity')
  @ApiOperation({ summary: 'Read one of your tokens, without its secret' })
  @ApiResponse({ status: 200, standardSchema: Token })
  @ApiResponse({ status: 404, description: 'You have no such token.', standardSchema: ErrorBody })
  get(@User() caller: Caller, @Param('jti') jti: string): Promise<Token> {
    return this.known.getOwn(caller, jti);
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
  @ApiOperation({ summary: 'Revoke all your tokens; with dryRun, only count those that would be' })
  @ApiResponse({ status: 204, description: 'They are revoked.' })
  @ApiResponse({ status: 200, description: 'With dryRun: nothing was revoked.', standardSchema: RevokeAllResult })
  async revokeAll(
    @User() caller: Caller,
    @Query({ schema: RevokeAllQuery }) { dryRun }: RevokeAllQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RevokeAllResult | undefined> {
    const revoked = await this.tokens.revokeAllOwn(caller, dryRun);
    if (!dryRun) return undefined;
    void reply.status(200);
    return { revoked, dryRun };
  }
}
