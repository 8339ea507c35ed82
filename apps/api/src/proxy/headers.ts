import type { IncomingHttpHeaders } from 'node:http';
import { formatDuration } from '@maas/contracts/duration';
import type { Standing } from '../tiers/limits.js';

/**
 * Names and values in turn, each name once, as `writeHead` of node:http takes them: several objects of headers would be put
 * together anew for every answer.
 */
export type HeaderList = string[];

/** What of a client's request a backend may see. Never a credential, a cookie or who forwarded it. */
const forwarded = [
  'accept',
  'content-type',
  'openai-beta',
  'anthropic-version',
  'anthropic-beta',
  'traceparent',
  'tracestate',
] as const;

/** What of a backend's answer a client may see, besides the status and the body. */
const returned = [
  'content-type',
  'content-disposition',
  'content-language',
  'openai-processing-ms',
  'openai-version',
] as const;

/** Our own headers that a page of another origin may read. */
const exposed = [
  'x-request-id',
  ...['limit', 'remaining', 'reset'].flatMap((what) => [`x-ratelimit-${what}-requests`, `x-ratelimit-${what}-tokens`]),
  ...['input', 'output', 'total'].map((what) => `x-odhu-usage-${what}-tokens`),
  'retry-after',
  'retry-after-ms',
].join(', ');

export function upstreamHeaders(
  headers: IncomingHttpHeaders,
  authorization: string | null,
  requestId: string,
): Record<string, string> {
  const sent: Record<string, string> = {
    'user-agent': 'maas',
    'accept-encoding': 'identity',
    'x-request-id': requestId,
  };
  for (const name of forwarded) {
    const value = headers[name];
    if (typeof value === 'string') sent[name] = value;
  }
  if (authorization !== null) sent['authorization'] = authorization;
  return sent;
}

export function addReturnedHeaders(to: HeaderList, headers: IncomingHttpHeaders): void {
  for (const name of returned) {
    const value = headers[name];
    if (typeof value === 'string') to.push(name, value);
  }
}

/** OpenAI's rate-limit headers. An unlimited limit has none: there is no true number to give. */
export function addRateLimitHeaders(to: HeaderList, { requests, tokens }: Standing): void {
  if (requests.limit !== null) {
    to.push('x-ratelimit-limit-requests', String(requests.limit));
    to.push('x-ratelimit-remaining-requests', String(requests.remaining));
    to.push('x-ratelimit-reset-requests', formatDuration(requests.resetMs));
  }
  if (tokens.limit !== null) {
    to.push('x-ratelimit-limit-tokens', String(tokens.limit));
    to.push('x-ratelimit-remaining-tokens', String(tokens.remaining));
    to.push('x-ratelimit-reset-tokens', formatDuration(tokens.resetMs));
  }
}

/** The guide's platform reports the usage of an answer so, where it is known before the answer is sent. */
export function addUsageHeaders(to: HeaderList, promptTokens: number, completionTokens: number): void {
  to.push('x-odhu-usage-input-tokens', String(promptTokens));
  to.push('x-odhu-usage-output-tokens', String(completionTokens));
  to.push('x-odhu-usage-total-tokens', String(promptTokens + completionTokens));
}

/** Pages of any origin may call with a token of their own: no cookie is ever looked at here. */
export function addCorsHeaders(to: HeaderList, headers: IncomingHttpHeaders): void {
  if (headers.origin === undefined) return;
  to.push('access-control-allow-origin', '*', 'access-control-expose-headers', exposed);
}

export function addPreflightHeaders(to: HeaderList, headers: IncomingHttpHeaders): void {
  const asked = headers['access-control-request-headers'];
  to.push('access-control-allow-methods', 'GET, HEAD, POST, DELETE');
  to.push('access-control-allow-headers', typeof asked === 'string' ? asked : 'authorization, content-type');
  to.push('access-control-max-age', '86400');
}
