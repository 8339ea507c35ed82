import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { errorCatalogue } from '@maas/contracts/errors';
import { ApiError } from '../http/api-error.js';
import { CompletionMeter, readUsageWithin } from './completion-meter.js';
import { EventFrames } from './event-frames.js';
import type { Flow, Receiver } from './upstream.service.js';
import { unusableAnswer, upstreamFailure, upstreamTrouble } from './upstream-error.js';

/** An answer up to this size is held until its usage is known; a larger one is passed on as it comes. */
const HELD_BYTES = 4 * 1024 * 1024;
const TAIL_BYTES = 16 * 1024;
/** Some events have a whole image in them, or all of an answer. */
const LARGEST_EVENT = 16 * 1024 * 1024;
/** Of an answer that nobody gets so much is read, for the connection's sake; it is closed where there is more. */
const DISCARDED_BYTES = 64 * 1024;
const FRAME_END = Buffer.from('\n\n');
/** How an event stream begins (WHATWG HTML, "Server-sent events"), which JSON does not. */
const eventsBegin = /^\ufeff?\s*(?:data|event|id|retry)?:/;
const LONGEST_BEGINNING = 16;
const KEEP_ALIVE = Buffer.from(': keep-alive\n\n');

/** How an exchange with a backend ended. */
export type Outcome =
  /** A whole answer, not sent yet. */
  | { readonly kind: 'held'; readonly status: number; readonly headers: IncomingHttpHeaders; readonly body: Buffer }
  /** The answer was passed on as it came; `error` when it broke off. */
  | { readonly kind: 'relayed'; readonly status: number; readonly error: Error | undefined }
  /** Nothing of an answer was sent; the client gets an error of ours. `broken` when one had come to its end that is not whole. */
  | { readonly kind: 'failed'; readonly error: ApiError; readonly broken?: Error | undefined }
  /** The client went away. */
  | { readonly kind: 'abandoned' }
  /**
   * We ended it, as our process ends or its client may have no more of it; `isTold` where the answer had begun, so that the
   * client needs to be told nothing more.
   */
  | { readonly kind: 'interrupted'; readonly error: ApiError; readonly isTold: boolean };

/** What the conductor does as an answer goes by. */
export interface RelayHooks {
  /** The answer is about to be passed on: sends status and headers. */
  begin(status: number, headers: IncomingHttpHeaders): void;
  /** The first byte of the body came. */
  firstByte(): void;
  /** Called once, however it ends, and before the client has the last of the answer: so nothing that arrived is unbilled. */
  conclude(outcome: Outcome): void;
}

/** What of a request the relay of its answer has to know. */
export interface RelayTerms {
  /** The client did not ask for the usage chunk that the gateway asked for. */
  readonly hideUsage: boolean;
  /** A stream of this answer says when it is whole. */
  readonly saysItsEnd: boolean;
  /** A stream was asked for. */
  readonly wantsStream: boolean;
  /** The most pieces that the answer may have; a backend that goes on has lost count. */
  readonly mostPieces: number;
  /** No count of tokens can be larger. */
  readonly mostTokens: number;
  /** How many choices the answer has. */
  readonly choices: number;
  /** An error after the stream has begun, as the clients of this endpoint read it. */
  errorFrame(error: ApiError): string;
}

type Mode = 'hold' | 'events' | 'bytes' | 'discard';

/**
 * Takes an answer from a backend. An event stream is passed on frame by frame, anything binary or large as it comes, with
 * the client's pace holding the backend back; JSON is held, so that its usage can be said in the headers, and so are
 * refusals, so that they say when to come again.
 */
