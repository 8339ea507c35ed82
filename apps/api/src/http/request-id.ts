import { randomFillSync } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';

/** Random bytes of one id. */
const BYTES = 16;
/** Random bytes are drawn for many ids at once: one call costs as much as the rest of an id. */
const drawn = new Uint8Array(256 * BYTES);
let used = drawn.length;

/**
 * A new request's id: a UUIDv7 (RFC 9562). Every answer carries it as `x-request-id`; the log and, for inference, the usage
 * row have it too. What a client sends under that name is not taken over: it could be anybody's.
 */
export function newRequestId(): string {
  if (used === drawn.length) {
    randomFillSync(drawn);
    used = 0;
  }
  used += BYTES;
  return uuidv7({ random: drawn.subarray(used - BYTES, used) });
}
