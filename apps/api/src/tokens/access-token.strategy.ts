import { Inject, Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import type { FastifyRequest } from 'fastify';
import { Strategy } from 'passport-custom';
import { tokenOf } from '../auth/bearer.js';
import type { Principal } from '../auth/caller.js';
import { TokenVerifier } from './token-verifier.service.js';

/** Accepts access tokens on the few routes of the control plane that are open to them. */
@Injectable()
export class AccessTokenStrategy extends PassportStrategy(Strategy, 'access-token') {
  constructor(@Inject(TokenVerifier) private readonly verifier: TokenVerifier) {
    super();
  }

  async validate(request: FastifyRequest): Promise<Principal | false> {
    const token = tokenOf(request.headers);
    if (token === undefined || !this.verifier.claims(token)) return false;
    const { jti, person } = await this.verifier.verify(token);
    const { id, username, role } = person;
    return { userId: id, username, role, credential: { kind: 'access', jti } };
  }
}
