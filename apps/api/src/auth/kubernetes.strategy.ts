import { Inject, Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import type { FastifyRequest } from 'fastify';
import { Strategy } from 'passport-custom';
import { tokenOf } from './bearer.js';
import type { Principal } from './caller.js';
import { KubernetesIdentityService } from './kubernetes-identity.service.js';
import { SignInService } from './sign-in.service.js';
import { TokenSignerService } from './token-signer.service.js';

/** Accepts the tokens of a Kubernetes or OpenShift cluster, such as `oc whoami -t` prints. */
@Injectable()
export class KubernetesStrategy extends PassportStrategy(Strategy, 'kubernetes') {
  constructor(
    @Inject(KubernetesIdentityService) private readonly kubernetes: KubernetesIdentityService,
    @Inject(TokenSignerService) private readonly signer: TokenSignerService,
    @Inject(SignInService) private readonly signIn: SignInService,
  ) {
    super();
  }

  async validate(request: FastifyRequest): Promise<Principal | false> {
    const token = tokenOf(request.headers);
    // A token of ours is nobody else's business, also when it has expired.
    if (token === undefined || !this.kubernetes.enabled || this.signer.signed(token)) return false;
    const identity = await this.kubernetes.identify(token, request.ip);
    return (identity && (await this.signIn.admit(identity))) ?? false;
  }
}
