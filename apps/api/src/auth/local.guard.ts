import { Injectable } from '@nestjs/common';
import { AuthGuard, PassportStrategy } from '@nestjs/passport';
import type { FastifyRequest } from 'fastify';
import { Strategy } from 'passport-custom';
import { Inject } from '@nestjs/common';
import { Login } from '@maas/contracts/auth';
import { ApiError } from '../http/api-error.js';
import { validated } from '../http/schema.pipe.js';
import type { Principal } from './caller.js';
import { SignInService } from './sign-in.service.js';

/** Checks the username and password in the body of a sign-in. */
@Injectable()
export class LocalStrategy extends PassportStrategy(Strategy, 'local') {
  constructor(@Inject(SignInService) private readonly signIn: SignInService) {
    super();
  }

  async validate(request: FastifyRequest): Promise<Principal | false> {
    return (await this.signIn.check(await validated(Login, request.body))) ?? false;
  }
}

/** Lets a sign-in pass whose username and password are right. */
@Injectable()
export class LocalGuard extends AuthGuard('local') {
  override handleRequest<Result = Principal>(error: unknown, principal: Result | false | null | undefined): Result {
    if (error) throw error;
    if (principal) return principal;
    throw new ApiError('invalid_credentials');
  }
}