export class AnswerRelay implements Receiver {
  readonly meter: CompletionMeter;
  private readonly frames = new EventFrames(LARGEST_EVENT);
  private mode: Mode = 'discard';
  private status = 0;
  private headers: IncomingHttpHeaders = {};
  private flow: Flow | undefined;
  /** Pieces of an event stream that were not looked at yet. */
  private arrived: Buffer[] = [];
  private held: Buffer[] = [];
  private heldBytes = 0;
  /** The latest of a JSON answer that is too large to be held, in which its usage may have begun. */
  private tail: Buffer | undefined;
  private discardedBytes = 0;
  private hasBegun = false;
  /** It was asked for as an event stream and does not say that it is one: how it begins tells. */
  private isUnnamed = false;
  private paused = false;
  /** Whether the client takes what was written is looked at soon. */
  private isLooking = false;
  private concluded = false;
  /** Turns of the keeper since something was written. */
  private quietTurns = 0;
  /** The client has the head of an event stream since before there was an answer: whatever comes of it is an event. */
  private isCommitted = false;

  constructor(
    private readonly response: ServerResponse,
    private readonly hooks: RelayHooks,
    private readonly terms: RelayTerms,
  ) {
    this.meter = new CompletionMeter(terms.hideUsage, terms.mostTokens, terms.choices);
  }

  /**
   * Keeps a quiet stream from being taken for dead by whatever stands between: in the last of so many turns without a byte it
   * gets a comment, which every reader of event streams passes over (WHATWG HTML, "Server-sent events"). So does one that was
   * asked for and has not begun, as many servers send no head before the first token.
   */
  keepAlive(turns: number): void {
    this.quietTurns += 1;
    if (this.quietTurns < turns || this.paused || this.response.writableEnded) return;
    if (this.mode !== 'events' && !this.commit()) return;
    this.write(KEEP_ALIVE);
  }

  /** Sends the head of an event stream before there is an answer. @returns false: there is no such stream to keep alive */
  private commit(): boolean {
    if (this.concluded || !this.terms.wantsStream) return false;
    if (!this.isCommitted && this.mode === 'discard') {
      this.isCommitted = true;
      this.hooks.begin(200, { 'content-type': 'text/event-stream' });
    }
    return this.isCommitted;
  }

  /** The client went away: whatever comes from the backend no longer matters. */
  abandon(): void {
    // What has arrived was produced, though nobody will see it.
    if (this.arrived.length > 0) this.meter.pass(Buffer.concat(this.arrived));
    this.arrived = [];
    this.conclude({ kind: 'abandoned' });
  }

  /** We end the answer before it has come to its end: what is there of it is passed on, and the client told why. */
  interrupt(error: ApiError): void {
    if (this.mode === 'events') this.passOn();
    if (this.concluded) return;
    const { mode } = this;
    this.mode = 'discard';
    this.conclude({ kind: 'interrupted', error, isTold: mode === 'events' || mode === 'bytes' || this.isCommitted });
    this.endEarly(mode, error);
  }

  started(status: number, headers: IncomingHttpHeaders, flow: Flow): void {
    this.status = status;
    this.headers = headers;
    this.flow = flow;
    if (this.concluded) return;
    // Of comments alone, a client that reads nothing may have left so many.
    if (this.paused) flow.pause();
    const type = headers['content-type'] ?? '';
    const trouble = upstreamTrouble(status, headers['retry-after']);
    // The client need not wait for the rest of what it does not get.
    if (trouble) return this.fail(trouble);
    const unusable = unusableAnswer(headers, this.terms.saysItsEnd);
    if (unusable) {
      this.fail(new ApiError('upstream_error', { cause: unusable }));
      return flow.abort(unusable);
    }
    const isEvents = type.startsWith('text/event-stream');
    this.isUnnamed = this.terms.wantsStream && status === 200 && !isEvents;
    // Not every server gives its JSON its type.
    if (status >= 400 || (!isEvents && (type.includes('json') || this.terms.saysItsEnd))) this.mode = 'hold';
    else this.begin(isEvents ? 'events' : 'bytes');
  }

  data(chunk: Buffer): void {
    if (!this.hasBegun) this.hooks.firstByte();
    this.hasBegun = true;
    if (this.mode === 'events') this.relayEvents(chunk);
    else if (this.mode === 'bytes') this.relayBytes(chunk);
    else if (this.mode === 'hold') this.hold(chunk);
    else this.discard(chunk);
  }

