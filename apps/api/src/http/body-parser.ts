import { isUtf8 } from 'node:buffer';
import type { FastifyInstance } from 'fastify';
import { ApiError } from './api-error.js';
import { CONTROL_BODY_LIMIT } from './body-size.js';
import { refusalOfCompressed } from './content-coding.js';
import { lingerAfter } from './lingering-close.js';
import { JsonError, parseStrictJson } from './strict-json.js';

/**
 * Reads every body of the control plane as JSON, whatever its content type says: `curl -d` says that it sends a form.
 * A malformed body becomes an ApiError in place of the value; the schema pipe throws it once the guards have passed.
 */
export function parseBodiesAsJson(server: FastifyInstance): void {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: CONTROL_BODY_LIMIT }, ({ headers }, body, done) => {
    done(null, refusalOfCompressed(headers) ?? readJson(body as Buffer));
  });
  server.addHook('onSend', (_request, reply, _payload, done) => {
    lingerAfter(reply.raw);
    done();
  });
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
