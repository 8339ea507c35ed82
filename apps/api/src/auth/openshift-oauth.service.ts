import { readFile } from 'node:fs/promises';
import { Inject, Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import * as oauth from 'openid-client';
import { Agent, fetch as fetchBy } from 'undici';
import { z } from 'zod';
import { CONFIG, type Config, ConfigError } from '../config.js';
import { KubernetesIdentityService } from './kubernetes-identity.service.js';
import { failureOf, PROVIDER_SECONDS, providerFetch, reasonOf } from './provider-fetch.js';
import type { SignInAttempt } from './sign-in-attempt.js';
import { SignInFailure } from './sign-in-failure.js';
import type { Identity } from './identity.js';

/** RFC 8414, as far as we need it. OpenShift's issuer is another host than the API server that serves this. */
const Metadata = z.object({ issuer: z.url(), authorization_endpoint: z.url(), token_endpoint: z.url() });

/** `User` of `user.openshift.io/v1`, as far as we need it. */
const OpenShiftUser = z.object({
  metadata: z.object({ name: z.string().min(1).max(256) }),
  groups: z.array(z.string()).nullish(),
});

/** Reads who one is, groups included, and nothing else. */
const SCOPE = 'user:info';

/** Signs browsers in by the OAuth server of an OpenShift cluster. The token that it gives is asked about once, and not kept. */
@Injectable()
export class OpenShiftOAuth implements OnApplicationShutdown, OnModuleInit {
  private readonly logger = new Logger(OpenShiftOAuth.name);
  private send: oauth.CustomFetch = providerFetch();
  private dispatcher: Agent | undefined;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(KubernetesIdentityService) private readonly kubernetes: KubernetesIdentityService,
  ) {}

  async onModuleInit(): Promise<void> {
    const path = this.config.OPENSHIFT_CA_FILE;
    if (path === undefined) return;
    const ca = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      throw new ConfigError(`OPENSHIFT_CA_FILE names a file that cannot be read: ${error.code}`);
    });
    if (!ca.includes('-----BEGIN CERTIFICATE-----')) {
      throw new ConfigError('OPENSHIFT_CA_FILE holds no certificate: it must be PEM');
    }
    const dispatcher = new Agent({ connect: { ca } });
    this.dispatcher = dispatcher;
    // Node's own fetch takes no dispatcher of another version than its own.
    this.send = providerFetch((url, { body, ...options }) =>
      fetchBy(url, {
        ...options,
        dispatcher,
        ...(body === undefined ? {} : { body: body as string | URLSearchParams }),
      }),
    );
  }

  async onApplicationShutdown(): Promise<void> {
    await this.dispatcher?.close();
  }

  get enabled(): boolean {
    return this.config.OPENSHIFT_OAUTH_URL !== undefined;
  }

  /** Where the browser goes to sign in. */
  async authorizationUrl({ state, verifier }: SignInAttempt, redirectUri: string): Promise<URL> {
    return oauth.buildAuthorizationUrl(await this.configuration(), {
      redirect_uri: redirectUri,
      scope: SCOPE,
      state,
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    });
  }

  /**
   * Exchanges what the browser came back with for who it is.
   * @param url where the browser came back to, as it sees it
   * @throws SignInFailure
   */
  async complete(url: URL, { state, verifier }: SignInAttempt): Promise<Identity> {
    const configuration = await this.configuration();
    let token: string;
    try {
      const checks = { expectedState: state, pkceCodeVerifier: verifier };
      token = (await oauth.authorizationCodeGrant(configuration, url, checks)).access_token;
    } catch (error) {
      throw failureOf(error, 'provider_rejected');
    }
    return this.kubernetes.enabled ? this.review(token) : this.askWho(token);
  }

  private async review(token: string): Promise<Identity> {
    const identity = await this.kubernetes.identify(token, undefined).catch((error: unknown) => {
      throw new SignInFailure('provider_unavailable', error);
    });
    if (identity) return identity;
    throw new SignInFailure(
      'provider_rejected',
      new Error('the TokenReview does not know the token of the OAuth server'),
    );
  }

  /** Who somebody is by their own token: what TokenReview would say of it. */
  private async askWho(token: string): Promise<Identity> {
    const response = await this.get('/apis/user.openshift.io/v1/users/~', { authorization: `Bearer ${token}` });
    if (!response.ok) throw new SignInFailure('provider_rejected', new Error(`users/~ answered ${response.status}`));
    const { success, data } = OpenShiftUser.safeParse(await response.json().catch(() => undefined));
    if (!success) throw new SignInFailure('identity_unusable');
    const { name } = data.metadata;
    return { provider: 'kubernetes', subject: name, username: name, email: null, groups: data.groups ?? [] };
  }

  /** The endpoints, asked for at each sign-in: that is rare, and the cluster may move them. */
  private async configuration(): Promise<oauth.Configuration> {
    const { OPENSHIFT_CLIENT_ID: id, OPENSHIFT_CLIENT_SECRET: secret } = this.config;
    if (!this.enabled || id === undefined) throw new SignInFailure('method_not_configured');
    try {
      const response = await this.get('/.well-known/oauth-authorization-server');
      if (!response.ok) throw new Error(`its metadata answered ${response.status}`);
      const metadata = Metadata.parse(await response.json());
      // In the form, as OpenShift's own proxy sends it: versions differ in how they read an escaped secret in a header.
      const configuration = new oauth.Configuration(metadata, id, undefined, oauth.ClientSecretPost(secret));
      configuration.timeout = PROVIDER_SECONDS;
      configuration[oauth.customFetch] = this.send;
      if (this.config.OPENSHIFT_OAUTH_URL?.startsWith('http:')) oauth.allowInsecureRequests(configuration);
      return configuration;
    } catch (error) {
      this.logger.warn(`The OAuth server of OpenShift cannot be used: ${reasonOf(error)}`);
      throw new SignInFailure('provider_unavailable', error);
    }
  }

  private get(path: string, headers: Record<string, string> = {}): Promise<Response> {
    return this.send(`${this.config.OPENSHIFT_OAUTH_URL}${path}`, {
      body: undefined,
      headers: { accept: 'application/json', ...headers },
      method: 'GET',
      redirect: 'manual',
      signal: AbortSignal.timeout(PROVIDER_SECONDS * 1000),
    });
  }
}
