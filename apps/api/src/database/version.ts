import { ApiError } from '../http/api-error.js';

/**
 * Refuses a change that was made in ignorance of another.
 * @param read the version that the caller read; undefined when they do not care
 * @throws ApiError 409
 */
export function requireVersion(noun: string, current: number, read: number | undefined): void {
  if (read === undefined || read === current) return;
  throw new ApiError('conflict', {
    message: `This ${noun} was changed by somebody else: it has version ${current}, you read ${read}; read it again`,
    param: 'version',
  });
}
