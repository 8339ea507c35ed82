import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { returnPath } from './return-to.js';

/** The identity providers that a browser is sent to. */
export type BrowserProvider = 'oidc' | 'openshift';

/** A sign-in between the browser's departure to the identity provider and its return. */
export interface SignInAttempt {
  readonly provider: BrowserProvider;
  readonly returnTo: string;
  /** RFC 6749 §10.12: what comes back with it was begun by this browser. */
  readonly state: string;
  /** OpenID Connect Core §3.1.2.1: an id token with it was made for this attempt. */
  readonly nonce: string;
  /** RFC 7636: who exchanges the code is who asked for it. */
  readonly verifier: string;
}

/** How long somebody may take at the identity provider. */
export const ATTEMPT_MILLISECONDS = 600_000;

/**
 * Begins a sign-in. The server keeps nothing of it: the browser's cookie holds a random secret, from which state, nonce and
 * verifier are derived one way, so that what travels through the address bar tells nothing of the secret or of each other.
 * @returns the attempt, and the value of the cookie that must come back with it
 */
export function beginAttempt(
  provider: BrowserProvider,
  returnTo: unknown,
  now: number,
): { attempt: SignInAttempt; cookie: string } {
  const secret = randomBytes(32).toString('base64url');
  const path = returnPath(returnTo);
  const cookie = [secret, String(now), provider, Buffer.from(path).toString('base64url')].join('.');
  return { attempt: attemptOf(cookie, provider, path), cookie };
}

/**
 * Takes an attempt up again.
 * @param state as the identity provider sent it back
 * @returns undefined when the cookie is none of ours, too old, for another provider, or the state is another attempt's
 */
export function resumeAttempt(
  provider: BrowserProvider,
  cookie: string | undefined,
  state: unknown,
  now: number,
): SignInAttempt | undefined {
  const [, begun, kind, path] = grammar.exec(cookie ?? '') ?? [];
  if (cookie === undefined || path === undefined || kind !== provider || typeof state !== 'string') return undefined;
  const age = now - Number(begun);
  if (age < 0 || age >= ATTEMPT_MILLISECONDS) return undefined;
  const attempt = attemptOf(cookie, provider, returnPath(Buffer.from(path, 'base64url').toString()));
  return areEqual(attempt.state, state) ? attempt : undefined;
}

const grammar = /^[\w-]{43}\.(\d{1,15})\.(oidc|openshift)\.([\w-]{1,1400})$/;

/** All of the cookie is under the key, so that none of it can be exchanged. */
function attemptOf(cookie: string, provider: BrowserProvider, returnTo: string): SignInAttempt {
  const derived = (use: string) => createHmac('sha256', cookie).update(use).digest('base64url');
  return { provider, returnTo, state: derived('state'), nonce: derived('nonce'), verifier: derived('verifier') };
}

function areEqual(one: string, other: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}
