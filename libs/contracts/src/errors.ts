import { z } from 'zod';

/**
 * Every error that the platform answers with: its code, HTTP status, type and the beginning of its message.
 * Types and codes are those of the user guide (401, 403, 429) and of the OpenAI API, whose SDKs choose their
 * exception class by status and copy `type`, `code` and `param`.
 */
export const errorCatalogue = {
  invalid_request: { status: 400, type: 'invalid_request_error', message: 'Invalid request' },
  invalid_json: { status: 400, type: 'invalid_request_error', message: 'The request body is not valid JSON' },
  max_tokens_exceeded: { status: 400, type: 'invalid_request_error', message: 'max_tokens is too large' },
  invalid_api_key: { status: 401, type: 'invalid_request_error', message: 'Invalid authentication token' },
  invalid_credentials: { status: 401, type: 'invalid_request_error', message: 'Wrong username or password' },
  access_denied: {
    status: 403,
    type: 'permission_error',
    message: 'Insufficient permissions for this model',
  },
  not_found: { status: 404, type: 'invalid_request_error', message: 'Not found' },
  model_not_found: { status: 404, type: 'invalid_request_error', message: 'The model does not exist' },
  method_not_allowed: { status: 405, type: 'invalid_request_error', message: 'Method not allowed' },
  conflict: { status: 409, type: 'invalid_request_error', message: 'Conflict' },
  request_too_large: {
    status: 413,
    type: 'invalid_request_error',
    message: 'The request body is too large',
  },
  unsupported_media_type: {
    status: 415,
    type: 'invalid_request_error',
    message: 'Unsupported content type',
  },
  rate_limit_exceeded: { status: 429, type: 'rate_limit_error', message: 'Rate limit exceeded' },
  client_closed_request: { status: 499, type: 'invalid_request_error', message: 'The client went away' },
  internal_error: { status: 500, type: 'server_error', message: 'Internal error' },
  upstream_error: { status: 502, type: 'server_error', message: 'The model backend failed' },
  upstream_unavailable: {
    status: 503,
    type: 'server_error',
    message: 'The model is not available at the moment',
  },
  service_unavailable: {
    status: 503,
    type: 'server_error',
    message: 'The service is not available at the moment',
  },
  upstream_timeout: {
    status: 504,
    type: 'server_error',
    message: 'The model backend did not answer in time',
  },
} as const satisfies Record<string, { status: number; type: string; message: string }>;

export type ErrorCode = keyof typeof errorCatalogue;

/** The one shape of every error body: `{"error":{"message","type","param"?,"code"}}`. */
export const ErrorBody = z
  .object({
    error: z.object({
      message: z.string().meta({ description: 'What is wrong and what to do about it.' }),
      type: z.string(),
      param: z.string().nullable().optional().meta({ description: 'The field that is wrong.' }),
      code: z.string(),
    }),
  })
  .meta({
    id: 'Error',
    example: {
      error: {
        message: 'Invalid authentication token',
        type: 'invalid_request_error',
        code: 'invalid_api_key',
      },
    },
  });
export type ErrorBody = z.infer<typeof ErrorBody>;
