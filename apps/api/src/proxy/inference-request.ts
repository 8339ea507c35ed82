import { isUtf8 } from 'node:buffer';
import { ApiError } from '../http/api-error.js';
import { type ModelField, modelInForm } from './multipart-model.js';
import { JsonError, parseStrictJson, type Span } from '../http/strict-json.js';

/** The endpoints whose answers are generated and can be streamed, and what each calls the largest answer. */
const generating = new Map([
  ['chat/completions', ['max_tokens', 'max_completion_tokens']],
  ['completions', ['max_tokens']],
  ['responses', ['max_output_tokens']],
  ['messages', ['max_tokens']],
]);
/**
 * The endpoints that tell the tokens of a prompt before it is sent, of Anthropic's messages and OpenAI's responses: no model
 * runs, so they cost no tokens.
 */
const counting = new Set(['messages/count_tokens', 'responses/input_tokens']);
/** What is done with one answer that was made before, by its id: no model runs for that either. */
const managing = /^(?:responses\/[^/]+\/cancel|chat\/completions\/chatcmpl[^/]*)$/;

/** Whether an endpoint answers nothing but POST. */
export function isPostOnly(endpoint: string): boolean {
  return generating.has(endpoint) || endpoint === 'embeddings';
}

/** The endpoints whose streams carry usage only when `stream_options.include_usage` asks for it. */
const usageOnDemand = new Set(['chat/completions', 'completions']);
/** The fields that decide which model answers, how much and how. */
const decisive = new Set([
  'model', 'stream', 'stream_options', 'max_tokens', 'max_completion_tokens', 'max_output_tokens', 'n', 'best_of', 'prompt',
  'background',
]); // prettier-ignore
const OPEN_BRACE = 0x7b;
const SPACE = 0x20;

/** A request for inference, as far as the gateway has to understand it. */
export interface InferenceRequest {
  readonly endpoint: string;
  /** The body as it came. */
  readonly bytes: Buffer;
  /** Undefined when the body is not JSON, such as an audio file. */
  readonly json: JsonBody | undefined;
  /** Where an uploaded form names the model. */
  readonly form: ModelField | undefined;
}

export interface JsonBody {
  readonly text: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly spans: ReadonlyMap<string, Span>;
}

/** What the body asks for. */
export interface Wishes {
  readonly model: string | undefined;
  readonly stream: boolean;
  /** The client asked for the usage chunk itself. */
  readonly includeUsage: boolean;
  /** The gateway has to ask the backend for the usage chunk. */
  readonly usageOnDemand: boolean;
  /** The largest answer, in tokens, that was asked for; undefined: none was named. */
  readonly maxTokens: number | undefined;
  /** How many answers, to all prompts together. */
  readonly choices: number;
  /** How many of them are shown: of `best_of`, the best `n`. */
  readonly shownChoices: number;
  readonly generates: boolean;
  /** No model runs for it, so that it comes to no tokens, neither set aside nor billed. */
  readonly isFree: boolean;
}

/**
 * Reads a body. JSON is read strictly, whatever its type says: `curl -d` says that it is a form, and not every backend looks
 * at the type. Others pass as they are.
 * @throws ApiError 400 for JSON that is malformed, or that another reader could understand differently
 */
export function readRequest(endpoint: string, contentType: string | undefined, bytes: Buffer): InferenceRequest {
  const isJson = generating.has(endpoint) || !isOpaque(contentType) || beginsAsObject(bytes);
  if (bytes.length === 0 || !isJson) return { endpoint, bytes, json: undefined, form: formOf(contentType, bytes) };
  if (!isUtf8(bytes)) throw new ApiError('invalid_json', { message: 'The request body is not valid UTF-8' });
  try {
    const { text, value, spans } = parseStrictJson(bytes.toString());
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new ApiError('invalid_json', { message: 'The request body must be a JSON object' });
    }
    for (const name of spans.keys()) requireExactName(name);
    return { endpoint, bytes, json: { text, fields: value as Record<string, unknown>, spans }, form: undefined };
  } catch (error) {
    if (error instanceof JsonError) throw new ApiError('invalid_json', { message: error.message });
    throw error;
  }
}

