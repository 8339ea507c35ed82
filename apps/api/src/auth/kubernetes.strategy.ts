import { Inject, Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import type { FastifyRequest } from 'fastify';
import { Strategy } from 'passport-custom';
import { ChangeFeedService } from '../database/change-feed.service.js';
import { tokenOf } from './bearer.js';
import type { Principal } from './caller.js';
import { KubernetesIdentityService } from './kubernetes-identity.service.js';
import { TokenSignerService } from './token-signer.service.js';
import { UserDirectory } from './user-directory.service.js';
import { UsersService } from './users.service.js';

/** Accepts the tokens of a Kubernetes or OpenShift cluster, such as `oc whoami -t` prints. */
@Injectable()
export class KubernetesStrategy extends PassportStrategy(Strategy, 'kubernetes') {
  constructor(
    @Inject(KubernetesIdentityService) private readonly kubernetes: KubernetesIdentityService,
    @Inject(TokenSignerService) private readonly signer: TokenSignerService,
    @Inject(UsersService) private readonly users: UsersService,
    @Inject(UserDirectory) private readonly directory: UserDirectory,
    @Inject(ChangeFeedService) private readonly feed: ChangeFeedService,
  ) {
    super();
  }

  async validate(request: FastifyRequest): Promise<Principal | false> {
    const token = tokenOf(request.headers);
    // A token of ours is nobody else's business, also when it has expired.
    if (token === undefined || !this.kubernetes.enabled || this.signer.signed(token)) return false;
    const identity = await this.kubernetes.identify(token);
    if (!identity) return false;
    const { id, username, role } = await this.users.signedIn(identity);
    // Somebody whom another request, or another process, has just made known may not have arrived here yet.
    if (!this.directory.find(id)) await this.feed.catchUp();
    if (this.directory.find(id)?.suspended !== false) return false;
    return { userId: id, username, role, credential: { kind: 'identity' } };
  }
}
