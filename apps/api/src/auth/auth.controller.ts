import { Body, Controller, Get, HttpCode, Inject, Post, Query, Req, UseGuards } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { AuditQuery, AuditEntry, Login, LoginResult, Setup } from '@maas/contracts/auth';
import { ErrorBody } from '@maas/contracts/errors';
import { pageOf } from '@maas/contracts/paging';
import { Access } from './access.decorator.js';
import { AuditService } from './audit.service.js';
import type { Caller } from './caller.js';
import { User } from './caller.decorator.js';
import { LocalGuard } from './local.guard.js';
import { SetupService } from './setup.service.js';
import { SignInService } from './sign-in.service.js';
import { Guessable } from './throttle.guard.js';
import { TokenSignerService } from './token-signer.service.js';

@ApiTags('auth')
@Controller()
export class AuthController {
  constructor(
    @Inject(SignInService) private readonly signIn: SignInService,
    @Inject(SetupService) private readonly setup: SetupService,
    @Inject(TokenSignerService) private readonly signer: TokenSignerService,
    @Inject(AuditService) private readonly audit: AuditService,
  ) {}

  @Post('maas-api/v1/login')
  @Access('public')
  @Guessable()
  @UseGuards(LocalGuard)
  @HttpCode(200)
  @ApiOperation({ summary: 'Sign in with a local account', description: 'Gives an identity token.' })
  @ApiResponse({ status: 200, standardSchema: LoginResult })
  @ApiResponse({ status: 401, description: 'Wrong username or password.', standardSchema: ErrorBody })
  @ApiResponse({ status: 429, description: 'Too many attempts.', standardSchema: ErrorBody })
  login(@User() principal: Caller, @Body({ schema: Login }) _credentials: Login): Promise<LoginResult> {
    return this.signIn.issue(principal);
  }

  @Post('maas-api/v1/setup')
  @Access('public')
  @Guessable()
  @HttpCode(201)
  @ApiOperation({ summary: 'Create the first administrator with the one-time set-up link' })
  @ApiResponse({ status: 201, standardSchema: LoginResult })
  @ApiResponse({ status: 403, description: 'The link is used, too old, or not ours.', standardSchema: ErrorBody })
  createFirstAdministrator(@Body({ schema: Setup }) body: Setup, @Req() request: FastifyRequest): Promise<LoginResult> {
    return this.setup.createAdministrator(body, { address: request.ip, requestId: request.id });
  }

  @Get('.well-known/jwks.json')
  @Access('public')
  @ApiOperation({ summary: 'The public keys that tokens are signed with' })
  jwks() {
    return this.signer.jwks();
  }

  @Get('maas-api/v1/admin/audit')
  @Access('admin')
  @ApiOperation({ summary: 'Who changed what, the newest first' })
  @ApiResponse({ status: 200, standardSchema: pageOf(AuditEntry, 'AuditPage') })
  listAudit(@Query({ schema: AuditQuery }) query: AuditQuery) {
    return this.audit.list(query);
  }
}
