import { createHash, randomBytes } from 'node:crypto';

/** A cookie of ours: its name, and what the browser may do with it. */
export interface CookieKind {
  readonly name: string;
  readonly options: {
    readonly httpOnly: true;
    readonly sameSite: 'lax';
    readonly path: '/';
    readonly secure: boolean;
    /** Seconds; absent: until the browser is closed. */
    readonly maxAge?: number;
  };
}

/**
 * RFC 6265bis §4.1.3.2: browsers take a cookie named `__Host-…` from a secure origin only, and from no neighbouring domain.
 * On plain http, as on http://localhost, they would refuse it, so it goes by its bare name there.
 * @param secure whether people come by https
 * @param maxAge seconds
 */
export function cookieKind(name: string, secure: boolean, maxAge?: number): CookieKind {
  const options = { httpOnly: true, sameSite: 'lax', path: '/', secure } as const;
  return { name: secure ? `__Host-${name}` : name, options: maxAge === undefined ? options : { ...options, maxAge } };
}

/** The name of the cookie of whoever is signed in, without its prefix. */
export const SESSION_COOKIE = 'maas_session';
/** The name of the cookie of a sign-in that is under way. */
export const ATTEMPT_COOKIE = 'maas_sign_in';

/** 256 random bits (OWASP, session management: at least 64). */
export function newSessionSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** What the database knows of a session's secret; undefined when it can be none. */
export function sessionHash(secret: string | undefined): string | undefined {
  if (secret === undefined || !/^[\w-]{43}$/.test(secret)) return undefined;
  return createHash('sha256').update(secret).digest('hex');
}
