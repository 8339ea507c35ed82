const WAIT_SECONDS = 5;

/** The API server did not do what it was asked. Carries nothing of the question, which may hold a token. */
export class KubernetesFailure extends Error {
  /**
   * @param code its HTTP status; undefined: it gave no answer, or none that can be read
   * @param reason a word for the log
   * @param retryAfter seconds, from 1 to 60
   */
  constructor(
    readonly code: number | undefined,
    reason: string,
    readonly retryAfter: number,
  ) {
    super(`the Kubernetes API server ${saying(code)} (${reason})`);
  }

  /** What it did and what to do, for people: the end of a sentence. */
  get toPeople(): string {
    const isForOperators = [401, 403, 404, 422].includes(this.code ?? 0);
    return `the Kubernetes API server ${saying(this.code)}; ${isForOperators ? 'ask your administrator' : 'try again shortly'}`;
  }
}

function saying(code: number | undefined): string {
  if (code === undefined) return 'does not answer';
  if (code === 401) return 'does not accept the credential of this platform (401)';
  if (code === 403) return 'does not let this platform do so (403)';
  if (code === 404) return 'does not know the namespace or the object (404)';
  if (code === 429) return 'has too much to do (429)';
  return `answered ${code}`;
}

/** What the client of the cluster threw, without what it quotes of the request. */
export function failureOfKubernetes(error: unknown): KubernetesFailure {
  if (error instanceof KubernetesFailure) return error;
  const { name, code, headers } = error as { name?: string; code?: unknown; headers?: Record<string, string> };
  const isStatus = typeof code === 'number' && code >= 300 && code <= 599;
  const reason = [name ?? 'error', code].filter((part) => typeof part === 'string' || typeof part === 'number');
  return new KubernetesFailure(isStatus ? code : undefined, reason.join(' '), waitOf(headers?.['retry-after']));
}

/** RFC 9110 §10.2.3, in seconds; a date is not what this server sends. */
function waitOf(header: string | undefined): number {
  const seconds = /^\d{1,9}$/.test(header ?? '') ? Number(header) : WAIT_SECONDS;
  return Math.min(60, Math.max(1, seconds));
}
