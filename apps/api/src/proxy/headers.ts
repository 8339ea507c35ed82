import type { IncomingHttpHeaders } from 'node:http';
import { formatDuration } from '@maas/contracts/duration';
import type { Standing } from '../tiers/limits.js';

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

export function returnedHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const sent: Record<string, string> = {};
  for (const name of returned) {
    const value = headers[name];
    if (typeof value === 'string') sent[name] = value;
  }
  return sent;
}

/** OpenAI's rate-limit headers. An unlimited limit has none: there is no true number to give. */
export function rateLimitHeaders({ requests, tokens }: Standing): Record<string, string> {
  const headers: Record<string, string> = {};
  if (requests.limit !== null) {
    headers['x-ratelimit-limit-requests'] = String(requests.limit);
    headers['x-ratelimit-remaining-requests'] = String(requests.remaining);
    headers['x-ratelimit-reset-requests'] = formatDuration(requests.resetMs);
  }
  if (tokens.limit !== null) {
    headers['x-ratelimit-limit-tokens'] = String(tokens.limit);
    headers['x-ratelimit-remaining-tokens'] = String(tokens.remaining);
    headers['x-ratelimit-reset-tokens'] = formatDuration(tokens.resetMs);
  }
  return headers;
}

/** The guide's platform reports the usage of an answer so, where it is known before the answer is sent. */
export function usageHeaders(promptTokens: number, completionTokens: number): Record<string, string> {
  return {
    'x-odhu-usage-input-tokens': String(promptTokens),
    'x-odhu-usage-output-tokens': String(completionTokens),
    'x-odhu-usage-total-tokens': String(promptTokens + completionTokens),
  };
}

/** Pages of any origin may call with a token of their own: no cookie is ever looked at here. */
export function corsHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  if (headers.origin === undefined) return {};
  return { 'access-control-allow-origin': '*', 'access-control-expose-headers': exposed };
}

export function preflightHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const asked = headers['access-control-request-headers'];
  return {
    ...corsHeaders(headers),
    'access-control-allow-methods': 'GET, HEAD, POST, DELETE',
    'access-control-allow-headers': typeof asked === 'string' ? asked : 'authorization, content-type',
    'access-control-max-age': '86400',
  };
}
