import { Inject, Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import type { FastifyRequest } from 'fastify';
import { Strategy } from 'passport-custom';
import { tokenOf } from './bearer.js';
import type { Principal } from './caller.js';
import { OidcTokens } from './oidc-tokens.service.js';
import { SignInService } from './sign-in.service.js';

/** Accepts the id tokens of the OpenID Connect provider. */
@Injectable()
export class OidcTokenStrategy extends PassportStrategy(Strategy, 'oidc-token') {
  constructor(
    @Inject(OidcTokens) private readonly tokens: OidcTokens,
    @Inject(SignInService) private readonly signIn: SignInService,
  ) {
    super();
  }

  async validate(request: FastifyRequest): Promise<Principal | false> {
    const token = tokenOf(request.headers);
    const identity = token === undefined ? undefined : await this.tokens.identify(token);
    return (identity && (await this.signIn.admit(identity))) ?? false;
  }
}
