import { generateKeyPairSync, randomUUID, sign, verify } from 'node:crypto';
import type { ReviewStatus } from './fake-kubernetes.js';

/** An object as the API server has it; `body` is what was asked for. */
export interface ClusterAnswer {
  readonly code: number;
  readonly body: object;
}

interface Account {
  readonly metadata: { readonly name: string; readonly namespace: string; readonly uid: string };
}

interface TokenClaims {
  readonly aud: string[];
  readonly exp: number;
  readonly sub: string;
  readonly 'kubernetes.io': { readonly serviceaccount: { readonly uid: string } };
  readonly jti?: string;
}

interface Asked {
  readonly metadata?: { name?: string };
  readonly spec?: { audiences?: string[]; expirationSeconds?: number };
  readonly preconditions?: { uid?: string };
}

const subdomain = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/;
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });

/** Namespaces, ServiceAccounts and their tokens, as the API server keeps them and speaks of them. */
export class FakeCluster {
  readonly namespaces = new Set<string>(['default']);
  readonly accounts = new Map<string, Account>();
  /** Users' own tokens, such as `oc whoami -t` prints. */
  readonly people = new Map<string, { username: string; groups: string[] }>();
  /** The longest lifetime that is granted, in seconds. */
  longest = Infinity;
  /** Versions before 1.30 issue tokens without. */
  withJti = true;
  /** Unix milliseconds. */
  now: () => number = Date.now;

  /** Undefined: it knows no such path. */
  answer(method: string, path: string, body: Asked): ClusterAnswer | undefined {
    const [, namespace = '', name, isToken] =
      /^\/api\/v1\/namespaces(?:\/([^/]+)\/serviceaccounts(?:\/([^/]+)(\/token)?)?)?$/.exec(path) ?? [];
    if (!path.startsWith('/api/v1/namespaces')) return undefined;
    if (namespace === '') return method === 'POST' ? this.createNamespace(body) : undefined;
    if (method === 'POST' && name === undefined) return this.createAccount(namespace, body);
    if (name === undefined) return undefined;
    const account = this.accounts.get(`${namespace}/${name}`);
    if (!account) return refusal(404, 'NotFound', `serviceaccounts "${name}" not found`);
    if (isToken) return this.issue(account, body);
    if (method === 'GET') return { code: 200, body: account };
    return method === 'DELETE' ? this.delete(account, body) : undefined;
  }

  /** What a TokenReview says, with the API server's own audience where none is asked for. */
  review(token: string, audiences: readonly string[] = ['https://kubernetes.default.svc']): ReviewStatus {
    const person = this.people.get(token);
    if (person) return { authenticated: true, user: person, audiences: [...audiences] };
    const claims = claimsOf(token);
    if (!claims || claims.exp * 1000 <= this.now()) return { authenticated: false, error: 'invalid bearer token' };
    const [, , namespace = '', name = ''] = claims.sub.split(':');
    const { uid } = claims['kubernetes.io'].serviceaccount;
    const both = claims.aud.filter((audience) => audiences.includes(audience));
    if (this.accounts.get(`${namespace}/${name}`)?.metadata.uid !== uid || both.length === 0) {
      return { authenticated: false, error: 'invalid bearer token' };
    }
    const groups = ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'];
    return { authenticated: true, user: { username: claims.sub, uid, groups }, audiences: both };
  }

  private createNamespace({ metadata }: Asked): ClusterAnswer {
    const name = metadata?.name ?? '';
    if (this.namespaces.has(name)) return refusal(409, 'AlreadyExists', `namespaces "${name}" already exists`);
    if (!subdomain.test(name) || name.length > 63) return refusal(422, 'Invalid', 'metadata.name');
    this.namespaces.add(name);
    return { code: 201, body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name, uid: randomUUID() } } };
  }

  private createAccount(namespace: string, asked: Asked): ClusterAnswer {
    const name = asked.metadata?.name ?? '';
    const key = `${namespace}/${name}`;
    if (!this.namespaces.has(namespace)) return refusal(404, 'NotFound', `namespaces "${namespace}" not found`);
    if (this.accounts.has(key)) return refusal(409, 'AlreadyExists', `serviceaccounts "${name}" already exists`);
    if (!subdomain.test(name) || name.length > 253) return refusal(422, 'Invalid', 'metadata.name');
    const account = { ...asked, metadata: { ...asked.metadata, name, namespace, uid: randomUUID() } };
    this.accounts.set(key, account);
    return { code: 201, body: account };
  }

  private delete({ metadata }: Account, { preconditions }: Asked): ClusterAnswer {
    if (preconditions?.uid !== undefined && preconditions.uid !== metadata.uid) {
      return refusal(409, 'Conflict', 'the UID in the precondition does not match');
    }
    this.accounts.delete(`${metadata.namespace}/${metadata.name}`);
    return { code: 200, body: { kind: 'Status', apiVersion: 'v1', status: 'Success' } };
  }

  private issue({ metadata: { name, namespace, uid } }: Account, { spec = {} }: Asked): ClusterAnswer {
    const { audiences = ['https://kubernetes.default.svc'], expirationSeconds: asked = 3600 } = spec;
    if (asked < 600) return refusal(422, 'Invalid', 'spec.expirationSeconds: may not specify a duration less than 10 minutes'); // prettier-ignore
    const iat = Math.floor(this.now() / 1000);
    const exp = iat + Math.min(asked, this.longest);
    const claims = {
      aud: audiences,
      exp,
      iat,
      iss: 'https://kubernetes.default.svc',
      ...(this.withJti ? { jti: randomUUID() } : {}),
      'kubernetes.io': { namespace, serviceaccount: { name, uid } },
      nbf: iat,
      sub: `system:serviceaccount:${namespace}:${name}`,
    };
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const signed = `${encode({ alg: 'RS256', kid: 'of-the-cluster' })}.${encode(claims)}`;
    const token = `${signed}.${sign('sha256', Buffer.from(signed), privateKey).toString('base64url')}`;
    const expirationTimestamp = new Date(exp * 1000).toISOString().replace('.000Z', 'Z');
    const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', metadata: { name, namespace }, spec };
    return { code: 201, body: { ...body, status: { token, expirationTimestamp } } };
  }
}

/** The token that a TokenRequest was answered with. */
export function tokenOf(answer: ClusterAnswer | undefined): string {
  const { status } = (answer?.body ?? {}) as { status?: { token: string } };
  if (!status) throw new Error(`no token was issued: ${JSON.stringify(answer)}`);
  return status.token;
}

/** `Status`, as the API server refuses with it. */
export function refusal(code: number, reason: string, message: string): ClusterAnswer {
  return { code, body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code } };
}

/** Of a token that is signed by the cluster; like Go's decoder, without regard to the unused bits of the last character. */
function claimsOf(token: string): TokenClaims | undefined {
  const [header = '', payload = '', signature = ''] = token.split('.');
  const signed = Buffer.from(`${header}.${payload}`);
  if (!verify('sha256', signed, publicKey, Buffer.from(signature, 'base64url'))) return undefined;
  return JSON.parse(Buffer.from(payload, 'base64url').toString()) as TokenClaims;
}
