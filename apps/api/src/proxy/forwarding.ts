import type { IncomingHttpHeaders } from 'node:http';
import type { ApiError } from '../http/api-error.js';
import type { Clock } from '../http/clock.js';
import type { Admission } from '../tiers/admission.js';
import type { OpenRequest } from '../usage/open-requests.js';
import type { UsageRecord } from '../usage/usage-record.js';
import type { UsageRecorder } from '../usage/usage-recorder.service.js';
import { AnswerRelay, type Outcome, type RelayHooks } from './answer-relay.js';
import type { Dispatch } from './backend-dispatch.js';
import type { BackendDispatch } from './backend-dispatch.service.js';
import { type Bill, billOf, billSoFar } from './bill.js';
import { addReturnedHeaders } from './headers.js';
import { type HeldAnswer, sendHeld } from './held-answer.js';
import { type Client, type Job, rowOf, termsOf } from './job.js';
import type { KeptAnswer, StreamKeeper } from './stream-keeper.service.js';
import type { UpstreamOrder } from './upstream-order.js';

/** An event stream must reach the client frame by frame, through whatever stands between. */
const streamHeaders = ['cache-control', 'no-cache', 'x-accel-buffering', 'no'];

/** What all requests share. */
export interface ForwardingMeans {
  readonly clock: Clock;
  readonly backends: BackendDispatch;
  readonly usage: UsageRecorder;
  readonly keeper: StreamKeeper;
  readonly logger: { warn(message: string): void };
}

/** Called once: without an error when the exchange has ended, or with what the client is still to be told. */
export type Settle = (error?: ApiError) => void;

/**
 * One admitted request on its way to a backend and back: what it came to is settled with the limits and recorded once,
 * however it ends, and before the client has the last of its answer. An object and not closures: there is one a request.
 */
export class Forwarding implements RelayHooks, KeptAnswer {
  /** Among the answers that are under way. */
  place = -1;
  readonly relay: AnswerRelay;
  private readonly job: Job;
  private readonly dispatch: Dispatch;
  private readonly createdAt: number;
  private readonly began: number;
  private firstByteMs: number | null = null;
  private open: OpenRequest | undefined;

  constructor(
    private readonly means: ForwardingMeans,
    order: UpstreamOrder,
    private readonly admission: Admission,
    private readonly settle: Settle,
  ) {
    this.createdAt = means.clock.now();
    this.began = means.clock.monotonic();
    const { job } = order;
    this.job = job;
    this.relay = new AnswerRelay(job.exchange.response, this, termsOf(job));
    this.dispatch = means.backends.dispatch(job.backend, order, this.relay);
  }

  start(): void {
    const { exchange, wishes } = this.job;
    if (wishes.generates) this.admission.follow(this.relay.meter);
    // Not written where it is assigned: V8 makes a function literal that is assigned to a property old at once (decision 13).
    const onClose = () => this.clientLeft();
    exchange.answer.onClose = onClose;
    this.means.keeper.keep(this);
    this.open = this.means.usage.begin(this);
    // Of a client that went away while it was admitted, no event tells any more.
    if (exchange.response.destroyed) this.clientLeft();
    else this.dispatch.start();
  }

  get client(): Client {
    return this.job.client;
  }

  /** The row of the request, if our process ends now. */
  soFar(): UsageRecord {
    return this.rowOf(billSoFar(this.relay.meter, this.job));
  }

  begin(status: number, headers: IncomingHttpHeaders): void {
    const { headers: ours, response, dialect } = this.job.exchange;
    const sent = [...ours, ...streamHeaders];
    addReturnedHeaders(sent, headers);
    dialect.addStanding(sent, this.admission.standing(), this.means.clock.now());
    response.writeHead(status, sent);
  }

  firstByte(): void {
    this.firstByteMs = this.elapsed();
  }

  conclude(outcome: Outcome): void {
    const { job, relay, means } = this;
    means.keeper.release(this);
    const bill = billOf(outcome, relay.meter, job);
    if (relay.meter.reported.isDoubtful) this.doubt();
    this.admission.settle(bill.promptTokens + bill.completionTokens);
    const row = this.rowOf(bill);
    job.client.row = row;
    if (outcome.kind === 'held') {
      return means.usage.record(row, this.open, () => this.send(outcome, bill.reported ? bill : undefined));
    }
    means.usage.record(row, this.open);
    const broken = brokenBy(outcome);
    if (broken) this.breakOff(broken);
    if (outcome.kind === 'interrupted') this.dispatch.abandon();
    this.settle(untoldError(outcome));
  }

  private send(outcome: HeldAnswer, reported: Bill | undefined): void {
    try {
      sendHeld(this.job.exchange, outcome, this.admission.standing(), this.means.clock.now(), reported);
    } catch (error) {
      return this.settle(error as ApiError);
    }
    this.settle();
  }

  private clientLeft(): void {
    this.relay.abandon();
    this.dispatch.abandon();
  }

  private rowOf(bill: Bill): UsageRecord {
    const { firstByteMs, createdAt } = this;
    return rowOf(this.job, this.dispatch.backend, bill, { firstByteMs, durationMs: this.elapsed(), createdAt });
  }

  /** Whole milliseconds since the admission. */
  private elapsed(): number {
    return Math.round(this.means.clock.monotonic() - this.began);
  }

  private doubt(): void {
    const { backend, order } = this.dispatch;
    this.means.logger.warn(
      `Request ${order.id}: backend ${backend.id} counted what cannot be; what is valid of it is believed`,
    );
  }

  private breakOff(error: Error): void {
    const { backend, order } = this.dispatch;
    this.means.logger.warn(`Request ${order.id}: the answer of backend ${backend.id} broke off: ${error.message}`);
    this.dispatch.abort(error);
  }
}

/** What was wrong with an answer that had begun. */
function brokenBy(outcome: Outcome): Error | undefined {
  if (outcome.kind === 'relayed') return outcome.error;
  return outcome.kind === 'failed' ? outcome.broken : undefined;
}

/** What the client is still to be told. */
function untoldError(outcome: Outcome): ApiError | undefined {
  if (outcome.kind === 'interrupted') return outcome.isTold ? undefined : outcome.error;
  return outcome.kind === 'failed' ? outcome.error : undefined;
}
