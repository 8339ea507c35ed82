import type { IncomingMessage, ServerResponse } from 'node:http';
import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../config.js';
import { ApiError } from '../http/api-error.js';
import { Clock } from '../http/clock.js';
import { logError, toApiError } from '../http/error.filter.js';
import { lingerAfter } from '../http/lingering-close.js';
import { newRequestId } from '../http/request-id.js';
import { inferenceElsewhere } from '../http/role.js';
import { addCorsHeaders, addPreflightHeaders, type HeaderList } from './headers.js';
import { UnderWay } from '../http/under-way.js';
import { dialectOf } from './dialect.js';
import { destinationOf, type InferenceTarget } from './inference-path.js';
import { isPostOnly } from './inference-request.js';
import { Overload } from './overload.service.js';
import type { Client, Exchange, OpenAnswer } from './job.js';
import { ProxyService } from './proxy.service.js';
import type { RequestTrace } from './request-trace.js';

/** A request of the data plane that was answered, or whose client went away: what it asked for and what became of it. */
export interface EndedRequest {
  readonly id: string;
  readonly method: string | undefined;
  /** As in `InferenceTarget`; undefined: the path could mean none. */
  readonly endpoint: string | undefined;
  /** Undefined: nobody is known to have asked. Has the row of a request that a backend was asked for. */
  readonly client: Client | undefined;
  /** Why it was refused, or failed. */
  readonly error: ApiError | undefined;
  /** Of what was answered; what is recorded may be another one. */
  readonly status: number;
  /** Milliseconds from its head to its end. */
  readonly duration: number;
  readonly trace: RequestTrace | undefined;
}

const methods = new Set(['GET', 'POST', 'DELETE', 'PUT', 'PATCH', 'HEAD', 'OPTIONS']);

/** How long clients may take to read why their answers end. */
const LAST_WORDS_MILLISECONDS = 2000;

/**
 * The data plane's door: takes inference requests straight from Node's HTTP server, before any framework, because what each
 * layer costs is paid on every request. Everything else goes on to the control plane.
 */
@Injectable()
export class Gateway {
  private readonly open = new UnderWay<OpenAnswer>();
  private draining = false;
  private onEmpty: (() => void) | undefined;
  /** Inference that is not over yet: it may outlast its response, for it has to be metered. */
  private running = 0;
  private onSettled: (() => void) | undefined;
  private observe: ((request: EndedRequest) => void) | undefined;
  private trace: ((message: IncomingMessage) => RequestTrace) | undefined;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(ProxyService) private readonly proxy: ProxyService,
    @Inject(Overload) private readonly overload: Overload,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /** Inference requests under way. */
  get inFlight(): number {
    return this.running;
  }

  /** Who is told of every request that has ended, on its path: it must not take time, nor throw. */
  observeBy(observe: (request: EndedRequest) => void): void {
    this.observe = observe;
  }

  /** Who follows each request from its head on; the same applies. */
  traceBy(trace: (message: IncomingMessage) => RequestTrace): void {
    this.trace = trace;
  }

  /** @param next answers whatever is not inference, by the URL that the message has then */
  handle(message: IncomingMessage, response: ServerResponse, next: () => void): void {
    const answer = this.track(response);
    const url = message.url ?? '/';
    let target: InferenceTarget | undefined;
    let failure: unknown;
    try {
      const destination = destinationOf(url);
      if ('route' in destination) {
        message.url = destination.route;
        return next();
      }
      target = destination.inference;
    } catch (error) {
      failure = error;
    }
    void this.answer(target, failure, message, answer);
  }

  /** From now on each answer asks its client to come back on another connection. */
  beginDrain(): void {
    this.draining = true;
  }

  /**
   * Waits until no answer is under way, be it inference or not. Clients whose inference still is when the time is over are
   * told so, and what then is left is broken off.
   * @param timeout milliseconds
   */
  async drain(timeout: number): Promise<void> {
    if (this.open.size > 0) await this.emptied(timeout);
    if (this.open.size > 0) this.proxy.interrupt();
    if (this.open.size > 0) await this.emptied(LAST_WORDS_MILLISECONDS);
    for (const { response } of this.open) response.destroy();
    if (this.running > 0) await new Promise<void>((resolve) => (this.onSettled = resolve));
  }

  private async emptied(timeout: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await Promise.race([
      new Promise<void>((resolve) => (this.onEmpty = resolve)),
      new Promise<void>((resolve) => (timer = setTimeout(resolve, timeout))),
    ]);
    clearTimeout(timer);
  }

