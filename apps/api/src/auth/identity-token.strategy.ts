import { Inject, Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import type { FastifyRequest } from 'fastify';
import { Strategy } from 'passport-custom';
import { tokenOf } from './bearer.js';
import type { Principal } from './caller.js';
import { SignInService } from './sign-in.service.js';

/** Accepts the identity tokens that a local sign-in gives. */
@Injectable()
export class IdentityTokenStrategy extends PassportStrategy(Strategy, 'identity-token') {
  constructor(@Inject(SignInService) private readonly signIn: SignInService) {
    super();
  }

  async validate(request: FastifyRequest): Promise<Principal | false> {
    const token = tokenOf(request.headers);
    return (token !== undefined && (await this.signIn.verify(token))) || false;
  }
}
