import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ApiError } from './api-error.js';
import { lingerAfter } from './lingering-close.js';
import { readBody } from './request-body.js';
import { JsonError, parseStrictJson } from './strict-json.js';

/** The largest body that the control plane takes, in bytes. */
const CONTROL_BODY_LIMIT = 1024 * 1024;

/**
 * Reads every body of the control plane as JSON, whatever its content type says: `curl -d` says that it sends a form.
 * One that is malformed or too large becomes an ApiError in place of the value; the schema pipe throws it once the guards
 * have passed.
 */
export function parseBodiesAsJson(server: FastifyInstance): void {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', async (_request: FastifyRequest, message: IncomingMessage) => {
    try {
      return readJson(await readBody(message, CONTROL_BODY_LIMIT));
    } catch (error) {
      if (error instanceof ApiError) return error;
      throw error;
    }
  });
  server.addHook('onSend', ({ raw }, reply, _payload, done) => {
    // What is not read must not be taken for the next request.
    if (hasBody(raw) && !raw.complete) reply.header('connection', 'close');
    lingerAfter(reply.raw);
    done();
  });
}

/** RFC 9112 §6.3. */
function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

function readJson(body: Buffer): unknown {
  if (body.length === 0) return undefined;
  if (!isUtf8(body)) return new ApiError('invalid_json', { message: 'The request body is not valid UTF-8' });
  try {
    const { text, value } = parseStrictJson(body.toString());
    // Only an escape can write such a character in JSON that is UTF-8.
    if (!text.includes('\\u') || isStorable(value)) return value;
    return new ApiError('invalid_json', {
      message: 'The request body holds a character that cannot be kept: U+0000, or half of a surrogate pair',
    });
  } catch (error) {
    if (error instanceof JsonError) return new ApiError('invalid_json', { message: error.message });
    throw error;
  }
}

/** PostgreSQL keeps neither U+0000 nor half of a surrogate pair. */
function isStorable(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed() && !value.includes('\0');
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every((entry) => entry.every(isStorable));
}
