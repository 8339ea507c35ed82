import { ErrorBody } from '@maas/contracts/errors';

/** An answer as its bytes say, read without the forgiveness of an HTTP client. */
export interface RawAnswer {
  readonly version: string;
  readonly status: number;
  /** In lower case; of a repeated header, all values joined by a comma. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/**
 * Reads the first whole final answer; 1xx answers before it are skipped.
 * @param over whether the connection has ended: an answer without a length lasts until then
 * @returns undefined when it is not whole yet
 */
export function readAnswer(
  bytes: Buffer,
  method: string,
  over: boolean,
): { answer: RawAnswer; length: number } | undefined {
  const headEnd = bytes.indexOf('\r\n\r\n');
  if (headEnd < 0) return undefined;
  const [statusLine = '', ...lines] = bytes.subarray(0, headEnd).toString('latin1').split('\r\n');
  const status = /^HTTP\/(1\.[01]) (\d{3})(?: |$)/.exec(statusLine);
  if (!status) throw new Error(`not an answer: ${JSON.stringify(statusLine.slice(0, 200))}`);
  const code = Number(status[2]);
  const start = headEnd + 4;
  if (code >= 100 && code < 200) {
    const next = readAnswer(bytes.subarray(start), method, over);
    return next && { answer: next.answer, length: start + next.length };
  }
  const headers = headersOf(lines);
  const body = method === 'HEAD' || code === 204 || code === 304 ? empty : bodyOf(bytes.subarray(start), headers, over);
  if (!body) return undefined;
  const answer = { version: status[1] ?? '', status: code, headers, body: body.text.toString() };
  return { answer, length: start + body.length };
}

const empty = { text: Buffer.alloc(0), length: 0 };

function headersOf(lines: string[]): Map<string, string> {
  const headers = new Map<string, string>();
  for (const line of lines) {
    const header = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*$/.exec(line);
    if (!header) throw new Error(`not a header line: ${JSON.stringify(line)}`);
    const name = (header[1] ?? '').toLowerCase();
    const before = headers.get(name);
    headers.set(name, before === undefined ? (header[2] ?? '') : `${before}, ${header[2] ?? ''}`);
  }
  return headers;
}

function bodyOf(
  bytes: Buffer,
  headers: ReadonlyMap<string, string>,
  over: boolean,
): { text: Buffer; length: number } | undefined {
  if (headers.get('transfer-encoding') === 'chunked') return chunkedBodyOf(bytes);
  const length = headers.get('content-length');
  if (length === undefined) return over ? { text: bytes, length: bytes.length } : undefined;
  return bytes.length < Number(length)
    ? undefined
    : { text: bytes.subarray(0, Number(length)), length: Number(length) };
}

function chunkedBodyOf(bytes: Buffer): { text: Buffer; length: number } | undefined {
  const pieces: Buffer[] = [];
  for (let at = 0; ;) {
    const lineEnd = bytes.indexOf('\r\n', at);
    if (lineEnd < 0) return undefined;
    const size = Number.parseInt(bytes.subarray(at, lineEnd).toString('latin1'), 16);
    const start = lineEnd + 2;
    if (bytes.length < start + size + 2) return undefined;
    at = start + size + 2;
    if (size === 0) return { text: Buffer.concat(pieces), length: at };
    pieces.push(bytes.subarray(start, start + size));
  }
}

/** What is wrong with an answer that should be an error of ours; empty when nothing is. */
export function flawsOfError(
  status: number,
  headers: { get(name: string): string | null | undefined },
  body: string,
): string[] {
  const flaws: string[] = [];
  if (status < 400 || status > 499) flaws.push(`status ${status} is no 4xx`);
  if (!/^application\/json\b/.test(headers.get('content-type') ?? '')) flaws.push('not JSON by its content-type');
  if (!/^[0-9a-f-]{36}$/.test(headers.get('x-request-id') ?? '')) flaws.push('no x-request-id');
  if (/\bat .*:\d+:\d+|node_modules|\.ts:|prisma|postgres/i.test(body)) flaws.push('shows our insides');
  const shape = ErrorBody.strict().safeParse(parsed(body));
  if (!shape.success) flaws.push('not in the error shape');
  return flaws.length === 0 ? [] : [...flaws, `${status} ${body.slice(0, 300)}`];
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
