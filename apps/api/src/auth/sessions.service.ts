import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { PageQuery } from '@maas/contracts/paging';
import type { CurrentSession, Session as ShownSession, SignInKind } from '@maas/contracts/sessions';
import type { Session } from '@maas/database/client';
import { CONFIG, type Config } from '../config.js';
import { ApiError } from '../http/api-error.js';
import { isSecure } from '../http/origin.js';
import { type CookieKind, cookieKind, SESSION_COOKIE } from './session-cookie.js';
import { SessionStore } from './session-store.service.js';
import { UserDirectory } from './user-directory.service.js';

/** Signs browsers in and out: a session, and the cookie that carries its secret. */
@Injectable()
export class SessionsService {
  constructor(
    @Inject(SessionStore) private readonly store: SessionStore,
    @Inject(UserDirectory) private readonly directory: UserDirectory,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /**
   * Begins a session for whoever has just proved who they are. Its secret is new at every sign-in, and a session that the
   * browser came with ends: nobody can have chosen it beforehand (OWASP, session fixation).
   */
  async begin(request: FastifyRequest, reply: FastifyReply, userId: string, kind: SignInKind): Promise<CurrentSession> {
    await this.store.end(this.secretOf(request));
    const userAgent = request.headers['user-agent'];
    const { secret, session } = await this.store.create({ userId, kind, userAgent, address: request.ip });
    const { name, options } = this.cookie(request);
    void reply.setCookie(name, secret, options);
    return this.current(session);
  }

  /**
   * The session of a request; undefined when there is none that is good. A request that shows any other credential is judged
   * by that alone.
   */
  async of(request: FastifyRequest): Promise<Session | undefined> {
    const { authorization, 'x-api-key': key, 'api-key': otherKey } = request.headers;
    if (authorization !== undefined || key !== undefined || otherKey !== undefined) return undefined;
    return this.store.find(this.secretOf(request));
  }

  /** Ends the session of a request, and takes the cookie back. */
  async end(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    await this.store.end(this.secretOf(request));
    this.forget(request, reply);
  }

  /** Takes the cookie back. */
  forget(request: FastifyRequest, reply: FastifyReply): void {
    const { name, options } = this.cookie(request);
    void reply.clearCookie(name, options);
  }

  current(session: Session): CurrentSession {
    const person = this.directory.find(session.userId);
    if (!person) throw new ApiError('invalid_api_key');
    const { id, username, provider, role } = person;
    return { ...this.shown(session, session.id), user: { id, username, provider, role } };
  }

  /** @param currentId the session that the request came with */
  async list(userId: string, query: PageQuery, currentId: string | undefined) {
    const found = await this.store.list(userId, query);
    return { ...found, data: found.data.map((session) => this.shown(session, currentId)) };
  }

  private shown(session: Session, currentId: string | undefined): ShownSession {
    const { id, kind, createdAt, lastSeenAt, expiresAt, userAgent, address } = session;
    return {
      object: 'session',
      id,
      kind,
      current: id === currentId,
      createdAt: createdAt.toISOString(),
      lastSeenAt: lastSeenAt.toISOString(),
      expiresAt: expiresAt.toISOString(),
      idleExpiresAt: this.store.idleEnd(session).toISOString(),
      userAgent,
      address,
    };
  }

  private secretOf(request: FastifyRequest): string | undefined {
    // Who is guarded without the cookie plugin, as a single controller in a test is, has none.
    const cookies = request.cookies as FastifyRequest['cookies'] | undefined;
    return cookies?.[this.cookie(request).name];
  }

  private cookie(request: FastifyRequest): CookieKind {
    return cookieKind(SESSION_COOKIE, isSecure(this.config, request));
  }
}
