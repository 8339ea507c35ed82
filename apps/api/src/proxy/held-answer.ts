import { ApiError } from '../http/api-error.js';
import type { Outcome } from './answer-relay.js';
import type { Bill } from './bill.js';
import type { Standing } from '../tiers/limits.js';
import { addReturnedHeaders, addUsageHeaders } from './headers.js';
import { isObject, objectIn } from './inference-request.js';
import type { Exchange } from './job.js';
import { retryAfter } from './upstream-error.js';

/** A whole answer, not sent yet. */
export type HeldAnswer = Extract<Outcome, { kind: 'held' }>;

/** An answer of up to this size is written in one call with its headers. */
const ONE_WRITE_BYTES = 16 * 1024;

/**
 * Sends an answer that was held, with what it came to and what is left after it; a refusal as an event, where the client has
 * the head of a stream already.
 * @param standing the limits after it
 * @param now Unix milliseconds
 * @param reported what it came to, where the backend said so
 */
export function sendHeld(
  { id, response, dialect, headers: ours }: Exchange,
  answer: HeldAnswer,
  standing: Standing,
  now: number,
  reported: Bill | undefined,
): void {
  const { status, headers, body } = answer;
  if (response.headersSent) {
    const refusal = refusalIn(body) ?? dialect.errorBody(new ApiError('upstream_error'), id);
    return void response.end(dialect.errorEvent(refusal));
  }
  const sent = ours.slice();
  addReturnedHeaders(sent, headers);
  if (status === 429) sent.push(...Object.entries(retryAfter(headers['retry-after'])).flat());
  if (reported) addUsageHeaders(sent, reported.promptTokens, reported.completionTokens);
  dialect.addStanding(sent, standing, now);
  sent.push('content-length', String(body.length));
  response.writeHead(status, sent);
  // As text of the same bytes, Node writes it together with the headers, in one call instead of two.
  if (body.length <= ONE_WRITE_BYTES) response.end(body.toString('latin1'), 'latin1');
  else response.end(body);
}

/** What a backend said of a request that it refused, where the SDKs find errors in a stream: as an object in `error`. */
function refusalIn(body: Buffer): object | undefined {
  const said = objectIn(body.toString());
  if (!said || isObject(said['error'])) return said;
  const { error } = said;
  return { error: typeof error === 'string' && error !== '' ? { message: error } : said };
}
