import type { ErrorCode } from '@maas/contracts/errors';
import type { ApiError } from '../http/api-error.js';
import type { Standing } from '../tiers/limits.js';
import { addRateLimitHeaders, type HeaderList } from './headers.js';

/** How the clients of an endpoint expect to be told what did not come from the backend: errors, and how the limits stand. */
export interface Dialect {
  errorBody(error: ApiError, requestId: string): object;
  /** An error in a stream that has begun. @param body as `errorBody`, or a backend's own */
  errorEvent(body: object): string;
  /** @param now Unix milliseconds */
  addStanding(to: HeaderList, standing: Standing, now: number): void;
  /** What every answer carries. */
  addHeaders(to: HeaderList, requestId: string): void;
}

const openai: Dialect = {
  errorBody: (error) => error.toBody(),
  // No `event:` line: OpenAI's SDKs read errors from data.
  errorEvent: (body) => `data: ${JSON.stringify(body)}\n\n`,
  addStanding: addRateLimitHeaders,
  addHeaders: () => undefined,
};

// Anthropic's API reference, "Errors" and "Streaming messages".
const anthropicTypes: Partial<Record<ErrorCode, string>> = {
  invalid_api_key: 'authentication_error',
  access_denied: 'permission_error',
  not_found: 'not_found_error',
  model_not_found: 'not_found_error',
  request_too_large: 'request_too_large',
  rate_limit_exceeded: 'rate_limit_error',
  service_unavailable: 'overloaded_error',
  upstream_unavailable: 'overloaded_error',
  upstream_timeout: 'timeout_error',
};

const anthropic: Dialect = {
  errorBody: (error, requestId) => ({
    type: 'error',
    error: {
      type: anthropicTypes[error.code] ?? (error.status < 500 ? 'invalid_request_error' : 'api_error'),
      message: error.message,
    },
    request_id: requestId,
  }),
  errorEvent: (body) => `event: error\ndata: ${JSON.stringify(body)}\n\n`,
  addStanding: (to, standing, now) => {
    addRateLimitHeaders(to, standing);
    addAnthropicLimits(to, standing, now);
  },
  addHeaders: (to, requestId) => to.push('request-id', requestId),
};

/** Anthropic's API reference, "Rate limits": resets are instants (RFC 3339). An unlimited limit has none. */
function addAnthropicLimits(to: HeaderList, standing: Standing, now: number): void {
  for (const name of ['requests', 'tokens'] as const) {
    const { limit, remaining, resetMs } = standing[name];
    if (limit === null) continue;
    const reset = new Date(Math.ceil((now + resetMs) / 1000) * 1000).toISOString().replace('.000Z', 'Z');
    to.push(`anthropic-ratelimit-${name}-limit`, String(limit));
    to.push(`anthropic-ratelimit-${name}-remaining`, String(remaining));
    to.push(`anthropic-ratelimit-${name}-reset`, reset);
  }
}

/** By the endpoint, for any client: `messages` is Anthropic's, all others are OpenAI's. */
export function dialectOf(endpoint: string | undefined): Dialect {
  return endpoint === 'messages' || endpoint?.startsWith('messages/') ? anthropic : openai;
}
