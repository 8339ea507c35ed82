import { createHash } from 'node:crypto';
import { EVERYONE } from '@maas/contracts/auth';

/** A DNS label (RFC 1123 §2.1): all that a namespace may be called, and short enough for a label's value. */
const LONGEST_LABEL = 63;

/** What names the ServiceAccounts of people are made from. */
export interface Naming {
  readonly TOKEN_ISSUER: string;
  readonly INSTANCE_NAME: string;
}

/** Whose account it is. */
interface Owner {
  readonly id: string;
  readonly provider: string;
  readonly username: string;
}

/** The namespace of a tier's accounts: `{instance}-tier-{tier}`. */
export function namespaceOf({ INSTANCE_NAME: instance }: Pick<Naming, 'INSTANCE_NAME'>, tier: string): string {
  const name = `${instance}-tier-${tier}`;
  return name.length <= LONGEST_LABEL ? name : withDigest(name, tier);
}

/**
 * The name of a person's ServiceAccount: what can be kept of the username, and eight hex digits of the SHA-1 of what nobody
 * else has. In the cluster that is the username; others have an id here, lest somebody of the cluster is called alike.
 */
export function accountNameOf({ id, provider, username }: Owner): string {
  const kept = username.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  return withDigest(trimmed(kept) || 'user', provider === 'kubernetes' ? username : id);
}

/** What the API server calls a ServiceAccount. */
export function subjectOf(namespace: string, name: string): string {
  return `system:serviceaccount:${namespace}:${name}`;
}

/**
 * The groups that the API server puts a ServiceAccount into, sorted (Kubernetes, "User names" of service account tokens);
 * undefined: it is none.
 */
export function accountGroups(subject: string): string[] | undefined {
  const [, namespace] = /^system:serviceaccount:([^:]+):[^:]+$/.exec(subject) ?? [];
  return namespace === undefined
    ? undefined
    : [EVERYONE, ...['', `:${namespace}`].map((of) => `system:serviceaccounts${of}`)];
}

/** Namespace and name of what the API server calls so. */
export function placeOf(subject: string): { namespace: string; name: string } {
  const [namespace = '', name = ''] = subject.split(':').slice(2);
  return { namespace, name };
}

/** Whether this is somebody's account for access tokens, by its namespace. */
export function isAccountOfOurs({ TOKEN_ISSUER, INSTANCE_NAME }: Naming, subject: string): boolean {
  return TOKEN_ISSUER === 'serviceaccount' && subject.startsWith(`system:serviceaccount:${INSTANCE_NAME}-tier-`);
}

function withDigest(name: string, unique: string): string {
  const digest = createHash('sha1').update(unique).digest('hex').slice(0, 8);
  return `${trimmed(name.slice(0, LONGEST_LABEL - digest.length - 1))}-${digest}`;
}

function trimmed(name: string): string {
  return name.replace(/^-+|-+$/g, '');
}
