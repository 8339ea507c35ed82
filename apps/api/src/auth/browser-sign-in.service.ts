import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CONFIG, type Config } from '../config.js';
import { Clock } from '../http/clock.js';
import { isSecure, originOf } from '../http/origin.js';
import { OidcProvider } from './oidc-provider.service.js';
import { OpenShiftOAuth } from './openshift-oauth.service.js';
import { ATTEMPT_COOKIE, cookieKind } from './session-cookie.js';
import { SessionsService } from './sessions.service.js';
import {
  ATTEMPT_MILLISECONDS,
  beginAttempt,
  type BrowserProvider,
  resumeAttempt,
  type SignInAttempt,
} from './sign-in-attempt.js';
import { SignInFailure } from './sign-in-failure.js';
import { SignInService } from './sign-in.service.js';
import type { Identity } from './identity.js';

/** An identity provider that a browser is sent to. */
interface Provider {
  readonly enabled: boolean;
  authorizationUrl(attempt: SignInAttempt, redirectUri: string): Promise<URL>;
  complete(url: URL, attempt: SignInAttempt): Promise<Identity>;
}

/** Signs a browser in by way of an identity provider: the authorization code flow (RFC 6749 §4.1) with PKCE (RFC 7636). */
@Injectable()
export class BrowserSignIn {
  private readonly providers: Record<BrowserProvider, Provider>;

  constructor(
    @Inject(OidcProvider) oidc: OidcProvider,
    @Inject(OpenShiftOAuth) openshift: OpenShiftOAuth,
    @Inject(SignInService) private readonly signIn: SignInService,
    @Inject(SessionsService) private readonly sessions: SessionsService,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(Clock) private readonly clock: Clock,
  ) {
    this.providers = { oidc, openshift };
  }

  /** Sends the browser to the provider. */
  async start(kind: BrowserProvider, request: FastifyRequest, reply: FastifyReply, returnTo: unknown): Promise<void> {
    const provider = this.providerOf(kind);
    const { attempt, cookie } = beginAttempt(kind, returnTo, this.clock.now());
    const url = await provider.authorizationUrl(attempt, this.redirectUri(kind, request));
    const { name, options } = this.cookie(request);
    await reply.setCookie(name, cookie, options).redirect(url.href, 302);
  }

  /** Takes the browser back from the provider, signed in. */
  async finish(kind: BrowserProvider, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const provider = this.providerOf(kind);
    const { name, options } = this.cookie(request);
    // Whatever comes of it, an attempt is made once.
    void reply.clearCookie(name, { ...options, maxAge: 0 });
    const { state } = request.query as { state?: unknown };
    const attempt = resumeAttempt(kind, request.cookies[name], state, this.clock.now());
    if (!attempt) throw new SignInFailure('attempt_expired');
    const url = new URL(this.redirectUri(kind, request));
    url.search = new URL(request.url, url).search;
    const principal = await this.signIn.admit(await provider.complete(url, attempt));
    if (!principal) throw new SignInFailure('account_suspended');
    await this.sessions.begin(request, reply, principal.userId, kind);
    await reply.redirect(attempt.returnTo, 302);
  }

  private providerOf(kind: BrowserProvider): Provider {
    const provider = this.providers[kind];
    if (!provider.enabled) throw new SignInFailure('method_not_configured');
    return provider;
  }

  private redirectUri(kind: BrowserProvider, request: FastifyRequest): string {
    return `${originOf(this.config, request)}/auth/${kind}/callback`;
  }

  private cookie(request: FastifyRequest) {
    return cookieKind(ATTEMPT_COOKIE, isSecure(this.config, request), ATTEMPT_MILLISECONDS / 1000);
  }
}
