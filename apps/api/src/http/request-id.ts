import { v7 as uuidv7 } from 'uuid';

/**
 * A new request's id: a UUIDv7 (RFC 9562). Every answer carries it as `x-request-id`; the log and, for inference, the usage
 * row have it too. What a client sends under that name is not taken over: it could be anybody's.
 */
export function newRequestId(): string {
  return uuidv7();
}
