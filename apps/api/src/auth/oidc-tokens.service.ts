import { Inject, Injectable, Logger } from '@nestjs/common';
import { decodeJwt, errors, type JSONWebKeySet, jwtVerify, type JWTPayload } from 'jose';
import { CONFIG, type Config } from '../config.js';
import { ApiError } from '../http/api-error.js';
import { Clock } from '../http/clock.js';
import { waitHeaders } from '../http/wait-headers.js';
import { JwksCache, KeysUnavailable } from './jwks-cache.js';
import { identityOf, unsaidBy } from './oidc-identity.js';
import { OidcProvider } from './oidc-provider.service.js';
import { PROVIDER_SECONDS, reasonOf } from './provider-fetch.js';
import { SignInFailure } from './sign-in-failure.js';
import type { Identity } from './identity.js';

// RFC 8725 §3.1: asymmetric algorithms alone, whatever the header says. With a symmetric one the client secret would sign.
const ALGORITHMS = [
  'RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519',
]; // prettier-ignore
const LEEWAY_SECONDS = 60;

/** Verifies the id tokens that clients show as bearer tokens. */
@Injectable()
export class OidcTokens {
  private readonly logger = new Logger(OidcTokens.name);
  private readonly keys: JwksCache;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(OidcProvider) private readonly provider: OidcProvider,
    @Inject(Clock) private readonly clock: Clock,
  ) {
    this.keys = new JwksCache(
      () => this.fetchKeys(),
      () => clock.monotonic(),
    );
  }

  /**
   * @returns whose id token it is; undefined when it is none of our provider's, or not a good one
   * @throws ApiError 503 when the provider's keys are not known and cannot be fetched
   */
  async identify(token: string): Promise<Identity | undefined> {
    if (!this.provider.enabled || !this.claimsToBeOurs(token)) return undefined;
    const claims = await this.verify(token);
    if (!claims?.iat || !this.isForUs(claims)) return undefined;
    const names = this.provider.claimNames;
    const identity = identityOf(claims, names, claims.iat * 1000);
    // What the provider says at its userinfo endpoint alone was asked for when the person signed in by a browser.
    return identity && { ...identity, unsaid: unsaidBy(claims, names) };
  }

  private async verify(token: string): Promise<JWTPayload | undefined> {
    try {
      const { issuer } = (await this.provider.configuration()).serverMetadata();
      const { payload, protectedHeader } = await jwtVerify(token, (...asked) => this.keys.keyFor(...asked), {
        algorithms: ALGORITHMS,
        issuer,
        audience: this.audiences,
        requiredClaims: ['sub', 'iat', 'exp'],
        clockTolerance: LEEWAY_SECONDS,
        currentDate: new Date(this.clock.now()),
      });
      // RFC 9068 §2.1: an access token of the provider says so, and proves nothing to us.
      return ['JWT', undefined].includes(protectedHeader.typ) ? payload : undefined;
    } catch (error) {
      if (error instanceof errors.JOSEError) return undefined;
      if (!(error instanceof KeysUnavailable || error instanceof SignInFailure)) throw error;
      throw new ApiError('service_unavailable', {
        message: 'The identity provider does not answer at the moment; try again shortly',
        headers: waitHeaders(5000),
      });
    }
  }

  /** By a look alone: another issuer's token is nobody's business here. */
  private claimsToBeOurs(token: string): boolean {
    try {
      return withoutSlash(decodeJwt(token).iss) === withoutSlash(this.config.OIDC_ISSUER);
    } catch {
      return false;
    }
  }

  /** OpenID Connect Core §3.1.3.7: the party that a token was issued to must be one that we know, and the token not be of the future. */
  private isForUs({ azp, iat = 0 }: JWTPayload): boolean {
    if (iat * 1000 > this.clock.now() + LEEWAY_SECONDS * 1000) return false;
    return azp === undefined || (typeof azp === 'string' && this.audiences.includes(azp));
  }

  private get audiences(): string[] {
    const { OIDC_AUDIENCES, OIDC_CLIENT_ID } = this.config;
    return OIDC_AUDIENCES.length > 0 ? [...OIDC_AUDIENCES] : [OIDC_CLIENT_ID ?? ''];
  }

  private async fetchKeys(): Promise<JSONWebKeySet> {
    try {
      const { jwks_uri: uri } = (await this.provider.configuration()).serverMetadata();
      if (uri === undefined) throw new Error('it names no jwks_uri');
      const signal = AbortSignal.timeout(PROVIDER_SECONDS * 1000);
      const response = await fetch(uri, { headers: { accept: 'application/json' }, redirect: 'error', signal });
      if (!response.ok) throw new Error(`${new URL(uri).host} answered ${response.status}`);
      return (await response.json()) as JSONWebKeySet;
    } catch (error) {
      this.logger.warn(`The keys of the OpenID Connect provider cannot be fetched: ${reasonOf(error)}`);
      throw error;
    }
  }
}

function withoutSlash(url: string | undefined): string | undefined {
  return url?.replace(/\/$/, '');
}
