import { type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AuthGuard as PassportGuard } from '@nestjs/passport';
import type { FastifyRequest } from 'fastify';
import { ChangeFeedService } from '../database/change-feed.service.js';
import { ApiError } from '../http/api-error.js';
import { AccessReviews } from './access-reviews.service.js';
import { POLICY, type Policy } from './access.decorator.js';
import type { Caller, Principal } from './caller.js';
import { UserDirectory } from './user-directory.service.js';

/** The passport strategies that a credential is shown to: those for bearer tokens, the cheapest first, then the cookie's. */
const STRATEGIES = ['access-token', 'identity-token', 'oidc-token', 'kubernetes', 'session'];

/** Guards every route of the control plane. A route that declares no policy is refused to everybody. */
@Injectable()
export class AuthGuard extends PassportGuard(STRATEGIES) {
  constructor(
    @Inject(Reflector) private readonly reflector: Reflector,
    @Inject(ChangeFeedService) private readonly feed: ChangeFeedService,
    @Inject(UserDirectory) private readonly directory: UserDirectory,
    @Inject(AccessReviews) private readonly reviews: AccessReviews,
  ) {
    super();
  }

  override async canActivate(context: ExecutionContext): Promise<boolean> {
    const policy = this.policyOf(context);
    if (policy === 'public') return true;
    this.feed.requireUsable();
    await super.canActivate(context);
    const request = context.switchToHttp().getRequest<FastifyRequest & { user: Principal | Caller }>();
    const caller: Caller = { ...request.user, address: request.ip, requestId: request.id };
    request.user = caller;
    if (policy === undefined) throw new ApiError('access_denied', { message: 'This route is not open to anybody' });
    if (policy !== 'token' && caller.credential.kind !== 'identity') {
      throw new ApiError('access_denied', {
        message:
          'An access token is not enough here: use your identity token, the one that access tokens are requested with',
      });
    }
    if (policy === 'admin' && !(await this.isAdministrator(caller))) {
      throw new ApiError('access_denied', {
        message: 'Administrators only: your account does not have the role admin',
      });
    }
    return true;
  }

  override handleRequest<Result = Principal>(error: unknown, principal: Result | false | null | undefined): Result {
    if (error) throw error;
    if (principal) return principal;
    throw new ApiError('invalid_api_key');
  }

  /** A browser stays signed in for hours: where the cluster says who is an administrator, it is asked each time. */
  private async isAdministrator({ userId, role, credential }: Caller): Promise<boolean> {
    if (role !== 'admin') return false;
    const person = this.directory.find(userId);
    const isBrowser = credential.kind === 'identity' && credential.session !== undefined;
    if (!person || !isBrowser || !this.reviews.decidesRoleOf(person)) return true;
    return (await this.reviews.roleOf(person)) === 'admin';
  }

  private policyOf(context: ExecutionContext): Policy | undefined {
    return this.reflector.getAllAndOverride<Policy | undefined>(POLICY, [context.getHandler(), context.getClass()]);
  }
}
