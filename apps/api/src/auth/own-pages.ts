import type { IncomingHttpHeaders } from 'node:http';
import { ApiError } from '../http/api-error.js';
import { hasJsonBodyOrNone, isFromOurPages } from './csrf.js';

/**
 * Refuses what a page of another site may have made a browser send.
 * @param origin our own
 * @throws ApiError 403, or 415 for a body that a form of another site could send
 */
export function requireOwnPage(headers: IncomingHttpHeaders, origin: string): void {
  if (!isFromOurPages(headers, origin)) {
    throw new ApiError('access_denied', {
      message:
        'This request did not come from a page of this platform, so the sign-in of the browser does not count for it. ' +
        'Programs show a token (Authorization: Bearer); behind a proxy, PUBLIC_URL must be the origin in the address bar',
    });
  }
  if (hasJsonBodyOrNone(headers)) return;
  throw new ApiError('unsupported_media_type', {
    message: 'Unsupported content type: with the sign-in of a browser, bodies are application/json',
  });
}
