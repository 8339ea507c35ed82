import { errorCatalogue } from '@maas/contracts/errors';
import type { CountSource } from '@maas/database/client';
import { INTERRUPTED_STATUS } from '../usage/usage-record.js';
import { ABANDONED_STATUS, type Outcome } from './answer-relay.js';
import { type CompletionMeter, readLastUsage, type ReportedUsage, readUsage } from './completion-meter.js';
import { objectIn, type Wishes } from './inference-request.js';
import { likelyAnswer, likelyPrompt, type PromptSize } from './token-estimate.js';

/** What a request came to. */
export interface Bill {
  readonly status: number;
  readonly promptTokens: number;
  readonly completionTokens: number;
  readonly countSource: CountSource;
}

/** Also whether the backend itself gave both counts. */
export interface ReportedBill extends Bill {
  readonly reported: boolean;
}

/** What is recorded for an answer that broke off, though its status had been sent already. */
const BROKEN_STATUS = errorCatalogue.upstream_error.status;

interface Asked {
  readonly prompt: PromptSize;
  readonly wishes: Wishes;
}

/**
 * What a request came to, however it ended: by the backend's own count; by the pieces that passed, where a stream ended
 * before that came; by the size of the text, where nothing else is known. A request that failed before its answer began
 * comes to nothing, and so does one for which no model runs.
 */
export function billOf(outcome: Outcome, meter: CompletionMeter, asked: Asked): ReportedBill {
  const bill = meteredBill(outcome, meter, asked);
  return asked.wishes.isFree ? nothing(bill.status) : bill;
}

function meteredBill(outcome: Outcome, meter: CompletionMeter, asked: Asked): ReportedBill {
  switch (outcome.kind) {
    case 'failed':
      return nothing(outcome.error.status);
    case 'abandoned':
      return streamed(ABANDONED_STATUS, meter, asked);
    case 'interrupted':
      return streamed(outcome.error.status, meter, asked);
    case 'relayed':
      if (outcome.error === undefined && outcome.status >= 400) return nothing(outcome.status);
      return streamed(outcome.error ? BROKEN_STATUS : outcome.status, meter, asked);
    case 'held':
      if (outcome.status >= 400) return nothing(outcome.status);
      return whole(outcome.status, outcome.body, meter.reported, asked);
  }
}

/** What a request under way has come to, if our process ends now: the same as if the answer broke off. */
export function billSoFar(meter: CompletionMeter, asked: Asked): Bill {
  const { status, promptTokens, completionTokens, countSource } = streamed(INTERRUPTED_STATUS, meter, asked);
  return { status, promptTokens, completionTokens, countSource };
}

function nothing(status: number): ReportedBill {
  return { status, promptTokens: 0, completionTokens: 0, countSource: 'upstream', reported: false };
}

function streamed(status: number, meter: CompletionMeter, { prompt, wishes }: Asked): ReportedBill {
  const { pieces, piecesAtCount, hasBytes } = meter;
  const { promptTokens, completionTokens } = meter.reported;
  // Anthropic's messages begin with a first count: of an answer that broke off after it, it is not the last one.
  const isOutdated = status >= 400 && pieces > piecesAtCount;
  if (promptTokens !== undefined && completionTokens !== undefined && !isOutdated) {
    return { status, promptTokens, completionTokens, countSource: 'upstream', reported: true };
  }
  // Of an answer that ended before anything of it came nobody knows whether it was begun: its prompt is not charged.
  if (pieces === 0 && !hasBytes && status >= 400) return nothing(status);
  return {
    status,
    promptTokens: promptTokens ?? likelyPrompt(prompt),
    completionTokens: wishes.generates ? Math.max(pieces, completionTokens ?? 0) : 0,
    countSource: pieces > 0 ? 'counted' : 'estimated',
    reported: false,
  };
}

function whole(status: number, body: Buffer, usage: ReportedUsage, { prompt, wishes }: Asked): ReportedBill {
  if (!wishes.generates) usage.completionTokens = 0;
  readLastUsage(body, usage);
  if (isComplete(usage)) return counted(status, usage);
  // Whether it is JSON is not ours to judge: it is passed on as it is.
  const answer = objectIn(body.toString()) ?? {};
  readUsage(answer, usage);
  if (isComplete(usage)) return counted(status, usage);
  return {
    status,
    promptTokens: usage.promptTokens ?? likelyPrompt(prompt),
    completionTokens: usage.completionTokens ?? likelyAnswer(answer),
    countSource: 'estimated',
    reported: false,
  };
}

type CompleteUsage = ReportedUsage & { promptTokens: number; completionTokens: number };

function counted(status: number, { promptTokens, completionTokens }: CompleteUsage): ReportedBill {
  return { status, promptTokens, completionTokens, countSource: 'upstream', reported: true };
}

function isComplete(usage: ReportedUsage): usage is CompleteUsage {
  return usage.promptTokens !== undefined && usage.completionTokens !== undefined;
}