  private track(response: ServerResponse): OpenAnswer {
    if (this.draining) response.setHeader('connection', 'close');
    const answer: OpenAnswer = { response, place: -1, onClose: undefined };
    this.open.add(answer);
    response.on('close', () => {
      this.open.delete(answer);
      answer.onClose?.();
      if (this.open.size === 0) this.onEmpty?.();
    });
    return answer;
  }

  /** Never rejects. */
  private async answer(
    target: InferenceTarget | undefined,
    failure: unknown,
    message: IncomingMessage,
    answer: OpenAnswer,
  ): Promise<void> {
    this.running += 1;
    const { response } = answer;
    const id = newRequestId();
    const dialect = dialectOf(target?.endpoint);
    const headers: HeaderList = ['x-request-id', id];
    dialect.addHeaders(headers, id);
    addCorsHeaders(headers, message.headers);
    const trace = this.trace?.(message);
    const exchange: Exchange = { id, message, response, answer, bodyBytes: 0, headers, dialect, trace };
    const began = this.clock.monotonic();
    let client: Client | undefined;
    let error: ApiError | undefined;
    try {
      if (message.method === 'OPTIONS') return answerPreflight(exchange);
      if (this.config.MAAS_ROLE === 'api') throw inferenceElsewhere();
      this.overload.requireRoom(this.running);
      const known = this.proxy.authenticate(message);
      client = known instanceof Promise ? await known : known;
      if (!target) throw failure;
      requireMethod(message, target);
      if (message.method === 'HEAD') return await this.answerHead(client, target, exchange);
      await this.proxy.serve(client, target, exchange);
    } catch (thrown) {
      error = toApiError(thrown, id);
      await this.refuse(error, client, exchange);
    } finally {
      this.overload.releaseBody(exchange);
      this.observe?.({
        id,
        method: message.method,
        endpoint: target?.endpoint,
        client,
        error,
        status: error && !response.headersSent ? error.status : response.statusCode,
        duration: this.clock.monotonic() - began,
        trace,
      });
      this.running -= 1;
      if (this.running === 0) this.onSettled?.();
    }
  }

  /** The guide's `curl -I`: how the limits stand, without using any of them. */
  private async answerHead(client: Client, target: InferenceTarget, exchange: Exchange): Promise<void> {
    const { response, headers, dialect } = exchange;
    if (target.model !== undefined) await this.proxy.resolve(client, target.model);
    const sent = [...headers, 'content-type', 'application/json'];
    await this.proxy.addStanding(sent, client, dialect);
    response.writeHead(200, sent).end();
  }

  /** The one place where an error of the data plane becomes HTTP. */
  private async refuse(error: ApiError, client: Client | undefined, exchange: Exchange): Promise<void> {
    const { id, message, response, headers, dialect } = exchange;
    logError(error, id);
    // Its client was told within the stream.
    if (response.writableEnded) return;
    const sent = [...headers, 'content-type', 'application/json; charset=utf-8'];
    if (client && !response.headersSent) await this.proxy.addStanding(sent, client, dialect);
    if (response.headersSent || response.destroyed) return void response.destroy();
    const body = Buffer.from(JSON.stringify(dialect.errorBody(error, id)));
    sent.push('content-length', String(body.length));
    if (error.status === 401) sent.push('www-authenticate', 'Bearer error="invalid_token"');
    // A body that nobody read would be taken for the next request.
    const rest = message.complete ? error.headers : { ...error.headers, connection: 'close' };
    lingerAfter(response);
    response.writeHead(error.status, [...sent, ...Object.entries(rest).flat()]);
    response.end(message.method === 'HEAD' ? undefined : body);
  }
}

function answerPreflight({ message, response, headers }: Exchange): void {
  const sent = [...headers];
  addPreflightHeaders(sent, message.headers);
  response.writeHead(204, sent).end();
}

function requireMethod({ method }: IncomingMessage, { model, endpoint }: InferenceTarget): void {
  if (!methods.has(method ?? '')) {
    throw new ApiError('method_not_allowed', {
      message: `${method} is not a method of this API`,
      headers: { allow: 'POST, HEAD' },
    });
  }
  if (method === 'POST' || method === 'HEAD') return;
  if (model !== undefined && !isPostOnly(endpoint)) return;
  throw new ApiError('method_not_allowed', {
    message: isPostOnly(endpoint)
      ? `/v1/${endpoint} takes POST, not ${method}`
      : `${method} /v1/${endpoint} needs a model in the path, as in /{model}/v1/${endpoint}`,
    headers: { allow: 'POST, HEAD' },
  });
}
