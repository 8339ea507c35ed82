import { ApiError } from '../http/api-error.js';

/** How long a client is asked to wait before it tries a backend again that was not there, in seconds. */
const RETRY_SECONDS = 5;
const LONGEST_RETRY_SECONDS = 60;

const timeouts = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'MAAS_DEADLINE']);
const unreachable = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/**
 * What a client is told when an exchange with a backend failed. Neither its address nor the reason leaks; the log has them.
 */
export function upstreamFailure(error: Error): ApiError {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (timeouts.has(code)) return new ApiError('upstream_timeout', { cause: error });
  if (unreachable.has(code)) return unavailable(error);
  return new ApiError('upstream_error', { cause: error });
}

/** No backend can be reached, or none is enabled. */
export function unavailable(cause?: Error): ApiError {
  return new ApiError('upstream_unavailable', {
    message: 'The model is not available at the moment; try again shortly',
    headers: retryAfter(undefined),
    cause,
  });
}

/**
 * What a client is told of an answer that is the backend's own trouble, and not about the request: its failures, its
 * redirects, and a refusal of our credential, which the client must not take for one of theirs.
 */
export function upstreamTrouble(status: number, retry: string | undefined): ApiError | undefined {
  const cause = new Error(`the backend answered ${status}`);
  if (status === 503) return new ApiError('upstream_unavailable', { headers: retryAfter(retry), cause });
  if (status === 504) return new ApiError('upstream_timeout', { cause });
  const trouble =
    status >= 500 || (status >= 300 && status < 400) || status === 401 || status === 403 || status === 407;
  return trouble ? new ApiError('upstream_error', { cause }) : undefined;
}

/**
 * A `retry-after` that SDKs honour: whole seconds, at most 60.
 * @param retry as the backend wrote it: seconds or an HTTP date
 */
export function retryAfter(retry: string | undefined): Record<string, string> {
  const seconds = retry === undefined ? Number.NaN : secondsOf(retry);
  const clamped = Number.isNaN(seconds)
    ? RETRY_SECONDS
    : Math.min(LONGEST_RETRY_SECONDS, Math.max(1, Math.ceil(seconds)));
  return { 'retry-after': String(clamped), 'retry-after-ms': String(clamped * 1000) };
}

function secondsOf(retry: string): number {
  return /^\d+(?:\.\d+)?$/.test(retry.trim()) ? Number(retry) : (Date.parse(retry) - Date.now()) / 1000;
}
