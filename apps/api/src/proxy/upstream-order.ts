import type { Dispatcher } from 'undici';
import type { RoutableBackend } from '../models/routable-model.js';
import type { DispatchOrder } from './backend-dispatch.js';
import { upstreamHeaders } from './headers.js';
import { addsUsageWish } from './inference-request.js';
import type { Job } from './job.js';
import { upstreamBody } from './upstream-body.js';
import type { Receiver, UpstreamRequest } from './upstream.service.js';

/** What is sent to a backend, whichever it will be, and who takes its answer. */
export function orderOf(job: Job, receiver: Receiver): DispatchOrder {
  return {
    id: job.exchange.id,
    modelId: job.model.id,
    requestFor: (backend, asksUsage) => upstreamRequest(job, backend, asksUsage),
    addsUsageWish: addsUsageWish(job.wishes),
    trace: job.exchange.trace,
    receiver,
  };
}

function upstreamRequest(job: Job, backend: RoutableBackend, asksUsage: boolean): UpstreamRequest {
  const { exchange, model, request, wishes, largest, target } = job;
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
