import { z } from 'zod';

/** What an API server says of a request that it does not fulfil (Kubernetes API, meta/v1 Status). */
const Status = z.object({
  kind: z.literal('Status'),
  message: z.string().default(''),
  reason: z.string().default(''),
  code: z.int().optional(),
  details: z.object({ retryAfterSeconds: z.int().min(0).optional() }).optional(),
});

const LONGEST_REASON = 500;
const WAIT_SECONDS = 5;
const LONGEST_WAIT_SECONDS = 60;

/**
 * The API server did not do what it was asked, or ended a watch with an error. Carries nothing of the question, which may hold
 * a token.
 */
export class KubernetesFailure extends Error {
  /**
   * @param code its HTTP status; undefined: it gave no answer, or none that can be read
   * @param reason in a few words, for the log
   * @param retryAfter milliseconds after which it wants to be asked again; undefined: it did not say
   */
  constructor(
    readonly code: number | undefined,
    readonly reason: string,
    readonly retryAfter?: number,
  ) {
    super(`the Kubernetes API server ${saying(code)}${reason && ` (${reason})`}`);
  }

  /** Of an answer to a list or a watch, in its own words. @param header `Retry-After` */
  static ofAnswer(code: number, body: string, header: string | null): KubernetesFailure {
    return ofStatus(Status.safeParse(parsed(body)).data, code, millisecondsOf(header));
  }

  /** @param object of an event of the type ERROR */
  static ofEvent(object: unknown): KubernetesFailure {
    return ofStatus(Status.safeParse(object).data, 500, undefined);
  }

  /** Of what the client of the cluster threw, without what it quotes of the request. */
  static ofClient(error: unknown): KubernetesFailure {
    if (error instanceof KubernetesFailure) return error;
    const { name, code, headers } = error as { name?: string; code?: unknown; headers?: Record<string, string> };
    const isStatus = typeof code === 'number' && code >= 300 && code <= 599;
    const reason = [name ?? 'error', code].filter((part) => typeof part === 'string' || typeof part === 'number');
    const wait = millisecondsOf(headers?.['retry-after'] ?? null);
    return new KubernetesFailure(isStatus ? code : undefined, reason.join(' '), wait);
  }

  /** What was seen last is too old to go on from: everything has to be listed again. */
  get isGone(): boolean {
    return this.code === 410;
  }

  /** Whether somebody has to change something, here or in the cluster, before it can succeed. */
  get isForOperators(): boolean {
    return [401, 403, 404, 422].includes(this.code ?? 0);
  }

  /** Seconds that whoever asked us is told to wait, from 1 to 60. */
  get waitSeconds(): number {
    const seconds = this.retryAfter === undefined ? WAIT_SECONDS : Math.ceil(this.retryAfter / 1000);
    return Math.min(LONGEST_WAIT_SECONDS, Math.max(1, seconds));
  }

  /** What it did and what to do, for people: the end of a sentence. Names nothing of the cluster. */
  get toPeople(): string {
    return `the Kubernetes API server ${saying(this.code)}; ${this.isForOperators ? 'ask your administrator' : 'try again shortly'}`;
  }
}

function ofStatus(status: z.infer<typeof Status> | undefined, code: number, header: number | undefined) {
  const seconds = status?.details?.retryAfterSeconds;
  const words = [status?.reason, status?.message].filter(Boolean).join(': ').slice(0, LONGEST_REASON).toWellFormed();
  const wait = header ?? (seconds === undefined ? undefined : seconds * 1000);
  return new KubernetesFailure(status?.code ?? code, words, wait);
}

function saying(code: number | undefined): string {
  if (code === undefined) return 'does not answer';
  if (code === 401) return 'does not accept the credential of this platform (401)';
  if (code === 403) return 'does not let this platform do so (403)';
  if (code === 404) return 'does not know the namespace or the object (404)';
  if (code === 429) return 'has too much to do (429)';
  return `answered ${code}`;
}

/** RFC 9110 §10.2.3, in seconds; a date is not what this server sends. */
function millisecondsOf(header: string | null): number | undefined {
  return header !== null && /^\d{1,9}$/.test(header) ? Number(header) * 1000 : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