function formOf(contentType: string | undefined, bytes: Buffer): ModelField | undefined {
  const form = modelInForm(contentType, bytes);
  if (form === 'ambiguous')
    throw invalid('model', 'must be named once, in a form that every reader reads alike (RFC 7578)');
  return form;
}

// Go's encoding/json, and so a backend written in Go, takes `Model` for `model`, and `ſtream` for `stream`.
function requireExactName(name: string): void {
  const folded = name.toUpperCase().toLowerCase();
  if (folded === name || !decisive.has(folded)) return;
  throw new ApiError('invalid_request', { message: `${name} must be written ${folded}`, param: name });
}

function beginsAsObject(bytes: Buffer): boolean {
  return bytes.find((byte) => byte > SPACE) === OPEN_BRACE;
}

function isOpaque(contentType: string | undefined): boolean {
  if (!contentType) return false;
  const type = contentType.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  return !type.includes('json') && type !== 'application/x-www-form-urlencoded' && !type.startsWith('text/');
}

/**
 * @param method of HTTP: only POST makes a model run
 * @throws ApiError 400 that names the field which has a value that cannot be meant
 */
export function wishesOf({ endpoint, json, form }: InferenceRequest, method = 'POST'): Wishes {
  const fields = json?.fields ?? {};
  const { model, stream, stream_options: options } = fields;
  if (model !== undefined && typeof model !== 'string') throw invalid('model', 'must be a string');
  if (stream !== undefined && stream !== null && typeof stream !== 'boolean') {
    throw invalid('stream', 'must be true or false');
  }
  const namesOfLargest = generating.get(endpoint);
  // Whatever another reader could take for true.
  if (namesOfLargest && (fields['background'] ?? false) !== false) {
    throw invalid(
      'background',
      'cannot be true: what is produced while nobody waits for it is metered for nobody; use stream',
    );
  }
  return {
    model: model ?? form?.model,
    stream: stream === true,
    includeUsage: isObject(options) && options['include_usage'] === true,
    usageOnDemand: stream === true && usageOnDemand.has(endpoint) && canAskUsage(options),
    maxTokens: namesOfLargest && largestAnswer(fields, namesOfLargest),
    ...(namesOfLargest ? choicesOf(fields) : ONE_CHOICE),
    generates: namesOfLargest !== undefined,
    isFree: method !== 'POST' || counting.has(endpoint) || managing.test(endpoint),
  };
}

/** What is no object is passed on as it is: the backend says what is wrong with it. */
function canAskUsage(options: unknown): boolean {
  return options === undefined || options === null || isObject(options);
}

/** The gateway asks for the usage of a stream whose client did not: who did not ask does not see it. */
export function addsUsageWish(wishes: Wishes): boolean {
  return wishes.usageOnDemand && !wishes.includeUsage;
}

type Choices = Pick<Wishes, 'choices' | 'shownChoices'>;

const ONE_CHOICE: Choices = { choices: 1, shownChoices: 1 };

/** Completions are made for each of several prompts, and `best_of` are made where `n` are shown. */
function choicesOf(fields: Readonly<Record<string, unknown>>): Choices {
  const { prompt } = fields;
  // An array of numbers is one prompt, in tokens.
  const prompts = Array.isArray(prompt) && typeof prompt[0] !== 'number' ? Math.max(1, prompt.length) : 1;
  const shown = count(fields, 'n', 1, 128) ?? 1;
  const made = Math.max(shown, count(fields, 'best_of', 1, 128) ?? 1);
  return { choices: prompts * made, shownChoices: prompts * shown };
}

/** When both of chat's names are given, the larger could be obeyed. */
function largestAnswer(fields: Readonly<Record<string, unknown>>, names: readonly string[]): number | undefined {
  const given = names.map((name) => count(fields, name, 0, 2_147_483_647)).filter((value) => value !== undefined);
  return given.length === 0 ? undefined : Math.max(...given);
}

function count(
  fields: Readonly<Record<string, unknown>>,
  name: string,
  least: number,
  most: number,
): number | undefined {
  const value = fields[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value;
  throw invalid(name, `must be a whole number from ${least} to ${most}`);
}

function invalid(param: string, problem: string): ApiError {
  return new ApiError('invalid_request', { message: `${param} ${problem}`, param });
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object that a text is as JSON; undefined when it is none. */
export function objectIn(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
