import { Body, Controller, Get, HttpCode, Inject, Post, Req, Res, UseGuards } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Login, LoginResult, Setup } from '@maas/contracts/auth';
import { ErrorBody } from '@maas/contracts/errors';
import { Access } from './access.decorator.js';
import type { Caller } from './caller.js';
import { User } from './caller.decorator.js';
import { LocalGuard } from './local.guard.js';
import { SameOriginGuard } from './same-origin.guard.js';
import { SessionsService } from './sessions.service.js';
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
    @Inject(SessionsService) private readonly sessions: SessionsService,
  ) {}

  @Post('maas-api/v1/login')
  @Access('public')
  @Guessable()
  @UseGuards(LocalGuard)
  @HttpCode(200)
  @ApiOperation({ summary: 'Sign in with a local account', description: 'Gives an identity token.' })
  @ApiResponse({ status: 200, standardSchema: LoginResult })
  @ApiResponse({ status: 401, description: 'Wrong username or password.', standardSchema: ErrorBody })
  @ApiResponse({ status: 403, description: 'The account is suspended.', standardSchema: ErrorBody })
  @ApiResponse({ status: 429, description: 'Too many attempts.', standardSchema: ErrorBody })
  login(@User() principal: Caller, @Body({ schema: Login }) _credentials: Login): Promise<LoginResult> {
    return this.signIn.issue(principal);
  }

  @Post('maas-api/v1/setup')
  @Access('public')
  @Guessable()
  @UseGuards(SameOriginGuard)
  @HttpCode(201)
  @ApiOperation({
    summary: 'Create the first administrator with the one-time set-up link',
    description: 'Gives an identity token, and signs the browser in by a cookie.',
  })
  @ApiResponse({ status: 201, standardSchema: LoginResult })
  @ApiResponse({ status: 403, description: 'The link is used, too old, or not ours.', standardSchema: ErrorBody })
  async createFirstAdministrator(
    @Body({ schema: Setup }) body: Setup,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<LoginResult> {
    const { userId } = await this.setup.createAdministrator(body, { address: request.ip, requestId: request.id });
    await this.sessions.begin(request, reply, userId, 'local');
    return this.signIn.issue({ userId });
  }

  @Get('.well-known/jwks.json')
  @Access('public')
  @ApiOperation({ summary: 'The public keys that tokens are signed with' })
  jwks() {
    return this.signer.jwks();
  }
}
