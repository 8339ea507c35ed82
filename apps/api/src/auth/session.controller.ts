import {
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  Inject,
  Param,
  Post,
  Query,
  Req,
  Res,
  UseGuards,
} from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ChangePassword, Login } from '@maas/contracts/auth';
import { ErrorBody } from '@maas/contracts/errors';
import { PageQuery } from '@maas/contracts/paging';
import { CurrentSession, KubernetesSignIn, SessionPage, SignedOut, SignInOptions } from '@maas/contracts/sessions';
import { ApiError } from '../http/api-error.js';
import { CONFIG, type Config } from '../config.js';
import { originOf } from '../http/origin.js';
import { Access } from './access.decorator.js';
import type { Caller } from './caller.js';
import { User } from './caller.decorator.js';
import { KubernetesIdentityService } from './kubernetes-identity.service.js';
import { LocalGuard } from './local.guard.js';
import { OidcProvider } from './oidc-provider.service.js';
import { requireOwnPage } from './own-pages.js';
import { SameOriginGuard } from './same-origin.guard.js';
import { SessionStore } from './session-store.service.js';
import { SessionsService } from './sessions.service.js';
import { SignInOptionsService } from './sign-in-options.service.js';
import { SignInService } from './sign-in.service.js';
import { Guessable } from './throttle.guard.js';
import { UsersService } from './users.service.js';

