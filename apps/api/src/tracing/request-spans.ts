import type { IncomingHttpHeaders } from 'node:http';
import {
  type Context,
  defaultTextMapGetter,
  defaultTextMapSetter,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
  type Tracer,
} from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import type { EndedControlRequest } from '../metrics/request-observer.service.js';
import type { RoutableBackend } from '../models/routable-model.js';
import type { EndedRequest } from '../proxy/gateway.service.js';
import type { AttemptTrace, RequestTrace } from '../proxy/request-trace.js';
import { AnswerFacts } from './answer-facts.js';
import { attemptAttributes, clientSpan, serverSpan } from './span-attributes.js';

const propagator = new W3CTraceContextPropagator();

/** The context that the caller is in; the root where it says none, or none that can be. */
function callersContext(headers: IncomingHttpHeaders): Context {
  return propagator.extract(ROOT_CONTEXT, headers, defaultTextMapGetter);
}

/** The spans of one request: one for what came to us, and one for each attempt with a backend within it. */
export class RequestSpans implements RequestTrace {
  private readonly span: Span;
  private readonly context: Context;
  private readonly attempts: AttemptSpan[] = [];

  constructor(
    private readonly tracer: Tracer,
    headers: IncomingHttpHeaders,
  ) {
    const parent = callersContext(headers);
    this.span = tracer.startSpan('request', { kind: SpanKind.SERVER }, parent);
    this.context = trace.setSpan(parent, this.span);
  }

  attempt(backend: RoutableBackend, headers: Record<string, string>): AttemptTrace {
    const attributes = attemptAttributes(backend, this.attempts.length);
    const span = this.tracer.startSpan('attempt', { kind: SpanKind.CLIENT, attributes }, this.context);
    // The caller's goes on by the context alone: without a traceparent that can be it means nothing (W3C, §4.3).
    delete headers['tracestate'];
    propagator.inject(trace.setSpan(this.context, span), headers, defaultTextMapSetter);
    const attempt = new AttemptSpan(span);
    this.attempts.push(attempt);
    return attempt;
  }

  /** The request is answered and recorded: what is known of it now is said of all its spans. */
  finish(request: EndedRequest): void {
    for (const [index, attempt] of this.attempts.entries()) attempt.finish(request, index === this.attempts.length - 1);
    complete(this.span, serverSpan(request));
    this.span.end();
  }
}

/** Is over when both the exchange with the backend is, and the request, whichever comes last. */
class AttemptSpan implements AttemptTrace {
  private readonly facts: AnswerFacts | undefined;
  private status: number | undefined;
  private over: { readonly at: number; readonly trouble: string | undefined } | undefined;
  private finished: { readonly request: EndedRequest; readonly isLast: boolean } | undefined;

  constructor(private readonly span: Span) {
    if (span.isRecording()) this.facts = new AnswerFacts();
  }

  answered(status: number): void {
    this.status = status;
  }

  passed(chunk: Buffer): void {
    this.facts?.take(chunk);
  }

  ended(trouble: string | undefined): void {
    this.over = { at: Date.now(), trouble };
    this.end();
  }

  finish(request: EndedRequest, isLast: boolean): void {
    this.finished = { request, isLast };
    this.end();
  }

  private end(): void {
    const { over, finished, facts, status } = this;
    if (!over || !finished) return;
    const { responseModel, finishReasons } = facts ?? { responseModel: undefined, finishReasons: [] };
    const { request, isLast } = finished;
    complete(this.span, clientSpan(request, { status, trouble: over.trouble, isLast, responseModel, finishReasons }));
    this.span.end(over.at);
  }
}

/** The span of a request of the control plane, which is known of when it has ended. */
export function traceControl(tracer: Tracer, request: EndedControlRequest, headers: IncomingHttpHeaders): void {
  const { id, method, route, status, duration } = request;
  const end = Date.now();
  const attributes = {
    'http.request.method': method === 'other' ? '_OTHER' : method,
    'http.route': route,
    'http.response.status_code': status,
    'maas.request.id': id,
  };
  const options = { kind: SpanKind.SERVER, startTime: end - duration, attributes };
  const span = tracer.startSpan(`${attributes['http.request.method']} ${route}`, options, callersContext(headers));
  if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR }).setAttribute('error.type', String(status));
  span.end(end);
}

function complete(
  span: Span,
  { name, attributes, hasFailed }: ReturnType<typeof serverSpan> | ReturnType<typeof clientSpan>,
): void {
  if (!span.isRecording()) return;
  span.updateName(name).setAttributes(attributes);
  if (hasFailed) span.setStatus({ code: SpanStatusCode.ERROR });
}
