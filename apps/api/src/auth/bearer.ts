import type { IncomingHttpHeaders } from 'node:http';

// RFC 6750 §2.1: the scheme, one or more spaces, then b64token. The scheme is matched case-insensitively (RFC 9110 §11.1).
const bearer = /^bearer +([A-Za-z0-9._~+/-]+=*) *$/i;

/**
 * The token of `Authorization: Bearer X`, or of `x-api-key` and `api-key`, which some SDKs send instead.
 * @returns undefined when there is none that could be one: absent, empty, `null`, or without the scheme
 */
export function tokenOf(headers: IncomingHttpHeaders): string | undefined {
  const authorization = headers.authorization;
  if (authorization !== undefined) {
    const token = bearer.exec(authorization)?.[1];
    return token === 'null' || token === 'undefined' ? undefined : token;
  }
  const key = headers['x-api-key'] ?? headers['api-key'];
  return typeof key === 'string' && key !== '' ? key.trim() : undefined;
}