  ended(): void {
    // Whoever discards has concluded.
    if (this.mode === 'discard') return;
    if (this.mode === 'hold') {
      const { status, headers } = this;
      const body = Buffer.concat(this.held);
      if (this.mayBeCutOff() && !isJson(body)) {
        const broken = new Error('the answer ended before its JSON did');
        return this.fail(upstreamFailure(broken), broken);
      }
      if (this.isCommitted && status < 400) return this.breakCommitment();
      return this.conclude({ kind: 'held', status, headers, body });
    }
    if (this.mode === 'events') this.passOn();
    // Of what no empty line ends, readers get nothing: it is no end of the answer.
    const { hasReasons } = this.meter;
    const rest = this.mode === 'events' ? this.frames.rest() : undefined;
    const last = rest && this.meter.pass(rest);
    // Readers pass over a frame that no empty line ends.
    if (last && this.meter.hasError) return this.giveUp(Buffer.concat([last, FRAME_END]));
    if (this.mode === 'events' && this.terms.saysItsEnd && !this.meter.isWhole && !hasReasons) {
      // A connection that a proxy before the backend closed looks like an answer that is whole.
      return this.breakOff(new Error('the stream ended without its end'), new ApiError('upstream_error'));
    }
    this.conclude({ kind: 'relayed', status: this.status, error: undefined });
    this.response.end(last);
  }

  failed(error: Error): void {
    if (this.mode === 'hold' || this.mode === 'discard') {
      return this.fail(upstreamFailure(error));
    }
    if (this.mode === 'events') this.passOn();
    // What came after the last frame of a whole answer is no news to the client.
    if (this.concluded) return void this.response.end();
    this.breakOff(error, upstreamFailure(error));
  }

  /** Of an answer without length and chunks (RFC 9112 §6.3), nothing but what it says shows whether it is whole. */
  private mayBeCutOff(): boolean {
    const { headers, status, terms } = this;
    const isDelimited = headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;
    const saysJson = headers['content-type']?.startsWith('application/json') ?? false;
    return saysJson && !isDelimited && status < 400 && terms.saysItsEnd;
  }

  /** Not every server gives its streams their type. */
  private tellKind(): void {
    this.isUnnamed = false;
    const begun = Buffer.concat(this.held);
    if (eventsBegin.test(begun.toString('utf8', 0, LONGEST_BEGINNING))) {
      this.headers = { ...this.headers, 'content-type': 'text/event-stream' };
      this.held = [];
      this.begin('events');
      this.relayEvents(begun);
    } else if (!this.headers['content-type']?.includes('json') && !begun.toString().trimStart().startsWith('{')) {
      this.held = [];
      this.begin('bytes');
      this.relayBytes(begun);
    }
  }

  private discard(chunk: Buffer): void {
    this.discardedBytes += chunk.length;
    if (this.discardedBytes > DISCARDED_BYTES) this.flow?.abort(new Error('more than is read of an answer for nobody'));
  }

  private begin(mode: 'events' | 'bytes'): void {
    this.mode = mode;
    if (!this.isCommitted) this.hooks.begin(this.status, this.headers);
    else if (mode === 'bytes') this.breakCommitment();
  }

  private breakCommitment(): void {
    this.breakOff(new Error('no event stream, though it was asked for one'), new ApiError('upstream_error'));
  }

  /** Nothing of an answer was passed on. */
  private fail(error: ApiError, broken?: Error): void {
    if (this.concluded) return;
    this.conclude({ kind: 'failed', error, broken });
    if (this.isCommitted) this.response.end(this.terms.errorFrame(error));
  }

  private conclude(outcome: Outcome): void {
    if (this.concluded) return;
    this.concluded = true;
    this.hooks.conclude(outcome);
  }

  private hold(chunk: Buffer): void {
    this.held.push(chunk);
    this.heldBytes += chunk.length;
    if (this.isUnnamed && this.heldBytes >= LONGEST_BEGINNING) return this.tellKind();
    if (this.heldBytes <= HELD_BYTES) return;
    const held = this.held;
    this.held = [];
    this.tail = Buffer.alloc(0);
    this.begin('bytes');
    for (const piece of held) this.relayBytes(piece);
  }

