import { randomBytes } from 'node:crypto';

/** Random bytes of one id: 4 bits of 80 are left unused, and 2 more become the variant. */
const RANDOM_BYTES = 10;
/** Ids are prepared together: one by one, drawing and writing down the random part costs more than all else of an id. */
const PREPARED = 64;
const VERSION = '7';
const TIME_DIGITS = 12;

/** The random parts, as they are written, of ids to come. */
let prepared: string[] = [];

/**
 * A new request's id: a UUIDv7 (RFC 9562 §5.7): 48 bits of Unix milliseconds, the rest random. Every answer carries it as
 * `x-request-id`; the log and, for inference, the usage row have it too. What a client sends under that name is not taken
 * over: it could be anybody's.
 */
export function newRequestId(): string {
  const random = prepared.pop() ?? prepare();
  const time = Date.now().toString(16).padStart(TIME_DIGITS, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}${random}`;
}

/** @returns one that is not kept */
function prepare(): string {
  const digits = randomBytes(PREPARED * RANDOM_BYTES).toString('hex');
  prepared = Array.from({ length: PREPARED }, (_, index) => randomPart(digits.slice(index * 2 * RANDOM_BYTES)));
  return prepared.pop() as string;
}

function randomPart(digits: string): string {
  // The variant's two bits are 10: 8, 9, a or b.
  const variant = (0x8 | (Number.parseInt(digits.charAt(3), 16) & 0x3)).toString(16);
  return `-${VERSION}${digits.slice(0, 3)}-${variant}${digits.slice(4, 7)}-${digits.slice(7, 19)}`;
}