/** How browsers sign in and out. Programs use tokens: `POST /maas-api/v1/login`. */
@ApiTags('sessions')
@Controller('maas-api/v1')
export class SessionController {
  constructor(
    @Inject(SessionsService) private readonly sessions: SessionsService,
    @Inject(SessionStore) private readonly store: SessionStore,
    @Inject(SignInOptionsService) private readonly options: SignInOptionsService,
    @Inject(SignInService) private readonly signIn: SignInService,
    @Inject(KubernetesIdentityService) private readonly kubernetes: KubernetesIdentityService,
    @Inject(OidcProvider) private readonly oidc: OidcProvider,
    @Inject(UsersService) private readonly users: UsersService,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Get('sign-in')
  @Access('public')
  @ApiOperation({ summary: 'How people can sign in here' })
  @ApiResponse({ status: 200, standardSchema: SignInOptions })
  readOptions(): SignInOptions {
    return this.options.read();
  }

  @Post('session')
  @Access('public')
  @Guessable()
  @UseGuards(SameOriginGuard, LocalGuard)
  @HttpCode(201)
  @ApiOperation({ summary: 'Sign a browser in with a local account', description: 'Sets a cookie.' })
  @ApiResponse({ status: 201, standardSchema: CurrentSession })
  @ApiResponse({ status: 401, description: 'Wrong username or password.', standardSchema: ErrorBody })
  @ApiResponse({
    status: 403,
    description: 'The account is suspended, or the page of another site asked.',
    standardSchema: ErrorBody,
  })
  @ApiResponse({ status: 429, description: 'Too many attempts.', standardSchema: ErrorBody })
  signInLocally(
    @User() principal: Caller,
    @Body({ schema: Login }) _credentials: Login,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<CurrentSession> {
    return this.sessions.begin(request, reply, principal.userId, 'local');
  }

  @Post('session/kubernetes')
  @Access('public')
  @Guessable('address')
  @UseGuards(SameOriginGuard)
  @HttpCode(201)
  @ApiOperation({ summary: 'Sign a browser in with a token of the cluster', description: 'Sets a cookie.' })
  @ApiResponse({ status: 201, standardSchema: CurrentSession })
  @ApiResponse({ status: 401, description: 'Not a token of the cluster.', standardSchema: ErrorBody })
  @ApiResponse({ status: 404, description: 'This way to sign in is not set up.', standardSchema: ErrorBody })
  async signInByKubernetes(
    @Body({ schema: KubernetesSignIn }) { token }: KubernetesSignIn,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<CurrentSession> {
    if (!this.kubernetes.enabled) {
      throw new ApiError('not_found', { message: 'Signing in with a Kubernetes token is not set up here' });
    }
    const identity = await this.kubernetes.identify(token, request.ip);
    const principal = identity && (await this.signIn.admit(identity));
    if (principal) return this.sessions.begin(request, reply, principal.userId, 'kubernetes');
    throw new ApiError('invalid_credentials', {
      message: 'The cluster does not know this token, or the account is suspended; get a new one, as with oc whoami -t',
    });
  }

  @Get('session')
  @Access('identity')
  @ApiOperation({ summary: 'The session of this browser' })
  @ApiResponse({ status: 200, standardSchema: CurrentSession })
  @ApiResponse({ status: 404, description: 'A token was shown: there is no session.', standardSchema: ErrorBody })
  read(@User() caller: Caller): CurrentSession {
    const session = sessionOf(caller);
    if (session) return this.sessions.current(session);
    throw new ApiError('not_found', { message: 'A token says who you are; there is no session of a browser' });
  }

  @Delete('session')
  @Access('public')
  @HttpCode(204)
  @ApiOperation({ summary: 'Sign this browser out', description: 'Also where it is not signed in.' })
  @ApiResponse({ status: 200, description: 'Signed out here, and not at the provider.', standardSchema: SignedOut })
  @ApiResponse({ status: 204, description: 'Signed out.' })
  @ApiResponse({ status: 403, description: 'The page of another site asked.', standardSchema: ErrorBody })
  async signOut(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SignedOut | undefined> {
    const session = await this.sessions.of(request);
    if (!session) return undefined;
    const origin = originOf(this.config, request);
    requireOwnPage(request.headers, origin);
    await this.sessions.end(request, reply);
    const logoutUrl = session.kind === 'oidc' ? await this.oidc.endSessionUrl(`${origin}/sign-in`) : undefined;
    if (logoutUrl === undefined) return undefined;
    void reply.status(200);
    return { logoutUrl };
  }

  @Get('sessions')
  @Access('identity')
  @ApiOperation({ summary: 'The browsers in which you are signed in, the newest first' })
  @ApiResponse({ status: 200, standardSchema: SessionPage })
  list(@User() caller: Caller, @Query({ schema: PageQuery }) query: PageQuery): Promise<SessionPage> {
    return this.sessions.list(caller.userId, query, sessionOf(caller)?.id);
  }

  @Delete('sessions/:id')
  @Access('identity')
  @HttpCode(204)
  @ApiOperation({ summary: 'Sign one of your browsers out' })
  @ApiResponse({ status: 404, description: 'You have no such session.', standardSchema: ErrorBody })
  async endOne(
    @User() caller: Caller,
    @Param('id') id: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    await this.store.endOne(caller.userId, id);
    if (sessionOf(caller)?.id === id) this.sessions.forget(request, reply);
  }

  @Delete('sessions')
  @Access('identity')
  @HttpCode(204)
  @ApiOperation({ summary: 'Sign out everywhere', description: 'Ends all your browsers and identity tokens.' })
  async endAll(
    @User() caller: Caller,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    await this.users.signOutEverywhere(caller, caller.userId);
    if (sessionOf(caller)) this.sessions.forget(request, reply);
  }

  @Post('me/password')
  @Access('identity')
  @Guessable('address')
  @HttpCode(204)
  @ApiOperation({
    summary: 'Change your own password',
    description: 'For local accounts. Ends every sign-in but the browser that asks.',
  })
  @ApiResponse({ status: 400, description: 'The current password is another one.', standardSchema: ErrorBody })
  async changePassword(
    @User() caller: Caller,
    @Body({ schema: ChangePassword }) body: ChangePassword,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    await this.users.changePassword(caller, caller.userId, body);
    if (sessionOf(caller)) await this.sessions.begin(request, reply, caller.userId, 'local');
  }

  @Delete('admin/users/:id/sessions')
  @Access('admin')
  @HttpCode(204)
  @ApiOperation({ summary: 'Sign a user out everywhere', description: 'Ends their browsers and identity tokens.' })
  @ApiResponse({ status: 404, description: 'There is no such user.', standardSchema: ErrorBody })
  async endAllOf(@User() caller: Caller, @Param('id') id: string): Promise<void> {
    await this.users.signOutEverywhere(caller, id);
  }
}

function sessionOf({ credential }: Caller) {
  return credential.kind === 'identity' ? credential.session : undefined;
}
