import { types } from 'node:util';
import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Logger } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ErrorCode } from '@maas/contracts/errors';
import { isDatabaseUnavailable, isUnstorableText } from '../database/database-error.js';
import { ApiError } from './api-error.js';
import { waitHeaders } from './wait-headers.js';

const codeOfStatus: Record<number, ErrorCode> = {
  400: 'invalid_request',
  401: 'invalid_api_key',
  403: 'access_denied',
  404: 'not_found',
  405: 'method_not_allowed',
  409: 'conflict',
  413: 'request_too_large',
  414: 'invalid_request',
  415: 'unsupported_media_type',
  429: 'rate_limit_exceeded',
};

/**
 * Says what the caller may know of any error: our own errors as they are, the framework's by their status, a database that
 * is away as 503, and everything else as an opaque 500.
 * @param requestId the caller can name it to whoever reads the log
 */
export function toApiError(error: unknown, requestId: string): ApiError {
  if (error instanceof ApiError) return error;
  if (isDatabaseUnavailable(error)) {
    return new ApiError('service_unavailable', {
      message: 'The service cannot reach its database at the moment; try again shortly',
      headers: waitHeaders(5000),
      cause: error,
    });
  }
  if (isUnstorableText(error)) {
    return new ApiError('invalid_request', {
      message: 'A text of the request holds a character that cannot be kept: U+0000, or half of a surrogate pair',
    });
  }
  const status = statusOf(error);
  const code = status === undefined ? undefined : codeOfStatus[status];
  if (code === 'not_found')
    return new ApiError(code, { message: `There is nothing here: ${(error as Error).message}` });
  if (code === 'request_too_large' || code === 'unsupported_media_type') return new ApiError(code);
  if (code) return new ApiError(code, { message: (error as Error).message });
  return new ApiError('internal_error', {
    message: `Something went wrong on our side; the log has it under request ${requestId}`,
    cause: error,
  });
}

function statusOf(error: unknown): number | undefined {
  if (error instanceof HttpException) return error.getStatus();
  // Fastify's own errors carry their status.
  if (error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number') return error.statusCode;
  return undefined;
}

const logger = new Logger('Errors');

/** Logs an error as loudly as its kind deserves: a caller's mistake is no news, nor what is known. */
export function logError(error: ApiError, requestId: string): void {
  if (error.status < 500 || error.isKnown) return;
  const cause = types.isNativeError(error.cause) ? error.cause : undefined;
  const line = `${error.code} in request ${requestId}: ${cause?.message ?? error.message}`;
  if (error.code === 'internal_error') logger.error(line, cause?.stack);
  else logger.warn(line);
}

/** The one place where an error of the control plane becomes HTTP. */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const error = toApiError(thrown, request.id);
    logError(error, request.id);
    if (reply.sent) return;
    if (error.status === 401) reply.header('www-authenticate', 'Bearer error="invalid_token"');
    void reply.status(error.status).headers(error.headers).send(error.toBody());
  }
}

/** A path that the router cannot read, or one that is too long: no route, hook or filter sees it. */
export function answerUnroutable(thrown: Error, request: FastifyRequest, reply: FastifyReply): void {
  const error = toApiError(thrown, request.id);
  void reply.status(error.status).header('x-request-id', request.id).send(error.toBody());
}
