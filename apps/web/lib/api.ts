import { ApiError, toApiError } from './api-error';
import { signInAgain } from './sign-in-again';

/** What is null, undefined or an empty text is left out; a list says each of its texts, also an empty one. */
type Query = Record<string, string | number | boolean | readonly string[] | null | undefined>;

export interface Call {
  query?: Query;
  body?: unknown;
  signal?: AbortSignal;
  headers?: Record<string, string>;
  /** For pages without a session: an answer of 401 is theirs to show, and does not lead to the sign-in page. */
  anonymous?: boolean;
}

/** The control plane. Paths begin behind `/maas-api/v1`; types are those of the contracts, which the API checks. */
export const api = {
  get: <Answer>(path: string, call?: Omit<Call, 'body'>) => request<Answer>('GET', path, call),
  post: <Answer = void>(path: string, call?: Call) => request<Answer>('POST', path, call),
  patch: <Answer>(path: string, call?: Call) => request<Answer>('PATCH', path, call),
  put: <Answer>(path: string, call?: Call) => request<Answer>('PUT', path, call),
  delete: <Answer = void>(path: string, call?: Call) => request<Answer>('DELETE', path, call),
};

/** The address of a call, for links that download (`<a href={apiUrl('/usage', …)}>`). */
export function apiUrl(path: string, query: Query = {}): string {
  const parameters = Object.entries(query).flatMap(([name, value]) =>
    value === undefined || value === null || value === '' ? [] : [value].flat().map((one) => [name, String(one)]),
  );
  const search = new URLSearchParams(parameters).toString();
  return `/maas-api/v1${path}${search === '' ? '' : `?${search}`}`;
}

/** @throws ApiError always, and nothing else but an AbortError. */
async function request<Answer>(method: string, path: string, call: Call = {}): Promise<Answer> {
  const response = await send(method, apiUrl(path, call.query), call);
  if (response.ok) return (await bodyOf(response)) as Answer;
  const error = await toApiError(response);
  if (error.status === 401 && !call.anonymous) signInAgain();
  throw error;
}

async function send(method: string, url: string, { body, signal, headers }: Call): Promise<Response> {
  try {
    return await fetch(url, {
      method,
      headers: {
        accept: 'application/json',
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(signal && { signal }),
      credentials: 'same-origin',
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new ApiError('The server cannot be reached. Check your connection and try again.', {
      status: 0,
      code: 'network',
    });
  }
}

async function bodyOf(response: Response): Promise<unknown> {
  if (response.status === 204) return undefined;
  return response.json().catch(() => {
    throw new ApiError('The server answered something that is not JSON.', {
      status: response.status,
      code: 'unreadable',
    });
  });
}
