import { isModelId, reservedSegments } from '@maas/contracts/models';
import { ApiError } from '../http/api-error.js';

/** What the URL of an inference request says. */
export interface InferenceTarget {
  /** From the path; undefined: the body names it. */
  readonly model: string | undefined;
  /** The OpenAI path without `/v1/`, such as `chat/completions`. */
  readonly endpoint: string;
  /** With its question mark, or empty. */
  readonly query: string;
}

/** Where a URL leads: to a model, or to a route of ours (whose URL may have to be rewritten to it). */
export type Destination = { readonly inference: InferenceTarget } | { readonly route: string };

const VERSION = '/v1/';
/** The listing's other name: there too, a slash in a model's id may be raw. */
const LISTING = '/maas-api/v1/models/';
const endpointGrammar = /^[A-Za-z0-9_-][A-Za-z0-9._:@~-]*(?:\/[A-Za-z0-9_-][A-Za-z0-9._:@~-]*)*$/;
/** Answered by the control plane, also below a model's own base URL. */
const routes = new Set(['models', 'tokens']);

/** Where the URLs of late led: clients ask for the same few again and again. */
const remembered = new Map<string, Destination>();
const REMEMBERED = 1000;
/** Longer ones are not worth their memory. */
const REMEMBERED_LENGTH = 300;

/** As `readDestination`, but a URL that came before is not read again. */
export function destinationOf(url: string): Destination {
  const known = remembered.get(url);
  if (known) return known;
  const destination = readDestination(url);
  if (remembered.size >= REMEMBERED) remembered.clear();
  if (url.length <= REMEMBERED_LENGTH) remembered.set(url, destination);
  return destination;
}

/**
 * Tells inference from the rest, by the raw bytes of the URL: what a proxy before us sees is what we see.
 *
 * `/v1/{endpoint}` finds the model in the body; `/{model}/v1/{endpoint}` has it in the path, where a slash in it is raw or
 * `%2F`. A path that repeats itself (the guide appends `/v1/chat/completions` to a URL that ends so) means its last part.
 * @throws ApiError 404 for a path that has the form of inference but can mean no model or endpoint
 */
function readDestination(url: string): Destination {
  // RFC 9112 §3.2.2: a target with scheme and authority means the same without.
  const target = url.startsWith('/') ? url : url.replace(/^https?:\/\/[^/?#]*\/?/i, '/');
  const question = target.indexOf('?');
  const path = question < 0 ? target : target.slice(0, question);
  const query = question < 0 ? '' : target.slice(question);
  const first = path.indexOf(VERSION);
  if (first < 0 || path[0] !== '/' || (isReserved(path) && !path.startsWith(LISTING))) return { route: target };
  const last = path.lastIndexOf(VERSION);
  const endpoint = path.slice(last + VERSION.length).replace(/\/$/, '');
  const [word, ...rest] = endpoint.split('/');
  // A slash in a model's id is part of the id, so that the router sees one parameter.
  if (routes.has(word ?? ''))
    return { route: `${VERSION}${[word, rest.join('%2F')].filter(Boolean).join('/')}${query}` };
  const named = path.slice(first + VERSION.length).replace(/\/$/, '');
  if (!endpointGrammar.test(named) || endpoint === '' || named.length > 256) {
    throw new ApiError('not_found', { message: 'There is no such endpoint; OpenAI paths begin with /v1/' });
  }
  const model = first === 0 ? undefined : modelOf(path.slice(1, first));
  return { inference: { model, endpoint, query } };
}

function isReserved(path: string): boolean {
  const segment = path.slice(1, path.indexOf('/', 1));
  return segment !== 'v1' && reservedSegments.has(segment.toLowerCase());
}

function modelOf(raw: string): string {
  let id: string | undefined;
  try {
    id = decodeURIComponent(raw);
  } catch {
    id = undefined;
  }
  if (id !== undefined && isModelId(id)) return id;
  throw noSuchModel(raw);
}

/** @param id as the client wrote it */
export function noSuchModel(id: string): ApiError {
  const shown = id.length > 128 ? `${id.slice(0, 128)}…` : id;
  return new ApiError('model_not_found', {
    message: `The model \`${shown}\` does not exist; GET /v1/models lists those that you can use`,
    param: 'model',
  });
}
