import type { IncomingHttpHeaders } from 'node:http';
import type { Clock } from '../http/clock.js';
import type { TroubleKind } from '../models/backend-health.js';
import type { RoutableBackend } from '../models/routable-model.js';
import { chooseBackend } from './backend-choice.js';
import { type RetryBudget, RetryPolicy } from './backend-retry.js';
import { DeadlinePassed, type Deadlines, type Timed } from './deadlines.js';
import type { AttemptTrace, RequestTrace } from './request-trace.js';
import { askedWait, isOverloaded, statusTrouble, StaleConnection, troubleKind } from './upstream-error.js';
import type { Abort, Flow, Receiver, Upstream, UpstreamRequest } from './upstream.service.js';
import { UsageWish } from './usage-wish.js';

/** How long a backend is left alone that has too much to do and does not say for how long. */
const SHORTEST_COOLING_MS = 1000;
const FORBIDDEN: TroubleKind = 'status 403';

/** What is to be sent. */
export interface DispatchOrder {
  /** The request's id, for the log. */
  readonly id: string;
  readonly modelId: string;
  /**
   * The request as a backend is to get it: each has its own name of the model, and its own credential.
   * @param asksUsage false for a backend that refuses requests which ask for the usage of a stream
   */
  requestFor(backend: RoutableBackend, asksUsage: boolean): UpstreamRequest;
  /** An answer begins: the request will not be asked for again. */
  letGo(): void;
  /** The gateway asks for the usage of the stream, which the client did not. */
  readonly addsUsageWish: boolean;
  readonly trace: RequestTrace | undefined;
}

/** What all requests share. */
export interface DispatchMeans {
  readonly clock: Clock;
  readonly upstream: Pick<Upstream, 'send'>;
  readonly budget: RetryBudget;
  readonly logger: { warn(message: string): void };
  /** From the first attempt to the end of the answer. */
  readonly deadlines: Pick<Deadlines, 'begin' | 'end'>;
  readonly backendsOf: (modelId: string) => readonly RoutableBackend[];
}

/**
 * One request on its way to its model: the attempt that is under way, and, as long as nothing of an answer was passed on,
 * another one with another backend. The receiver hears of one answer or of one failure only.
 */
export class Dispatch implements Timed {
  place = -1;
  expiresAt = 0;
  private readonly tried: RoutableBackend[] = [];
  private readonly policy = new RetryPolicy();
  private attempt: Attempt | undefined;
  private isStopped = false;
  /** Those that refused it with 403: their own trouble only if another backend answers. */
  private suspects: RoutableBackend[] | undefined;

  /**
   * @param backend the first that is tried; later the one that answers, or that was tried last
   * @param receiver to whom the answer goes
   */
  constructor(
    public backend: RoutableBackend,
    readonly order: DispatchOrder,
    readonly receiver: Receiver,
    readonly means: DispatchMeans,
  ) {}

  start(): void {
    const { budget, deadlines } = this.means;
    budget.requestBegins();
    deadlines.begin(this);
    this.try(this.backend, false);
  }

  expire(): void {
    this.abort(new DeadlinePassed());
  }

  /** Gives up because of what the backend does, or does not do. */
  abort(reason: Error): void {
    this.isStopped = true;
    this.attempt?.abort(reason);
  }

  /** Gives up because nobody waits for the answer any more: no fault of the backend. */
  abandon(): void {
    this.isStopped = true;
    this.attempt?.abandon();
  }

  /** Whether another backend can take over from this one. */
  canSpare(backend: RoutableBackend): boolean {
    const { clock, backendsOf } = this.means;
    const now = clock.monotonic();
    return backendsOf(this.order.modelId).some(({ id, health }) => id !== backend.id && health.isClosed(now));
  }

  /**
   * Tries another backend, where that is allowed and there is one.
   * @returns false: the failure is final
   */
  retry(kind: TroubleKind, error: Error | undefined): boolean {
    if (this.isStopped || !this.policy.allows(kind)) return false;
    const { clock, budget, logger, backendsOf } = this.means;
    const backends = backendsOf(this.order.modelId);
    const failed = this.backend;
    this.tried.push(failed);
    const now = clock.monotonic();
    let next = chooseBackend(backends, now, Math.random, this.tried);
    if (!next && error instanceof StaleConnection) next = chooseBackend(backends, now, Math.random);
    if (!next || !budget.takeRetry()) return false;
    this.policy.noteRetry();
    logger.warn(`Request ${this.order.id}: backend ${failed.id} failed (${kind}); trying ${next.id}`);
    this.try(next, true);
    return true;
  }

  /** It refused the request with 403, and another one is tried. */
  suspect(backend: RoutableBackend): void {
    (this.suspects ??= []).push(backend);
  }

  /** A backend does what was asked for: so it was no fault of the request that others refused it. */
  accepted(): void {
    if (this.suspects === undefined) return;
    for (const { health } of this.suspects) health.failed(false, FORBIDDEN, true);
    this.suspects = undefined;
  }

  /** Sends the same request again without the wish that the backend refused: a client must not suffer for what we added. */
  repeat(backend: RoutableBackend): void {
    this.try(backend, false, true);
  }

  /** The receiver has heard the last. */
  finish(): void {
    this.means.deadlines.end(this);
    this.means.budget.requestEnds();
  }

  private try(backend: RoutableBackend, isRetry: boolean, isWithoutWish = false): void {
    this.backend = backend;
    this.attempt = new Attempt(this, backend, isRetry, isWithoutWish);
    this.attempt.start();
  }
}

