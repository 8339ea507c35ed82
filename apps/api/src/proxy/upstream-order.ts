import type { Dispatcher } from 'undici';
import type { RoutableBackend } from '../models/routable-model.js';
import type { DispatchOrder } from './backend-dispatch.js';
import { upstreamHeaders } from './headers.js';
import { addsUsageWish, type InferenceRequest } from './inference-request.js';
import type { Job } from './job.js';
import type { Overload } from './overload.service.js';
import type { RequestTrace } from './request-trace.js';
import { upstreamBody } from './upstream-body.js';
import type { UpstreamRequest } from './upstream.service.js';

/**
 * What is sent to a backend, whichever it will be. The prompt is several times in memory, as it came, as text and as what was
 * read from it, and a stream may last for minutes: so it is kept only until an answer begins.
 */
export class UpstreamOrder implements DispatchOrder {
  private request: InferenceRequest | undefined;

  constructor(
    readonly job: Job,
    request: InferenceRequest,
    private readonly overload: Pick<Overload, 'releaseBody'>,
  ) {
    this.request = request;
  }

  get id(): string {
    return this.job.exchange.id;
  }

  get modelId(): string {
    return this.job.model.id;
  }

  get addsUsageWish(): boolean {
    return addsUsageWish(this.job.wishes);
  }

  get trace(): RequestTrace | undefined {
    return this.job.exchange.trace;
  }

  requestFor(backend: RoutableBackend, asksUsage: boolean): UpstreamRequest {
    const { request } = this;
    if (!request) throw new Error('an answer has begun: the request is not sent again');
    const { exchange, model, wishes, largest, target } = this.job;
    const { id, message } = exchange;
    const body = upstreamBody(request, asksUsage ? wishes : { ...wishes, usageOnDemand: false }, {
      model: backend.upstreamModel ?? model.id,
      maxTokens: wishes.maxTokens === undefined ? largest : undefined,
    });
    const headers = upstreamHeaders(message.headers, backend.authorization, id);
    // What was read as JSON in UTF-8 has to be read so by the backend too.
    if (request.json) headers['content-type'] = 'application/json';
    return {
      method: message.method as Dispatcher.HttpMethod,
      path: `${backend.basePath}/${target.endpoint}${target.query}`,
      headers,
      body: body.length > 0 ? body : null,
    };
  }

  letGo(): void {
    this.request = undefined;
    this.overload.releaseBody(this.job.exchange);
  }
}
