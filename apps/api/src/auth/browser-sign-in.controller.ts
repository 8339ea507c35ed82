import { Controller, Get, Inject, Query, Req, Res, UseFilters } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Access } from './access.decorator.js';
import { BrowserSignIn } from './browser-sign-in.service.js';
import { SignInFilter } from './sign-in.filter.js';
import { Guessable } from './throttle.guard.js';

/** Where browsers go to sign in by way of an identity provider, and where they come back. They are never shown JSON. */
@ApiExcludeController()
@Controller('auth')
@Access('public')
@UseFilters(SignInFilter)
export class BrowserSignInController {
  constructor(@Inject(BrowserSignIn) private readonly signIn: BrowserSignIn) {}

  @Get('oidc/start')
  startOidc(@Req() request: FastifyRequest, @Res() reply: FastifyReply, @Query('returnTo') returnTo: unknown) {
    return this.signIn.start('oidc', request, reply, returnTo);
  }

  @Get('oidc/callback')
  @Guessable('address')
  finishOidc(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    return this.signIn.finish('oidc', request, reply);
  }

  @Get('openshift/start')
  startOpenShift(@Req() request: FastifyRequest, @Res() reply: FastifyReply, @Query('returnTo') returnTo: unknown) {
    return this.signIn.start('openshift', request, reply, returnTo);
  }

  @Get('openshift/callback')
  @Guessable('address')
  finishOpenShift(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    return this.signIn.finish('openshift', request, reply);
  }
}
