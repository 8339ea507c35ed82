import { z } from 'zod';

/** What an API server says of a request that it does not fulfil (Kubernetes API, meta/v1 Status). */
const Status = z.object({
  kind: z.literal('Status'),
  message: z.string().default(''),
  reason: z.string().default(''),
  code: z.int().optional(),
  details: z.object({ retryAfterSeconds: z.int().min(0).optional() }).optional(),
});

const LONGEST_MESSAGE = 500;

/** The API server refused a request, or ended a watch with an error. */
export class ApiFailure extends Error {
  private constructor(
    /** The HTTP status. */
    readonly code: number,
    message: string,
    /** Milliseconds after which it wants to be asked again; undefined: it did not say. */
    readonly retryAfter: number | undefined,
  ) {
    super(message);
  }

  /** @param header `Retry-After`, in seconds */
  static of(code: number, body: string, header: string | null): ApiFailure {
    const status = Status.safeParse(parsed(body)).data;
    const seconds = header !== null && /^\d{1,6}$/.test(header) ? Number(header) : undefined;
    return ApiFailure.from(status, code, seconds);
  }

  /** @param object of an event of the type ERROR */
  static ofEvent(object: unknown): ApiFailure {
    return ApiFailure.from(Status.safeParse(object).data, 500, undefined);
  }

  private static from(status: z.infer<typeof Status> | undefined, code: number, header: number | undefined) {
    const seconds = header ?? status?.details?.retryAfterSeconds;
    const words = [status?.reason, status?.message].filter(Boolean).join(': ').slice(0, LONGEST_MESSAGE).toWellFormed();
    const shown = status?.code ?? code;
    const message = `status ${shown}${words && `, ${words}`}`;
    return new ApiFailure(shown, message, seconds === undefined ? undefined : seconds * 1000);
  }

  /** What was seen last is too old to go on from: everything has to be listed again. */
  get isGone(): boolean {
    return this.code === 410;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
