import type { IncomingMessage } from 'node:http';
import type * as z from 'zod';
import { type ApiError, invalidRequest, requestTooLarge } from './api-error.js';

const MAX_BYTES = 64 * 1024 * 1024;

/**
 * Reads the JSON of a request.
 * @throws ApiError 400 for anything but JSON, 413 for more than 64 MiB; the stream's error when the client goes away
 */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  const bytes = await readBytes(request);
  try {
    return JSON.parse(bytes.toString());
  } catch {
    throw invalidRequest('The body of the request is not valid JSON', null, 'invalid_json');
  }
}

function readBytes(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= MAX_BYTES) return void chunks.push(chunk);
      // What still comes is read and dropped: a socket closed with unread data would take the answer with it.
      chunks.length = 0;
      reject(requestTooLarge(MAX_BYTES));
    });
    request.once('end', () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)));
    request.once('error', reject);
  });
}

/**
 * Checks a body against the schema of its endpoint. Fields that the schema does not name are ignored, as OpenAI-compatible
 * servers do.
 * @throws ApiError 400 whose `param` names the first field that is wrong
 */
export function parseBody<T extends z.ZodType>(schema: T, body: unknown): z.infer<T> {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw issue === undefined ? invalidRequest('The body is invalid', null, null) : asApiError(issue, body);
}

/** How OpenAI writes the place of a field: `messages[0].content`. */
function paramOf(path: readonly PropertyKey[]): string | null {
  const name = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('');
  return name === '' ? null : name.replace(/^\./, '');
}

function valueAt(body: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined),
    body,
  );
}

function asApiError(issue: z.core.$ZodIssue, body: unknown): ApiError {
  const param = paramOf(issue.path);
  if (param === null && issue.code !== 'unrecognized_keys') {
    return invalidRequest('The body of the request must be a JSON object', null, 'invalid_type');
  }
  if (issue.code === 'unrecognized_keys') {
    const unknown = paramOf([...issue.path, ...issue.keys.slice(0, 1)]);
    return invalidRequest(`Unknown parameter: '${unknown}'`, unknown, 'unknown_parameter');
  }
  if (valueAt(body, issue.path) === undefined) {
    return invalidRequest(`Missing required parameter: '${param}'`, param, 'missing_required_parameter');
  }
  const code = issue.code === 'invalid_type' ? 'invalid_type' : 'invalid_value';
  return invalidRequest(`Invalid value for '${param}': ${issue.message.replace(/^Invalid \w+: /, '')}`, param, code);
}
