import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Placed } from '../http/under-way.js';
import type { RoutableBackend, RoutableModel } from '../models/routable-model.js';
import type { Admission, Denial } from '../tiers/admission.js';
import type { TierRules } from '../tiers/assignment.js';
import type { VerifiedToken } from '../tokens/token-verifier.service.js';
import type { UsageRecord } from '../usage/usage-record.js';
import type { RelayTerms } from './answer-relay.js';
import type { Bill } from './bill.js';
import type { Dialect } from './dialect.js';
import type { InferenceTarget } from './inference-path.js';
import { addsUsageWish, type Wishes } from './inference-request.js';
import type { RequestTrace } from './request-trace.js';
import { largestCount, mostPieces, type PromptSize } from './token-estimate.js';

/** Who calls, and under which rules. */
export interface Client extends VerifiedToken {
  readonly tier: TierRules;
  /** What the limits said to the request, once they were asked. */
  decision: Admission | Denial | undefined;
  /** The model that is asked for, once it is known to be there. */
  modelId: string | undefined;
  /** What is recorded of the request, once it has ended. */
  row: UsageRecord | undefined;
}

/** An answer that is not sent yet, be it inference or not. */
export interface OpenAnswer extends Placed {
  readonly response: ServerResponse;
  /** Told that the answer is sent, or that its client went away. */
  onClose: (() => void) | undefined;
}

/** A request for inference and its answer, on one connection. */
export interface Exchange {
  readonly id: string;
  readonly message: IncomingMessage;
  readonly response: ServerResponse;
  readonly answer: OpenAnswer;
  /** Of the request, as far as they are in memory: until an answer has begun. */
  bodyBytes: number;
  /** What the answer carries, whatever it says: a `HeaderList`, given to `writeHead` at once with the rest. */
  readonly headers: readonly string[];
  readonly dialect: Dialect;
  /** Undefined: nobody wants traces. */
  readonly trace: RequestTrace | undefined;
}

/** A request that is understood and allowed, but for the limits. What it says is not here: an answer may outlive that by far. */
export interface Job {
  readonly exchange: Exchange;
  readonly client: Client;
  readonly model: RoutableModel;
  /** The one to begin with. */
  readonly backend: RoutableBackend;
  readonly wishes: Wishes;
  /**
   * The largest answer, in tokens, that the backend is asked for: what the client named, or else the largest that its tier
   * allows, because the backend would give its own. Undefined: as large as it likes.
   */
  readonly largest: number | undefined;
  readonly prompt: PromptSize;
  readonly target: InferenceTarget;
}

/** When a request was admitted, and how long it took. */
export type Times = Pick<UsageRecord, 'firstByteMs' | 'durationMs' | 'createdAt'>;

/** The usage row of a request. Every field by its name: to spread objects costs more than all else here. */
export function rowOf(
  { exchange, client, model, target, wishes }: Job,
  backend: RoutableBackend,
  { status, promptTokens, completionTokens, countSource }: Bill,
  { firstByteMs, durationMs, createdAt }: Times,
): UsageRecord {
  return {
    id: exchange.id,
    userId: client.person.id,
    tokenJti: client.jti,
    tier: client.tier.name,
    modelId: model.id,
    backendId: backend.id,
    endpoint: target.endpoint,
    status,
    streamed: wishes.stream,
    promptTokens,
    completionTokens,
    countSource,
    firstByteMs,
    durationMs,
    createdAt,
  };
}

/** What the relay of its answer has to know of a request. */
export function termsOf({ exchange, target, wishes, largest, model }: Job): RelayTerms {
  return {
    hideUsage: addsUsageWish(wishes),
    saysItsEnd: wishes.generates,
    wantsStream: wishes.generates && wishes.stream,
    mostPieces: mostPieces(target, wishes, largest, model),
    mostTokens: largestCount(target, wishes, model),
    choices: wishes.shownChoices,
    errorFrame: (error) => exchange.dialect.errorEvent(exchange.dialect.errorBody(error, exchange.id)),
  };
}
