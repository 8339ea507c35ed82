import type { ErrorBody, ErrorCode } from '@maas/contracts/errors';

/** What went wrong between the browser and the API itself: no answer, or one that is not ours. */
type TransportCode = 'network' | 'unreadable';

/** The one error that a call of the API ends with. `message` is for people and says what to do. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly code: ErrorCode | TransportCode | (string & {});
  /** The field that is wrong, where the API names one. */
  readonly field: string | undefined;
  /** What to name to whoever reads the log. */
  readonly requestId: string | undefined;
  /** Whole seconds after which trying again makes sense. */
  readonly retryAfter: number | undefined;

  constructor(
    message: string,
    details: Pick<ApiError, 'status' | 'code'> & Partial<Pick<ApiError, 'field' | 'requestId' | 'retryAfter'>>,
  ) {
    super(message);
    this.status = details.status;
    this.code = details.code;
    this.field = details.field;
    this.requestId = details.requestId;
    this.retryAfter = details.retryAfter;
  }
}

/** Reads the error out of an answer that is not 2xx. */
export async function toApiError(response: Response): Promise<ApiError> {
  const body: unknown = await response.json().catch(() => undefined);
  const error = isErrorBody(body) ? body.error : undefined;
  const retryAfter = Number(response.headers.get('retry-after') ?? Number.NaN);
  return new ApiError(error?.message ?? `The server answered ${response.status} ${response.statusText}`.trim(), {
    status: response.status,
    code: error?.code ?? 'unreadable',
    field: error?.param ?? undefined,
    requestId: response.headers.get('x-request-id') ?? undefined,
    retryAfter: Number.isFinite(retryAfter) ? retryAfter : undefined,
  });
}

function isErrorBody(body: unknown): body is ErrorBody {
  if (typeof body !== 'object' || body === null || !('error' in body)) return false;
  const { error } = body;
  return typeof error === 'object' && error !== null && 'message' in error && typeof error.message === 'string';
}
