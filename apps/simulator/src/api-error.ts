/** A refusal in the shape that OpenAI's clients read: `{"error":{"message","type","param","code"}}`. */
export class ApiError extends Error {
  override readonly name = 'ApiError';

  constructor(
    readonly status: number,
    readonly type: string,
    readonly code: string | null,
    message: string,
    readonly param: string | null = null,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }

  toJSON(): object {
    return { error: { message: this.message, type: this.type, param: this.param, code: this.code } };
  }
}

/** 400: a field of the body, or the whole body where `param` is null. */
export function invalidRequest(message: string, param: string | null, code: string | null): ApiError {
  return new ApiError(400, 'invalid_request_error', code, message, param);
}

/** 404: a model that this server does not serve. */
export function modelNotFound(model: string): ApiError {
  return new ApiError(
    404,
    'invalid_request_error',
    'model_not_found',
    `The model \`${model}\` does not exist`,
    'model',
  );
}

/** 404: a path that leads nowhere. */
export function unknownUrl(method: string, path: string): ApiError {
  return new ApiError(404, 'invalid_request_error', 'unknown_url', `Unknown request URL: ${method} ${path}`);
}

/** 405: a path that exists for another method. */
export function methodNotAllowed(method: string, allowed: string): ApiError {
  const message = `The method ${method} is not accepted here; use ${allowed}`;
  return new ApiError(405, 'invalid_request_error', 'method_not_supported', message, null, {
    allow: allowed,
  });
}

/** 413: a body larger than the server reads. */
export function requestTooLarge(limit: number): ApiError {
  const message = `The body of a request may have ${limit} bytes at most`;
  // The rest of the body is not read, so the connection cannot serve another request.
  return new ApiError(413, 'invalid_request_error', 'request_too_large', message, null, {
    connection: 'close',
  });
}

/** The error that the fault `status_N` asks for, with a `retry-after` where clients expect one. */
export function simulatedStatus(status: number): ApiError {
  const message = `Simulated status ${status}`;
  const headers: Record<string, string> = status === 429 || status === 503 ? { 'retry-after': '1' } : {};
  if (status === 429) return new ApiError(429, 'rate_limit_error', 'rate_limit_exceeded', message, null, headers);
  const type = status >= 500 ? 'server_error' : 'invalid_request_error';
  return new ApiError(status, type, 'simulated_fault', message, null, headers);
}
