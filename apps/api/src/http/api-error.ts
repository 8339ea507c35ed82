import { errorCatalogue, type ErrorBody, type ErrorCode } from '@maas/contracts/errors';

interface ErrorDetails {
  /** The public message; by default the catalogue's. It says what to do. */
  message?: string;
  /** The field of the request that is wrong. */
  param?: string;
  headers?: Record<string, string>;
  /** For the log only; never sent. */
  cause?: unknown;
  /** The log has the reason already, once for all whom it concerns. */
  isKnown?: boolean;
}

/** An error that is meant for the caller. Anything else that is thrown becomes an opaque 500. */
export class ApiError extends Error {
  readonly status: number;
  readonly param: string | undefined;
  readonly headers: Record<string, string>;
  readonly isKnown: boolean;

  constructor(
    readonly code: ErrorCode,
    details: ErrorDetails = {},
  ) {
    super(details.message ?? errorCatalogue[code].message, { cause: details.cause });
    this.name = 'ApiError';
    this.status = errorCatalogue[code].status;
    this.param = details.param;
    this.headers = details.headers ?? {};
    this.isKnown = details.isKnown ?? false;
  }

  /** The body as it is sent. */
  toBody(): ErrorBody {
    const { type } = errorCatalogue[this.code];
    const param = this.param === undefined ? {} : { param: this.param };
    return { error: { message: this.message, type, ...param, code: this.code } };
  }
}
