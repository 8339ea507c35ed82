/**
 * Where a browser goes after the sign-in: a path of ours, and never anything else (OWASP, unvalidated redirects).
 * @param wish as it came in the URL
 * @returns path, query and fragment; `/` for whatever could lead elsewhere
 */
export function returnPath(wish: unknown): string {
  if (typeof wish !== 'string' || !/^\/(?![/\\])/.test(wish)) return '/';
  // Browsers drop tabs and line ends from a URL, and read a backslash as a slash.
  if (/[\\\p{Cc}]/u.test(wish) || !wish.isWellFormed()) return '/';
  if (!URL.canParse(wish, BASE)) return '/';
  const url = new URL(wish, BASE);
  const path = `${url.pathname}${url.search}${url.hash}`;
  // `/.//evil.example` resolves to a path that begins with two slashes.
  if (url.origin !== BASE || path.startsWith('//') || path.length > LONGEST) return '/';
  return path;
}

const BASE = 'http://base.invalid';
/** It is kept in a cookie, and browsers keep cookies of up to 4096 bytes (RFC 6265 §6.1). */
const LONGEST = 1024;
