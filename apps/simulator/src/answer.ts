import { sampleJson } from './json-sample.js';
import { writeProse } from './prose.js';
import { tokenize } from './tokens.js';

/** What an answer looks like: free text, a JSON object of any shape, JSON that fits a schema, or the call of a tool. */
export type AnswerForm =
  { kind: 'text' } | { kind: 'json'; schema: unknown } | { kind: 'tool'; name: string; parameters: unknown };

export interface AnswerRequest {
  /** What the answer is to: the last message of the user, or the prompt. */
  message: string;
  seed: number;
  form: AnswerForm;
  /** The answer is cut after this many tokens. */
  maxTokens?: number | undefined;
  /** The exact length of a text, unless `maxTokens` or a stop sequence ends it before. */
  exactTokens?: number | undefined;
  /** The answer ends before the first of these. */
  stop?: readonly string[] | undefined;
}

export interface Answer {
  /** The text, the JSON or the arguments of the tool call, in tokens. */
  tokens: string[];
  finish: 'stop' | 'length' | 'tool_calls';
  /** The tool that is called. */
  tool?: string;
}

/** The answer of a model that was asked for JSON without a schema. */
const ANY_OBJECT = {
  type: 'object',
  properties: {
    answer: { type: 'string', minLength: 20 },
    confidence: { type: 'integer', minimum: 0, maximum: 100 },
    keywords: { type: 'array', items: { type: 'string' } },
  },
};

function contentOf({ form, message, seed, exactTokens }: AnswerRequest): string[] {
  if (form.kind === 'text') return tokenize(writeProse(message, seed, exactTokens)).slice(0, exactTokens);
  const schema = form.kind === 'tool' ? asParameters(form.parameters) : (form.schema ?? ANY_OBJECT);
  return tokenize(JSON.stringify(sampleJson(schema, seed)));
}

/** The arguments of a call are an object, also for a tool that declares no parameters. */
function asParameters(parameters: unknown): unknown {
  return { type: 'object', ...(typeof parameters === 'object' ? parameters : {}) };
}

/** The tokens up to the first stop sequence, which is not part of the answer. */
function untilStop(tokens: string[], stop: readonly string[]): string[] {
  const sequences = stop.filter((sequence) => sequence !== '');
  if (sequences.length === 0) return tokens;
  const text = tokens.join('');
  const found = sequences.map((sequence) => text.indexOf(sequence)).filter((at) => at >= 0);
  return found.length === 0 ? tokens : tokenize(text.slice(0, Math.min(...found)));
}

/** Invents an answer. The same request gives the same answer. */
export function composeAnswer(request: AnswerRequest): Answer {
  const { form, maxTokens } = request;
  const whole = contentOf(request);
  const tokens = form.kind === 'tool' ? whole : untilStop(whole, request.stop ?? []);
  const tool = form.kind === 'tool' ? { tool: form.name } : {};
  if (maxTokens !== undefined && tokens.length > maxTokens) {
    return { tokens: tokens.slice(0, maxTokens), finish: 'length', ...tool };
  }
  return { tokens, finish: form.kind === 'tool' ? 'tool_calls' : 'stop', ...tool };
}
