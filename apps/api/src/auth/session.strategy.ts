import { Inject, Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import type { FastifyRequest } from 'fastify';
import { Strategy } from 'passport-custom';
import { CONFIG, type Config } from '../config.js';
import { originOf } from '../http/origin.js';
import type { Principal } from './caller.js';
import { isUnsafe } from './csrf.js';
import { requireOwnPage } from './own-pages.js';
import { SessionUses } from './session-uses.service.js';
import { SessionsService } from './sessions.service.js';
import { UserDirectory } from './user-directory.service.js';

/**
 * Accepts the cookie of a browser that is signed in. A browser sends it along with whatever another site makes it ask, so
 * what may change something must come from our own pages.
 */
@Injectable()
export class SessionStrategy extends PassportStrategy(Strategy, 'session') {
  constructor(
    @Inject(SessionsService) private readonly sessions: SessionsService,
    @Inject(SessionUses) private readonly uses: SessionUses,
    @Inject(UserDirectory) private readonly directory: UserDirectory,
    @Inject(CONFIG) private readonly config: Config,
  ) {
    super();
  }

  async validate(request: FastifyRequest): Promise<Principal | false> {
    const session = await this.sessions.of(request);
    const person = session && this.directory.find(session.userId);
    if (!session || !person) return false;
    if (isUnsafe(request.method)) requireOwnPage(request.headers, originOf(this.config, request));
    this.uses.note(session);
    const { id: userId, username, role } = person;
    return { userId, username, role, credential: { kind: 'identity', session } };
  }
}
