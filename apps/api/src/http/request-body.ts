import type { IncomingMessage } from 'node:http';
import { ApiError } from './api-error.js';
import { refusalOfCompressed } from './content-coding.js';

/**
 * Reads a body into memory.
 * @param limit bytes
 * @param take told of each part that comes; what it throws ends the reading
 * @throws ApiError 413, before the whole of a larger body has been read; 415 for one that is compressed; 400 when the client broke off
 */
export function readBody(
  request: IncomingMessage,
  limit: number,
  take: (bytes: number) => void = () => undefined,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const announced = Number(request.headers['content-length'] ?? 0);
    if (announced > limit) return reject(tooLarge(limit));
    const refusal = refusalOfCompressed(request.headers);
    if (refusal) return reject(refusal);
    const broken = () => reject(new ApiError('invalid_request', { message: 'The request body broke off' }));
    // Of a client that went away before we came to read, no event tells any more.
    if (request.destroyed) return broken();
    // The request is there for as long as its answer or its connection lasts, and would hold them by what listens to it.
    const chunks: Buffer[] = [];
    let size = 0;
    const data = (chunk: Buffer) => {
      size += chunk.length;
      try {
        if (size > limit) throw tooLarge(limit);
        take(chunk.length);
        chunks.push(chunk);
      } catch (error) {
        request.off('data', data).off('end', end).off('close', close).pause();
        reject(error);
      }
    };
    const end = () => {
      const [only] = chunks;
      request.off('data', data).off('end', end).off('close', close);
      resolve(chunks.length === 1 && only ? only : Buffer.concat(chunks));
    };
    const close = () => {
      if (!request.readableEnded) broken();
    };
    // Each is told once; `once` would wrap them for nothing. Without a listener for it, Node keeps the error to itself.
    request.on('data', data).on('end', end).on('close', close);
  });
}

function tooLarge(limit: number): ApiError {
  return new ApiError('request_too_large', {
    message: `The request body is too large; the largest is ${limit} bytes`,
  });
}
