import { generateKeyPairSync, type JsonWebKey } from 'node:crypto';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { jest } from '@jest/globals';
import { importJWK, type JWTPayload, SignJWT } from 'jose';
import { type InteractionResults, Provider } from 'oidc-provider';

export const CLIENT_ID = 'maas';
export const CLIENT_SECRET = 'the-secret-of-maas-at-the-provider';
/** A client of the same provider that is none of ours. */
export const OTHER_CLIENT_ID = 'wiki';

/** What the provider says of a person, whatever their password. */
export type Account = Readonly<Record<string, unknown>>;

/** A real OpenID Connect provider, in process. Its own sign-in page is `/interaction/:uid`, posted to with a username. */
export interface OidcIssuer {
  readonly issuer: string;
  /** By `sub`. May be changed between sign-ins. */
  readonly accounts: Map<string, Account>;
  /** How often each path was asked for. */
  readonly asked: Map<string, number>;
  /** The provider itself, with the key that it signs with. */
  readonly key: JsonWebKey;
  /** Who comes to the provider's sign-in page, for a browser that follows redirects by itself. */
  visitor: string | undefined;
  /** Changes what is answered, where this returns true. */
  intercept: ((path: string, response: ServerResponse) => boolean) | undefined;
  /** Signs claims as the provider would, or otherwise. */
  idToken(claims: object, header?: { alg?: string; kid?: string; typ?: string }, key?: JsonWebKey): Promise<string>;
  /** Signs with another key from now on; the one before is not published any more. */
  rotate(): Promise<void>;
  stop(): Promise<void>;
  start(): Promise<void>;
}

export function newKey(kid: string): JsonWebKey {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...privateKey.export({ format: 'jwk' }), kid, alg: 'RS256', use: 'sig' };
}

/** @param redirectUri ours, that the provider is to know */
export async function startOidcIssuer(redirectUri: string): Promise<OidcIssuer> {
  const accounts = new Map<string, Account>();
  const asked = new Map<string, number>();
  let key = newKey('first');
  let provider: Provider;
  const server: Server = createServer((message, response) => {
    const path = new URL(message.url ?? '/', 'http://x').pathname;
    asked.set(path, (asked.get(path) ?? 0) + 1);
    if (issuer.intercept?.(path, response)) return;
    void provider.callback()(message, response);
  });
  const listen = (port: number) => new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  await listen(0);
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const renew = () => {
    provider = newProvider(url, redirectUri, key, accounts);
    signInByName(provider, () => issuer.visitor);
  };
  renew();
  const issuer: OidcIssuer = {
    issuer: url,
    accounts,
    asked,
    get key() {
      return key;
    },
    visitor: undefined,
    intercept: undefined,
    idToken: async (claims, header = {}, signing = key) => {
      const { alg = 'RS256', kid = String(signing['kid']), typ } = header;
      const protectedHeader = { alg, kid, ...(typ === undefined ? {} : { typ }) };
      return new SignJWT(claims as JWTPayload)
        .setProtectedHeader(protectedHeader)
        .sign(await importJWK(signing as never, alg));
    },
    rotate: async () => {
      key = newKey(`key-${asked.size}-${Math.random()}`);
      renew();
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
    start: () => listen(port),
  };
  return issuer;
}

function newProvider(url: string, redirectUri: string, key: JsonWebKey, accounts: Map<string, Account>): Provider {
  // It warns of keeping what it knows in memory, which is what a test wants.
  const quiet = jest.spyOn(console, 'warn').mockReturnValue();
  const provider = new Provider(url, {
    clients: [CLIENT_ID, OTHER_CLIENT_ID].map((id) => ({
      client_id: id,
      client_secret: CLIENT_SECRET,
      redirect_uris: [redirectUri],
      post_logout_redirect_uris: [new URL('/sign-in', redirectUri).href],
      grant_types: ['authorization_code'],
      response_types: ['code'] as const,
    })) as never,
    jwks: { keys: [key] },
    cookies: { keys: ['a-key-for-the-cookies-of-the-provider'] },
    claims: { openid: ['sub'], profile: ['preferred_username'], email: ['email'], groups: ['groups'] },
    scopes: ['openid', 'profile', 'email', 'groups'],
    features: {
      devInteractions: { enabled: false },
      rpInitiatedLogout: { enabled: true, logoutSource: (context, form) => void (context.body = form) },
    },
    findAccount: (_context, sub) => ({
      accountId: sub,
      claims: async () => ({ sub, ...accounts.get(sub) }),
    }),
    interactions: { url: (_context, interaction) => `/interaction/${interaction.uid}` },
    ttl: { AccessToken: 600, AuthorizationCode: 60, Grant: 600, IdToken: 600, Interaction: 600, Session: 600 },
  });
  quiet.mockRestore();
  return provider;
}

/** The provider's own page: a GET of it with `?as=<sub>` signs that person in, `?as=` sends them back refused. */
function signInByName(provider: Provider, visitor: () => string | undefined): void {
  provider.use(async (context, next) => {
    if (!context.path.startsWith('/interaction/')) return next();
    const { params, prompt, grantId, session } = await provider.interactionDetails(context.req, context.res);
    const sub = String(context.query['as'] ?? visitor() ?? session?.accountId ?? '');
    const finish = (result: InteractionResults) =>
      provider.interactionFinished(context.req, context.res, result, { mergeWithLastSubmission: true });
    context.respond = false;
    if (sub === '') return finish({ error: 'access_denied', error_description: 'the person cancelled' });
    if (prompt.name === 'login') return finish({ login: { accountId: sub } });
    const known = grantId === undefined ? undefined : await provider.Grant.find(grantId);
    const grant = known ?? new provider.Grant({ accountId: sub, clientId: String(params['client_id']) });
    grant.addOIDCScope(String(params['scope']));
    return finish({ consent: { grantId: await grant.save() } });
  });
}