/** One attempt with one backend: reports to the backend's health, and passes on what is not worth another attempt. */
class Attempt implements Receiver {
  private readonly isTrial: boolean;
  private abortExchange: Abort | undefined;
  private trace: AttemptTrace | undefined;
  /** The receiver hears of this attempt. */
  private isHeard = false;
  /** The backend's health knows what to think of the rest. */
  private isJudged = false;
  private isAbandoned = false;
  /** Why it is given up. */
  private fault: Error | undefined;
  private isOver = false;

  constructor(
    private readonly dispatch: Dispatch,
    private readonly backend: RoutableBackend,
    private readonly isRetry: boolean,
    /** The backend refused it with the wish for the usage. */
    private readonly isWithoutWish: boolean,
  ) {
    this.isTrial = backend.health.begin();
  }

  start(): void {
    const { means, order } = this.dispatch;
    const asksUsage = !this.isWithoutWish && this.backend.health.takesUsageWish;
    const receiver = order.addsUsageWish && asksUsage ? new UsageWish(this, () => this.repeat()) : this;
    const request = order.requestFor(this.backend, asksUsage);
    this.trace = order.trace?.attempt(this.backend, request.headers);
    this.abortExchange = means.upstream.send(this.backend, request, receiver);
  }

  abort(reason: Error): void {
    this.fault ??= reason;
    this.abortExchange?.(reason);
  }

  abandon(): void {
    if (this.isOver) return;
    this.isAbandoned = true;
    this.abort(new Error('the client went away'));
  }

  started(status: number, headers: IncomingHttpHeaders, flow: Flow): void {
    if (this.isOver) return;
    this.trace?.answered(status);
    const kind = this.judge(status, headers['retry-after']);
    if (kind !== undefined && this.dispatch.retry(kind, undefined)) {
      if (kind === FORBIDDEN) this.dispatch.suspect(this.backend);
      this.end(kind);
      return this.abort(new Error('another backend is tried'));
    }
    this.isHeard = true;
    this.dispatch.order.letGo();
    this.dispatch.receiver.started(status, headers, flow);
  }

  data(chunk: Buffer): void {
    if (this.isOver) return;
    this.trace?.passed(chunk);
    this.dispatch.receiver.data(chunk);
  }

  ended(): void {
    if (this.isOver) return;
    this.dispatch.finish();
    this.dispatch.receiver.ended();
    // What came to its end need not be whole: the receiver gives it up where it finds that it is not.
    const trouble = this.fault && troubleKind(this.fault, true);
    if (trouble) this.blame(trouble);
    else if (!this.isJudged) this.backend.health.completed();
    this.end(trouble);
  }

  failed(error: Error, wasSent: boolean): void {
    if (this.isOver) return;
    const kind = troubleKind(error, wasSent);
    this.blame(kind);
    this.end(this.isAbandoned ? 'abandoned' : kind);
    if (!this.isHeard && this.dispatch.retry(kind, error)) return;
    this.dispatch.finish();
    this.dispatch.receiver.failed(error, wasSent);
  }

  private repeat(): void {
    if (this.isOver) return;
    const { health } = this.backend;
    health.answered(this.isTrial);
    health.completed();
    this.end('answer');
    this.dispatch.repeat(this.backend);
  }

  /** @returns what is wrong with an answer of that status, as far as it is the backend's own trouble */
  private judge(status: number, retryAfter: string | undefined): TroubleKind | undefined {
    const { health } = this.backend;
    const kind: TroubleKind | undefined = status === 429 ? 'status 429' : statusTrouble(status);
    if (kind === undefined && status !== 403) {
      health.answered(this.isTrial);
      if (status < 400) this.accepted();
      return undefined;
    }
    this.isJudged = true;
    if (kind === undefined) {
      health.refused(this.isTrial, FORBIDDEN);
      return FORBIDDEN;
    }
    // One that has too much to do answers, and is not broken.
    if (status === 429) health.answered(this.isTrial);
    else health.failed(this.isTrial, kind, this.dispatch.canSpare(this.backend));
    const wait = askedWait(retryAfter, this.dispatch.means.clock.now());
    if (status === 429) health.cool(kind, wait ?? SHORTEST_COOLING_MS);
    else if (isOverloaded(status) && wait !== undefined) health.cool(kind, wait);
    return kind;
  }

  private accepted(): void {
    this.dispatch.accepted();
    // Only now: what named the wish may have been said of the client's own words, and would be said of them again.
    if (!this.isWithoutWish) return;
    const { id, health } = this.backend;
    health.refusedUsageWish();
    this.dispatch.means.logger.warn(`Backend ${id} refuses stream_options: the usage of its streams is counted here`);
  }

  private blame(kind: TroubleKind): void {
    const { health } = this.backend;
    if (this.isJudged) return;
    // Who never had a connection has learned nothing.
    if (this.isAbandoned || kind === 'busy') health.dropped(this.isTrial && !this.isHeard);
    else if (this.isHeard) health.brokeOff(kind, this.dispatch.canSpare(this.backend));
    else health.failed(this.isTrial, kind, this.dispatch.canSpare(this.backend));
  }

  private end(trouble: TroubleKind | 'abandoned' | undefined): void {
    this.isOver = true;
    this.trace?.ended(trouble);
    this.backend.health.end();
    if (this.isRetry) this.dispatch.means.budget.retryEnds();
  }
}
