import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';

export const OPENSHIFT_CLIENT_ID = 'maas';
export const OPENSHIFT_CLIENT_SECRET = 'the-secret+of/maas&at=openshift';

/** A cluster's API server with its OAuth server, as far as a sign-in sees them: https, with a certificate that nobody knows. */
export interface FakeOpenShift {
  readonly url: string;
  readonly caFile: string;
  /** Who signs in at the cluster's own page; undefined: they cancel. */
  person: { readonly name: string; readonly groups: string[] } | undefined;
  /** The tokens that it gave, and whose they are. */
  readonly tokens: Map<string, { readonly name: string; readonly groups: string[] }>;
  /** Every request, as `METHOD path`. */
  readonly asked: string[];
  /** Answers instead, where it returns true. */
  intercept: ((path: string, response: ServerResponse) => boolean) | undefined;
  stop(): Promise<void>;
  start(): Promise<void>;
}

interface Grant {
  readonly redirectUri: string;
  readonly challenge: string;
  readonly person: NonNullable<FakeOpenShift['person']>;
}

const fixture = (name: string) => new URL(`fixtures/${name}`, import.meta.url);

export async function startFakeOpenShift(): Promise<FakeOpenShift> {
  const grants = new Map<string, Grant>();
  let count = 0;
  const pem = {
    cert: readFileSync(fixture('test-server.cert.pem')),
    key: readFileSync(fixture('test-server.key.pem')),
  };
  const server = createServer(pem, (message, response) => void answer(message, response));
  const listen = (port: number) => new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  await listen(0);
  const { port } = server.address() as AddressInfo;
  const cluster: FakeOpenShift = {
    url: `https://127.0.0.1:${port}`,
    caFile: fixture('test-server.cert.pem').pathname,
    person: undefined,
    tokens: new Map(),
    asked: [],
    intercept: undefined,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
    start: () => listen(port),
  };

  async function answer(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(message.url ?? '/', cluster.url);
    cluster.asked.push(`${message.method} ${url.pathname}`);
    if (cluster.intercept?.(url.pathname, response)) return;
    if (url.pathname === '/.well-known/oauth-authorization-server') return json(response, 200, metadata(cluster.url));
    if (url.pathname === '/oauth/authorize') return authorize(url.searchParams, response);
    if (url.pathname === '/oauth/token') return exchange(new URLSearchParams(await read(message)), response);
    if (url.pathname === '/apis/user.openshift.io/v1/users/~') return who(message.headers.authorization, response);
    json(response, 404, { kind: 'Status', code: 404 });
  }

  function authorize(asked: URLSearchParams, response: ServerResponse): void {
    const back = new URL(asked.get('redirect_uri') ?? '');
    back.searchParams.set('state', asked.get('state') ?? '');
    const known = asked.get('client_id') === OPENSHIFT_CLIENT_ID && asked.get('scope') === 'user:info';
    if (!known || asked.get('code_challenge_method') !== 'S256')
      return json(response, 400, { error: 'invalid_request' });
    if (cluster.person) {
      const code = `code-${(count += 1)}`;
      const challenge = asked.get('code_challenge') ?? '';
      grants.set(code, { redirectUri: asked.get('redirect_uri') ?? '', challenge, person: cluster.person });
      back.searchParams.set('code', code);
    } else back.searchParams.set('error', 'access_denied');
    response.writeHead(302, { location: back.href }).end();
  }

  function exchange(asked: URLSearchParams, response: ServerResponse): void {
    if (asked.get('client_id') !== OPENSHIFT_CLIENT_ID || asked.get('client_secret') !== OPENSHIFT_CLIENT_SECRET) {
      return json(response, 401, { error: 'unauthorized_client' });
    }
    const grant = grants.get(asked.get('code') ?? '');
    grants.delete(asked.get('code') ?? '');
    const verified = createHash('sha256').update(asked.get('code_verifier') ?? '').digest('base64url'); // prettier-ignore
    if (!grant || grant.challenge !== verified || grant.redirectUri !== asked.get('redirect_uri')) {
      return json(response, 400, { error: 'invalid_grant' });
    }
    const token = `sha256~openshift-${(count += 1)}`;
    cluster.tokens.set(token, grant.person);
    json(response, 200, { access_token: token, expires_in: 86_400, scope: 'user:info', token_type: 'Bearer' });
  }

  function who(authorization: string | undefined, response: ServerResponse): void {
    const person = cluster.tokens.get(authorization?.replace(/^Bearer /, '') ?? '');
    if (!person) return json(response, 401, { kind: 'Status', code: 401 });
    const { name, groups } = person;
    json(response, 200, { kind: 'User', apiVersion: 'user.openshift.io/v1', metadata: { name, uid: 'u' }, groups });
  }

  return cluster;
}

/** As OpenShift says it; its issuer is the OAuth server's route, another host in reality. */
function metadata(url: string): object {
  return {
    issuer: 'https://oauth-openshift.apps.example.com',
    authorization_endpoint: `${url}/oauth/authorize`,
    token_endpoint: `${url}/oauth/token`,
    scopes_supported: ['user:check-access', 'user:full', 'user:info', 'user:list-projects'],
    response_types_supported: ['code', 'token'],
    grant_types_supported: ['authorization_code', 'implicit'],
    code_challenge_methods_supported: ['plain', 'S256'],
  };
}

async function read(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
