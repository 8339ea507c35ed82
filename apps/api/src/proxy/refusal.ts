import { ApiError } from '../http/api-error.js';
import { waitHeaders } from '../http/wait-headers.js';
import type { LimitName, Refusal } from '../tiers/limits.js';

const described: Record<LimitName, (size: number) => string> = {
  requests: (size) => `${counted(size, 'request')} per minute`,
  tokens: (size) => `${counted(size, 'token')} per minute`,
  concurrency: (size) => `${counted(size, 'request')} at the same time`,
};

function counted(size: number, what: string): string {
  return size === 1 ? `1 ${what}` : `${size} ${what}s`;
}

/** Nobody can say whether the caller is within their limits, and the operator wants nobody let in then. */
export function limitsUnavailable(): ApiError {
  return new ApiError('service_unavailable', {
    message: 'Rate limits cannot be checked at the moment, so no request is taken; try again shortly',
    headers: waitHeaders(2000),
    isKnown: true,
  });
}

/** A refusal as the client gets it: which limit, of what size, and when to try again. */
export function refusalOf({ limit, size, isShare, retryAfterMs }: Refusal): ApiError {
  const seconds = Math.max(1, Math.ceil(retryAfterMs / 1000));
  const shared = isShare ? ', shared out among the server’s processes while they cannot count together' : '';
  return new ApiError('rate_limit_exceeded', {
    message: `Rate limit exceeded: your tier allows ${described[limit](size)}${shared}; try again in ${seconds} s`,
    headers: waitHeaders(retryAfterMs),
  });
}

/** This process ends, and the answer is not whole. */
export function restarting(): ApiError {
  return new ApiError('service_unavailable', {
    message: 'The server is restarting, and the answer could not be finished; send the request again',
    headers: waitHeaders(1000),
    isKnown: true,
  });
}
