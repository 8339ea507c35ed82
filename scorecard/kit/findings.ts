import type { FuzzRequest } from '../../apps/api/test/raw-fuzz.js';
import { flawsOfError } from '../../apps/api/test/raw-answer.js';

/** What a request was answered with. */
export interface Response {
  readonly status: number;
  readonly headers: { get(name: string): string | null | undefined };
  readonly text: string;
}

/** Endpoints that answer in Anthropic's shape (its API reference, "Errors"), and that shape. */
const ANTHROPIC_PATH = /\/v1\/messages(?:[/?]|$)/;
const ANTHROPIC_ERROR = /^\{"type":"error","error":\{"type":"[a-z_]+","message":".*"\},"request_id":"[0-9a-f-]{36}"\}$/;
/** Codes of a backend that is not there, to which a request may lead: the answer is as it should be. */
const BACKEND_AWAY = /"code":"upstream_(?:error|unavailable|timeout)"/;
const LONGEST_EXAMPLE = 300;

/** Collects the answers that should not have been. */
export class Findings {
  readonly errors: string[] = [];
  readonly flaws: string[] = [];
  refused = 0;
  private readonly statuses = new Map<number, number>();
  private backendAway = 0;
  private unanswered = 0;

  take(request: FuzzRequest, { status, headers, text }: Response): void {
    this.countOf(status);
    const example = `${request.method} ${request.path} ${request.body ?? ''}`.slice(0, LONGEST_EXAMPLE);
    if (status >= 500) {
      if (BACKEND_AWAY.test(text)) this.backendAway += 1;
      else this.errors.push(`${status} ${example}`);
    } else if (status >= 400 && request.method !== 'HEAD') {
      this.refused += 1;
      const isAnthropic = ANTHROPIC_PATH.test(request.path) && ANTHROPIC_ERROR.test(text);
      const flaws = isAnthropic ? [] : flawsOfError(status, headers, text);
      if (flaws.length > 0) this.flaws.push(`${flaws.join(', ')}: ${example}`);
    }
  }

  /** @param text everything that came on the connection; undefined when it stayed open and silent */
  takeRaw(bytes: string, text: string | undefined): void {
    if (text === undefined || text === '') {
      this.unanswered += 1;
      return;
    }
    for (const [, status] of text.matchAll(/^HTTP\/1\.1 (\d{3}) /gm)) {
      this.countOf(Number(status));
      if (Number(status) < 500) continue;
      if (BACKEND_AWAY.test(text)) this.backendAway += 1;
      else this.errors.push(`${status} ${JSON.stringify(bytes).slice(0, LONGEST_EXAMPLE)}`);
    }
  }

  summary(): string {
    const statuses = [...this.statuses].sort(([a], [b]) => a - b).map(([status, times]) => `${status}×${times}`);
    return `${statuses.join(' ')}; ${this.backendAway} for a backend that is not there, ${this.unanswered} cut off unanswered`;
  }

  private countOf(status: number): void {
    this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1);
  }
}
