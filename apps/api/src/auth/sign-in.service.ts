import { Inject, Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import type { Login, LoginResult } from '@maas/contracts/auth';
import { CONFIG, type Config } from '../config.js';
import { ChangeFeedService } from '../database/change-feed.service.js';
import { ApiError } from '../http/api-error.js';
import type { Caller, Principal } from './caller.js';
import type { Identity } from './identity.js';
import { verifyPassword } from './passwords.js';
import { type TokenKind, TokenSignerService } from './token-signer.service.js';
import { UserDirectory } from './user-directory.service.js';
import { UsersService } from './users.service.js';

/** What a local sign-in gives: good for the control plane, never for inference. */
const IDENTITY_TOKEN: TokenKind = { typ: 'identity+jwt', aud: 'maas-api', precise: true };

/** Signs people in: by a local account, or by the word of an identity provider. */
@Injectable()
export class SignInService {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(UsersService) private readonly users: UsersService,
    @Inject(UserDirectory) private readonly directory: UserDirectory,
    @Inject(TokenSignerService) private readonly signer: TokenSignerService,
    @Inject(ChangeFeedService) private readonly feed: ChangeFeedService,
  ) {}

  /**
   * @returns who it is, or undefined when the account does not exist or has another password
   * @throws ApiError 403 when the account is suspended: said to nobody but who knows its password
   */
  async check({ username, password }: Login): Promise<Principal | undefined> {
    const user = await this.users.findLocal(username);
    const matches = await verifyPassword(user?.passwordHash, password);
    if (!user || !matches) return undefined;
    // A new password may have been set while this one was compared, and has ended what the old one may do.
    if ((await this.users.findLocal(username))?.passwordHash !== user.passwordHash) return undefined;
    if (user.suspendedAt !== null) {
      throw new ApiError('access_denied', {
        message: 'This account is suspended. Ask an administrator of this platform to let you in again.',
      });
    }
    await this.users.seen(user);
    return { userId: user.id, username: user.username, role: user.role, credential: { kind: 'identity' } };
  }

  /**
   * Takes an identity provider's word for who somebody is.
   * @returns undefined when they are suspended, or the word is from before they signed out everywhere
   */
  async admit(identity: Identity): Promise<Principal | undefined> {
    const { id, username, role } = await this.users.signedIn(identity);
    // Somebody whom another request, or another process, has just made known may not have arrived here yet.
    if (!this.directory.find(id)) await this.feed.catchUp();
    const person = this.directory.find(id);
    if (!person || person.suspended || (identity.saidAt ?? Infinity) < person.identityNotBefore) return undefined;
    return { userId: id, username, role, credential: { kind: 'identity' } };
  }

  async issue({ userId }: Pick<Caller, 'userId'>): Promise<LoginResult> {
    const lifetime = Math.floor(this.config.IDENTITY_LIFETIME / 1000);
    const { token, claims } = await this.signer.sign(IDENTITY_TOKEN, userId, uuidv7(), lifetime);
    return { token, expiresAt: claims.exp };
  }

  /** Whose identity token this is; undefined when it is none, has ended, or its owner may not enter. */
  async verify(token: string): Promise<Principal | undefined> {
    if (!this.signer.claimsToBe(IDENTITY_TOKEN, token)) return undefined;
    const claims = await this.signer.verify(IDENTITY_TOKEN, token);
    if (claims === undefined || claims === 'expired') return undefined;
    const person = this.directory.find(claims.sub);
    if (!person || person.suspended) return undefined;
    if (Math.round(claims.iat * 1000) < person.identityNotBefore) return undefined;
    return { userId: person.id, username: person.username, role: person.role, credential: { kind: 'identity' } };
  }
}
