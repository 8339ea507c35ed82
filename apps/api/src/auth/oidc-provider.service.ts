import { Inject, Injectable, Logger } from '@nestjs/common';
import * as oidc from 'openid-client';
import { CONFIG, type Config } from '../config.js';
import { Clock } from '../http/clock.js';
import { type ClaimNames, identityOf, unsaidBy } from './oidc-identity.js';
import { failureOf, PROVIDER_SECONDS, providerFetch, reasonOf } from './provider-fetch.js';
import type { SignInAttempt } from './sign-in-attempt.js';
import { SignInFailure } from './sign-in-failure.js';
import type { Identity } from './identity.js';

/** A provider's endpoints hardly ever change; after so long they are looked up again. */
const DISCOVERED_MILLISECONDS = 3_600_000;

/** The OpenID Connect provider of the organisation. It is asked when somebody needs it, never at the start. */
@Injectable()
export class OidcProvider {
  private readonly logger = new Logger(OidcProvider.name);
  private discovered: oidc.Configuration | undefined;
  private discoveredAt = 0;
  private discovering: Promise<oidc.Configuration> | undefined;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  get enabled(): boolean {
    return this.config.OIDC_ISSUER !== undefined;
  }

  get claimNames(): ClaimNames {
    return { groups: this.config.OIDC_GROUPS_CLAIM, username: this.config.OIDC_USERNAME_CLAIM };
  }

  /** Where the browser goes to sign in. */
  async authorizationUrl({ state, nonce, verifier }: SignInAttempt, redirectUri: string): Promise<URL> {
    return oidc.buildAuthorizationUrl(await this.configuration(), {
      redirect_uri: redirectUri,
      scope: this.config.OIDC_SCOPES,
      state,
      nonce,
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    });
  }

  /**
   * Exchanges what the browser came back with for who it is. The library verifies state, `iss`, the id token's signature,
   * issuer, audience, times and nonce.
   * @param url where the browser came back to, as it sees it
   * @throws SignInFailure
   */
  async complete(url: URL, { state, nonce, verifier }: SignInAttempt): Promise<Identity> {
    const configuration = await this.configuration();
    try {
      const tokens = await oidc.authorizationCodeGrant(configuration, url, {
        expectedState: state,
        expectedNonce: nonce,
        pkceCodeVerifier: verifier,
      });
      const said = tokens.claims() ?? {};
      const identity = identityOf(
        { ...(await this.userInfo(configuration, said, tokens.access_token)), ...said },
        this.claimNames,
        this.clock.now(),
      );
      if (identity) return identity;
    } catch (error) {
      throw failureOf(error, 'provider_rejected');
    }
    throw new SignInFailure('identity_unusable');
  }

  /** Where the browser goes to sign out of the provider too; undefined when it has no such place or cannot be asked. */
  async endSessionUrl(returnUrl: string): Promise<string | undefined> {
    try {
      const configuration = await this.configuration();
      if (configuration.serverMetadata().end_session_endpoint === undefined) return undefined;
      return oidc.buildEndSessionUrl(configuration, { post_logout_redirect_uri: returnUrl }).href;
    } catch {
      // Why it cannot be asked is logged; the session here has ended anyway.
      return undefined;
    }
  }

  /**
   * The provider as it describes itself. Where that is old and cannot be read again, the last that could be stays good.
   * @throws SignInFailure `provider_unavailable`
   */
  async configuration(): Promise<oidc.Configuration> {
    if (this.discovered && this.clock.monotonic() - this.discoveredAt < DISCOVERED_MILLISECONDS) return this.discovered;
    this.discovering ??= this.rediscover().finally(() => (this.discovering = undefined));
    return this.discovering;
  }

  private async rediscover(): Promise<oidc.Configuration> {
    try {
      return await this.discover();
    } catch (error) {
      this.logger.warn(`The OpenID Connect provider cannot be discovered: ${reasonOf(error)}`);
      if (this.discovered) return this.discovered;
      throw new SignInFailure('provider_unavailable', error);
    }
  }

  private async discover(): Promise<oidc.Configuration> {
    const { OIDC_ISSUER: issuer, OIDC_CLIENT_ID: id, OIDC_CLIENT_SECRET: secret } = this.config;
    if (issuer === undefined || id === undefined) throw new SignInFailure('method_not_configured');
    const basic = this.config.OIDC_CLIENT_AUTH === 'client_secret_basic';
    const byId = basic ? oidc.ClientSecretBasic(secret) : oidc.ClientSecretPost(secret);
    const server = new URL(issuer);
    const found = await oidc.discovery(server, id, undefined, secret === undefined ? oidc.None() : byId, {
      timeout: PROVIDER_SECONDS,
      [oidc.customFetch]: providerFetch(),
      // The id token is verified although it comes straight from the provider.
      execute: [oidc.enableNonRepudiationChecks, ...(server.protocol === 'http:' ? [oidc.allowInsecureRequests] : [])],
    });
    this.discovered = found;
    this.discoveredAt = this.clock.monotonic();
    return found;
  }

  /** What the id token leaves out, where the provider says it elsewhere. */
  private async userInfo(
    configuration: oidc.Configuration,
    said: Readonly<Record<string, unknown>>,
    accessToken: string,
  ): Promise<Readonly<Record<string, unknown>>> {
    const { sub } = said;
    if (configuration.serverMetadata().userinfo_endpoint === undefined || typeof sub !== 'string') return {};
    const isIncomplete = unsaidBy(said, this.claimNames).some((what) => what !== 'email');
    return isIncomplete ? oidc.fetchUserInfo(configuration, accessToken, sub) : {};
  }
}
