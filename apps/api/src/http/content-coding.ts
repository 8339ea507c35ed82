import type { IncomingHttpHeaders } from 'node:http';
import { ApiError } from './api-error.js';

/** IANA's HTTP content codings that compress, and their aliases. What else the header says is passed over: some write `utf-8`. */
const compressed = /\b(?:gzip|br|deflate|zstd|compress|dcb|dcz)\b/i;

/**
 * Bodies are taken as they are: what is compressed says too late how large it is. RFC 9110 §15.5.16 has 415 for that, and the
 * header that says what is accepted.
 * @returns the refusal of a body that is said to be compressed
 */
export function refusalOfCompressed(headers: IncomingHttpHeaders): ApiError | undefined {
  const coding = headers['content-encoding'];
  if (coding === undefined || !compressed.test(coding)) return undefined;
  return new ApiError('unsupported_media_type', {
    message: 'The request body is compressed (content-encoding), which is not accepted: send it as it is',
    headers: { 'accept-encoding': 'identity' },
  });
}
