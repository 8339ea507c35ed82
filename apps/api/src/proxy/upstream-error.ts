import type { IncomingHttpHeaders } from 'node:http';
import { ApiError } from '../http/api-error.js';
import { waitHeaders } from '../http/wait-headers.js';
import type { TroubleKind } from '../models/backend-health.js';
import { NoConnection } from './connection-pool.js';
import { DeadlinePassed } from './deadlines.js';

/** How long a client is asked to wait before it tries a backend again that was not there, in seconds. */
const RETRY_SECONDS = 5;
const LONGEST_RETRY_SECONDS = 60;

const timeouts = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT']);
/** OpenSSL's and Node's own codes: CERT_HAS_EXPIRED, ERR_TLS_CERT_ALTNAME_INVALID, DEPTH_ZERO_SELF_SIGNED_CERT … */
const tlsFailure = /TLS|SSL|CERT|VERIFY/;
const closed = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE', 'ECONNABORTED']);
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
  const code = codeOf(error);
  if (isTimeout(error)) return new ApiError('upstream_timeout', { cause: error });
  if (unreachable.has(code)) return unavailable(error);
  if (error instanceof NoConnection) {
    return new ApiError('upstream_unavailable', {
      message: 'The model has as many requests as it takes at a time; try again shortly',
      headers: retryAfter(undefined),
      cause: error,
    });
  }
  if (tlsFailure.test(code)) {
    return new ApiError('upstream_error', {
      message: 'The model backend failed: its TLS certificate or protocol is not accepted',
      cause: error,
    });
  }
  return new ApiError('upstream_error', { cause: error });
}

/**
 * No backend can be reached, none is enabled, or all are left alone for a while.
 * @param wait milliseconds until one may take a request; undefined: nobody knows
 */
export function unavailable(cause?: Error, wait?: number): ApiError {
  return new ApiError('upstream_unavailable', {
    message: 'The model is not available at the moment; try again shortly',
    headers: wait === undefined ? retryAfter(undefined) : waitHeaders(Math.min(wait, LONGEST_RETRY_SECONDS * 1000)),
    cause,
  });
}

/** The kind of trouble in which an exchange with a backend ended before its answer was whole. */
export function troubleKind(error: Error, wasSent: boolean): TroubleKind {
  const code = codeOf(error);
  if (error instanceof NoConnection) return 'busy';
  if (isTimeout(error)) return 'timeout';
  if (wasSent) return wasClosed(error) ? 'reset' : 'answer';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'dns';
  if (code === 'MAAS_ADDRESS_REFUSED') return 'address';
  return tlsFailure.test(code) ? 'tls' : 'connect';
}

/**
 * The kind of trouble that a status says the backend is in; undefined when it may be about the request. 403 is none by itself:
 * a provider may refuse a single request so, and one person must not be able to bring a backend into disrepute.
 */
export function statusTrouble(status: number): TroubleKind | undefined {
  const trouble = status >= 500 || (status >= 300 && status < 400) || status === 401 || status === 407;
  return trouble ? `status ${status}` : undefined;
}

/** Whether a backend says that it cannot take it now: with 503, or with Anthropic's 529 (API reference, "Errors"). */
export function isOverloaded(status: number): boolean {
  return status === 503 || status === 529;
}

/** Whether the backend, or something on the way to it, closed the connection. */
export function wasClosed(error: Error): boolean {
  return closed.has(codeOf(error));
}

/** It had been used before, and was closed as soon as we wrote: the backend may merely have closed it as idle. */
export class StaleConnection extends Error {
  readonly code: string;

  constructor(cause: Error) {
    super(cause.message, { cause });
    this.code = codeOf(cause);
  }
}

function isTimeout(error: Error): boolean {
  return error instanceof DeadlinePassed || timeouts.has(codeOf(error));
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/**
 * What a client is told of an answer that is the backend's own trouble, and not about the request: its failures, its
 * redirects, and a refusal of our credential, which the client must not take for one of theirs.
 */
export function upstreamTrouble(status: number, retry: string | undefined): ApiError | undefined {
  // Before anything is made: an error takes its stack, and most answers are well.
  if (status >= 200 && status < 300) return undefined;
  const cause = new Error(`the backend answered ${status}`);
  if (isOverloaded(status)) return new ApiError('upstream_unavailable', { headers: retryAfter(retry), cause });
  if (status === 504) return new ApiError('upstream_timeout', { cause });
  const trouble =
    status >= 500 || (status >= 300 && status < 400) || status === 401 || status === 403 || status === 407;
  return trouble ? new ApiError('upstream_error', { cause }) : undefined;
}

/** A sign-in or an error page of something that stands before the model. */
const pageType = /^text\/html\b/;

/**
 * Why an answer of a good status is none all the same: it is encoded, though we asked for no encoding, so that it cannot be
 * metered; or it is a page where a model should speak.
 */
export function unusableAnswer(headers: IncomingHttpHeaders, isGenerated: boolean): Error | undefined {
  const encoding = headers['content-encoding'] ?? 'identity';
  const transfer = headers['transfer-encoding'] ?? 'chunked';
  if (encoding !== 'identity' || transfer !== 'chunked') {
    return new Error(`the backend sent an encoded answer (${encoding.slice(0, 40)}, ${transfer.slice(0, 40)})`);
  }
  if (isGenerated && pageType.test(headers['content-type'] ?? '')) return new Error('the backend sent a page');
  return undefined;
}

/**
 * A `retry-after` that SDKs honour: whole seconds, at most 60.
 * @param retry as the backend wrote it: seconds or an HTTP date
 */
export function retryAfter(retry: string | undefined): Record<string, string> {
  const seconds = Math.ceil((askedWait(retry, Date.now()) ?? RETRY_SECONDS * 1000) / 1000);
  return waitHeaders(seconds * 1000);
}

/**
 * How long a backend asks to be left alone: 1 to 60 s, in milliseconds; undefined when it does not say.
 * @param retry as it wrote it: seconds or an HTTP date (RFC 9110 §10.2.3)
 * @param now milliseconds since the Unix epoch
 */
export function askedWait(retry: string | undefined, now: number): number | undefined {
  if (retry === undefined) return undefined;
  const wait = /^\d+(?:\.\d+)?$/.test(retry.trim()) ? Number(retry) * 1000 : Date.parse(retry) - now;
  return Number.isNaN(wait) ? undefined : Math.min(LONGEST_RETRY_SECONDS * 1000, Math.max(1000, wait));
}
