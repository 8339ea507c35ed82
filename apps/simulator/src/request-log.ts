import { hash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** What became of one request. */
export interface RequestRecord {
  /** The id of the answer, as the client sees it; null before the request was understood. */
  id: string | null;
  path: string;
  model: string | null;
  stream: boolean;
  promptTokens: number;
  /** Tokens produced until the answer ended or the client left. */
  tokens: number;
  /** Null as long as no headers were sent. */
  status: number | null;
  /** The client left before the end. */
  aborted: boolean;
  finished: boolean;
  /** The names of the headers that came in, in lower case; no values. */
  headers: string[];
  /** The SHA-256 of the value of `authorization`, in hexadecimal. */
  authorizationSha256: string | null;
}

/** Counts since the start, of inference requests only, and the latest of them. */
export interface SimulatorStats {
  requests: number;
  inFlight: number;
  /** Completion tokens produced. */
  tokens: number;
  /** Requests whose client left before the end. */
  aborted: number;
  /** The latest requests, oldest first. */
  recent: RequestRecord[];
}

/** Keeps the counts, and the latest requests up to a number. */
export class RequestLog {
  readonly #capacity: number;
  readonly #recent: RequestRecord[] = [];
  #next = 0;
  #requests = 0;
  #inFlight = 0;
  #tokens = 0;
  #aborted = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  open(request: IncomingMessage, path: string): RequestRecord {
    const { authorization } = request.headers;
    const record: RequestRecord = {
      id: null,
      path,
      model: null,
      stream: false,
      promptTokens: 0,
      tokens: 0,
      status: null,
      aborted: false,
      finished: false,
      headers: Object.keys(request.headers),
      authorizationSha256: authorization === undefined ? null : hash('sha256', authorization),
    };
    this.#requests++;
    this.#inFlight++;
    // The oldest record is overwritten in place: shifting an array for every request would cost more than answering it.
    this.#recent[this.#next] = record;
    this.#next = (this.#next + 1) % this.#capacity;
    return record;
  }

  produced(record: RequestRecord, tokens: number): void {
    record.tokens += tokens;
    this.#tokens += tokens;
  }

  close(record: RequestRecord, status: number | null, aborted: boolean): void {
    record.status = status;
    record.aborted = aborted;
    record.finished = true;
    this.#inFlight--;
    if (aborted) this.#aborted++;
  }

  stats(): SimulatorStats {
    const recent = [...this.#recent.slice(this.#next), ...this.#recent.slice(0, this.#next)];
    return {
      requests: this.#requests,
      inFlight: this.#inFlight,
      tokens: this.#tokens,
      aborted: this.#aborted,
      recent: recent.map((record) => ({ ...record, headers: [...record.headers] })),
    };
  }
}