  private relayBytes(chunk: Buffer): void {
    if (this.mode !== 'bytes') return;
    this.meter.hasBytes ||= this.status < 400;
    if (this.tail) {
      const latest = Buffer.concat([this.tail, chunk]);
      readUsageWithin(latest, this.meter.reported);
      this.tail = latest.subarray(-TAIL_BYTES);
    }
    this.write(chunk);
  }

  /**
   * What arrives in one piece on the wire comes here in one call for each event of a fast backend: it is looked at and
   * passed on together, in the same turn of the event loop, as soon as all of the piece is here.
   */
  private relayEvents(chunk: Buffer): void {
    this.arrived.push(chunk);
    if (this.arrived.length === 1) process.nextTick(() => this.passOn());
  }

  private passOn(): void {
    let frames: Buffer;
    try {
      frames = this.takeFrames();
    } catch (error) {
      return this.breakOff(error as Error, new ApiError('upstream_error'));
    }
    if (frames.length === 0 || this.mode !== 'events') return;
    const shown = this.meter.pass(frames);
    if (this.meter.pieces > this.terms.mostPieces) {
      return this.breakOff(
        new Error('more than the largest answer that was asked for'),
        new ApiError('upstream_error'),
      );
    }
    if (this.meter.hasError) return this.giveUp(shown);
    if (this.meter.isWhole) this.conclude({ kind: 'relayed', status: this.status, error: undefined });
    if (shown.length > 0) this.write(shown);
    if (this.meter.goesOn) this.endHere();
  }

  /** @throws FrameTooLarge */
  private takeFrames(): Buffer {
    const [only] = this.arrived;
    const bytes = this.arrived.length === 1 && only ? only : Buffer.concat(this.arrived);
    this.arrived = [];
    return bytes.length === 0 ? bytes : this.frames.push(bytes);
  }

  private write(chunk: Buffer): void {
    this.quietTurns = 0;
    if (this.response.write(chunk) || this.isLooking || this.paused) return;
    // Node hands over what was written at the end of this turn, and mostly the system takes it at once.
    this.isLooking = true;
    process.nextTick(() => this.holdBack());
  }

  /** What the client does not take waits at its backend, not here. */
  private holdBack(): void {
    this.isLooking = false;
    const { response } = this;
    // Without the first nothing would say that it has drained; it is so also where all is taken, until that is said.
    if (!response.writableNeedDrain || response.writableLength === 0) return;
    this.paused = true;
    this.flow?.pause();
    response.once('drain', () => {
      this.paused = false;
      this.flow?.resume();
    });
  }

  /** The backend goes on after the end of its answer: the client has all that it is to have. */
  private endHere(): void {
    this.mode = 'discard';
    this.response.end();
    // Nothing more is written, so nothing that drains would say so.
    if (this.paused) this.flow?.resume();
  }

  /** Tells a client whose answer has begun that it is not whole. */
  private breakOff(cause: Error, error: ApiError): void {
    const { mode } = this;
    // Whatever the backend still says, or that it was stopped, is no longer passed on.
    this.mode = 'discard';
    this.conclude({ kind: 'relayed', status: this.status, error: cause });
    this.endEarly(mode, error);
  }

  /** @param last what the backend itself told the client of its error */
  private giveUp(last: Buffer): void {
    this.mode = 'discard';
    const error = new Error('the backend ended the stream with an error');
    this.conclude({ kind: 'relayed', status: this.status, error });
    this.response.end(last);
  }

  private endEarly(mode: Mode, error: ApiError): void {
    // No `[DONE]`, or it would be taken for whole.
    if (mode === 'events' || this.isCommitted) this.response.end(this.terms.errorFrame(error));
    else if (this.response.headersSent) this.response.destroy();
  }
}

/** Also as servers in Python write it, which know numbers that JSON does not. */
function isJson(body: Buffer): boolean {
  try {
    JSON.parse(body.toString().replaceAll(/-?\b(?:NaN|Infinity)\b/g, 'null'));
    return true;
  } catch {
    return false;
  }
}

/** The status that is recorded for a request whose client went away. */
export const ABANDONED_STATUS = errorCatalogue.client_closed_request.status;
