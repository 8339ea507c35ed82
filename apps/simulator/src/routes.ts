import type { IncomingMessage, ServerResponse } from 'node:http';
import { ApiError, methodNotAllowed, unknownUrl } from './api-error.js';
import { answerChat } from './chat-completions.js';
import { ClientLink } from './client-link.js';
import { answerCompletion } from './completions.js';
import { deliver, sendJson } from './delivery.js';
import { answerEmbedding } from './embeddings.js';
import { answerMessages } from './messages.js';
import type { ModelCatalogue } from './models.js';
import { paceFor, type Pace } from './pace.js';
import type { Reply } from './reply.js';
import { readJson } from './request-body.js';
import type { RequestLog } from './request-log.js';
import { answerResponse } from './responses.js';

export interface Service {
  models: ModelCatalogue;
  pace: Pace;
  log: RequestLog;
}

/** Endpoints that answer as a model, all by POST. */
const ENDPOINTS = new Map<string, (body: unknown, models: ModelCatalogue) => Reply>([
  ['/v1/chat/completions', answerChat],
  ['/v1/completions', answerCompletion],
  ['/v1/embeddings', answerEmbedding],
  ['/v1/responses', answerResponse],
  ['/v1/messages', answerMessages],
]);

/** Answers one request, whatever it is. */
export async function handle(request: IncomingMessage, response: ServerResponse, service: Service): Promise<void> {
  const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
  const answer = ENDPOINTS.get(path);
  if (answer !== undefined && request.method === 'POST') return infer(request, response, service, path, answer);
  const link = new ClientLink(response, () => undefined);
  try {
    if (answer !== undefined) throw methodNotAllowed(request.method ?? '', 'POST');
    sendJson(link, 200, JSON.stringify(lookUp(request.method ?? '', path, service)));
  } catch (error) {
    fail(link, error);
  }
}

async function infer(
  request: IncomingMessage,
  response: ServerResponse,
  { models, pace, log }: Service,
  path: string,
  answer: (body: unknown, models: ModelCatalogue) => Reply,
): Promise<void> {
  const record = log.open(request, path);
  const link = new ClientLink(response, ({ aborted, headersSent }) =>
    log.close(record, headersSent ? response.statusCode : null, aborted),
  );
  try {
    const reply = answer(await readJson(request), models);
    record.id = reply.id;
    record.model = reply.model;
    record.stream = reply.steps !== undefined;
    record.promptTokens = reply.promptTokens;
    await deliver(reply, link, paceFor(pace, reply.controls), (tokens) => log.produced(record, tokens));
  } catch (error) {
    fail(link, error);
  }
}

/** What the paths that are only read answer. */
function lookUp(method: string, path: string, { models, log }: Service): object {
  const read = readable(path, models, log);
  if (read === undefined) throw unknownUrl(method, path);
  if (method !== 'GET' && method !== 'HEAD') throw methodNotAllowed(method, 'GET');
  return read();
}

function readable(path: string, models: ModelCatalogue, log: RequestLog): (() => object) | undefined {
  if (path === '/health' || path === '/v1/health') return () => ({ status: 'healthy' });
  if (path === '/simulator/stats') return () => log.stats();
  if (path === '/v1/models') return () => models.list();
  const id = path.startsWith('/v1/models/') ? decode(path.slice('/v1/models/'.length)) : '';
  return id === '' ? undefined : () => models.get(id);
}

/** An id with a slash comes raw or as %2F; one that is not decodable names nothing. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}

function fail(link: ClientLink, error: unknown): void {
  // A client that leaves while its request is read makes reading fail: there is nobody to tell.
  if (link.closed) return;
  if (!(error instanceof ApiError)) console.error(error);
  const known =
    error instanceof ApiError ? error : new ApiError(500, 'server_error', 'internal_error', 'The simulator failed');
  if (link.headersSent) return void link.cut();
  sendJson(link, known.status, JSON.stringify(known), known.headers);
}
