import type { Outcome } from './answer-relay.js';
import type { Bill } from './bill.js';
import { returnedHeaders, usageHeaders } from './headers.js';
import type { Exchange } from './job.js';
import { retryAfter } from './upstream-error.js';

type HeldAnswer = Extract<Outcome, { kind: 'held' }>;

/** An answer of up to this size is written in one call with its headers. */
const ONE_WRITE_BYTES = 16 * 1024;

/**
 * Sends an answer that was held, with what it came to and what is left after it.
 * @param standing the limits after it, as headers @param reported what it came to, where the backend said so
 */
export function sendHeld(
  { response, headers: ours }: Exchange,
  answer: HeldAnswer,
  standing: Record<string, string>,
  reported: Bill | undefined,
): void {
  const { status, headers, body } = answer;
  response.writeHead(status, {
    ...ours,
    ...returnedHeaders(headers),
    ...(status === 429 ? retryAfter(headers['retry-after']) : {}),
    ...(reported ? usageHeaders(reported.promptTokens, reported.completionTokens) : {}),
    ...standing,
    'content-length': String(body.length),
  });
  // As text of the same bytes, Node writes it together with the headers, in one call instead of two.
  if (body.length <= ONE_WRITE_BYTES) response.end(body.toString('latin1'), 'latin1');
  else response.end(body);
}
