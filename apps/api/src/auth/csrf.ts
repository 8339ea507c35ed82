import type { IncomingHttpHeaders } from 'node:http';

// OWASP's cheat sheet on cross-site request forgery, "Fetch metadata headers" and "Verifying origin with standard headers".

const reading = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Whether a method may change something (RFC 9110 §9.2.1). */
export function isUnsafe(method: string): boolean {
  return !reading.has(method);
}

/**
 * Whether a browser says that one of our own pages sent a request. Without `Sec-Fetch-Site`, which old browsers and plain
 * http lack, `Origin` says it; without both nobody does.
 * @param origin our own
 */
export function isFromOurPages(headers: IncomingHttpHeaders, origin: string): boolean {
  const site = headers['sec-fetch-site'];
  return site === undefined ? headers.origin === origin : site === 'same-origin';
}

/** Whether a browser sent a request at all: no other client says where it comes from. */
export function isFromBrowser(headers: IncomingHttpHeaders): boolean {
  return headers['sec-fetch-site'] !== undefined || headers.origin !== undefined;
}

/** Whether a request has no body, or one that a form of another site cannot send. */
export function hasJsonBodyOrNone(headers: IncomingHttpHeaders): boolean {
  const { 'content-type': type, 'content-length': length, 'transfer-encoding': encoding } = headers;
  if (type !== undefined) return /^application\/json *(?:;|$)/i.test(type);
  return encoding === undefined && (length === undefined || Number(length) === 0);
}
