import { Inject, Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import type { Login, LoginResult } from '@maas/contracts/auth';
import { CONFIG, type Config } from '../config.js';
import type { Caller, Principal } from './caller.js';
import { verifyPassword } from './passwords.js';
import { type TokenKind, TokenSignerService } from './token-signer.service.js';
import { UserDirectory } from './user-directory.service.js';
import { UsersService } from './users.service.js';

/** What a local sign-in gives: good for the control plane, never for inference. */
const IDENTITY_TOKEN: TokenKind = { typ: 'identity+jwt', aud: 'maas-api', precise: true };

/** Signs people with a local account in. */
@Injectable()
export class SignInService {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(UsersService) private readonly users: UsersService,
    @Inject(UserDirectory) private readonly directory: UserDirectory,
    @Inject(TokenSignerService) private readonly signer: TokenSignerService,
  ) {}

  /** @returns the user's id, or undefined when the account does not exist, is suspended or has another password */
  async check({ username, password }: Login): Promise<Principal | undefined> {
    const user = await this.users.findLocal(username);
    const matches = await verifyPassword(user?.passwordHash, password);
    if (!user || !matches || user.suspendedAt !== null) return undefined;
    await this.users.seen(user);
    return { userId: user.id, username: user.username, role: user.role, credential: { kind: 'identity' } };
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
