import type { Attributes } from '@opentelemetry/api';
import { codeLabel, endpointLabel, troubleLabel } from '../metrics/request-labels.js';
import type { RoutableBackend } from '../models/routable-model.js';
import type { EndedRequest } from '../proxy/gateway.service.js';

/**
 * What spans say, by OpenTelemetry's semantic conventions for HTTP and for generative AI. Of what a client wrote, only the
 * model that there is and known endpoints are in them: no prompt, no answer, no query, no credential, and nobody's name.
 */

/** The conventions' names of operations; those that have none go by the name of their endpoint. */
const operations: Readonly<Record<string, string>> = {
  'chat/completions': 'chat',
  responses: 'chat',
  messages: 'chat',
  completions: 'text_completion',
};

const FAILED = 500;

export function methodOf(method: string | undefined): string {
  // As the conventions have it, for what is no method.
  return method !== undefined && /^(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)$/.test(method) ? method : '_OTHER';
}

/** The span of a request that came to us. */
export function serverSpan({ id, method, endpoint, client, error, status }: EndedRequest) {
  const row = client?.row;
  const known = endpointLabel(endpoint);
  const route = known === 'other' ? undefined : `/v1/${known}`;
  const recorded = row?.status ?? status;
  const decision = client?.decision;
  const attributes: Attributes = {
    'http.request.method': methodOf(method),
    'http.route': route,
    'http.response.status_code': status,
    'error.type': recorded >= 400 ? (error?.code ?? codeLabel(recorded)) : undefined,
    'maas.request.id': id,
    'maas.model': row?.modelId ?? client?.modelId,
    'maas.tier': row?.tier ?? client?.tier.name,
    'maas.limit': decision && !decision.admitted ? decision.limit : undefined,
  };
  const name = route === undefined ? methodOf(method) : `${methodOf(method)} ${route}`;
  return { name, attributes: given(attributes), hasFailed: recorded >= FAILED };
}

/** What is known of an attempt when it begins. */
export function attemptAttributes({ id, origin }: RoutableBackend, repetition: number): Attributes {
  const { hostname, port, protocol } = new URL(origin);
  return given({
    'server.address': hostname,
    'server.port': Number(port) || (protocol === 'https:' ? 443 : 80),
    'maas.backend.id': id,
    'http.request.resend_count': repetition > 0 ? repetition : undefined,
  });
}

/** How an attempt went. */
export interface AttemptOutcome {
  /** Undefined: nothing was answered. */
  readonly status: number | undefined;
  /** Why it was ended; undefined: the answer was whole. */
  readonly trouble: string | undefined;
  /** It is the one whose answer the client has, if anybody's. */
  readonly isLast: boolean;
  readonly responseModel: string | undefined;
  readonly finishReasons: readonly string[];
}

/** The span of an attempt with a backend, once the request has ended. */
export function clientSpan({ endpoint, client }: EndedRequest, outcome: AttemptOutcome) {
  const { status, trouble, isLast, responseModel, finishReasons } = outcome;
  const row = client?.row;
  const model = row?.modelId ?? client?.modelId;
  const known = endpointLabel(endpoint);
  const operation = operations[known] ?? known;
  const failure = trouble === undefined ? failureOf(status) : troubleLabel(trouble);
  const attributes: Attributes = {
    'gen_ai.operation.name': operation,
    // Not who made the model, but in which provider's form it is asked.
    'gen_ai.provider.name': known.startsWith('messages') ? 'anthropic' : 'openai',
    'gen_ai.request.model': model,
    'gen_ai.response.model': responseModel,
    'gen_ai.response.finish_reasons': finishReasons.length > 0 ? [...finishReasons] : undefined,
    'gen_ai.usage.input_tokens': isLast && failure === undefined ? row?.promptTokens : undefined,
    'gen_ai.usage.output_tokens': isLast && row !== undefined && status !== undefined && status < 400 ? row.completionTokens : undefined, // prettier-ignore
    'http.response.status_code': status,
    'error.type': failure,
  };
  const name = model === undefined ? operation : `${operation} ${model}`;
  return { name, attributes: given(attributes), hasFailed: failure !== undefined && failure !== 'abandoned' };
}

function failureOf(status: number | undefined): string | undefined {
  return status !== undefined && status >= 400 ? codeLabel(status) : undefined;
}

function given(attributes: Attributes): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined));
}
