import { ApiError } from './api-error.js';

/** The largest body that the control plane takes, in bytes; MAX_REQUEST_BYTES is that of inference. */
export const CONTROL_BODY_LIMIT = 1024 * 1024;

/** @param limit bytes */
export function tooLarge(limit: number): ApiError {
  return new ApiError('request_too_large', {
    message: `The request body is too large; the largest is ${limit} bytes`,
    // What is not read must not be taken for the next request.
    headers: { connection: 'close' },
  });
}
