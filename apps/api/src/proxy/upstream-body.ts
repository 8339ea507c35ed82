import { parseStrictJson } from '../http/strict-json.js';
import { withModel } from './multipart-model.js';
import { addsUsageWish, type InferenceRequest, isObject, type JsonBody, type Wishes } from './inference-request.js';

/** What the gateway wants to be different in a body. */
export interface BodyChanges {
  /** The name that the backend knows the model by. */
  readonly model: string;
  /** A largest answer to add, where the client named none; undefined: leave it. */
  readonly maxTokens: number | undefined;
}

/**
 * The body for the backend. Only the fields that must differ are replaced in the text: every other byte, unknown fields and
 * large numbers included, stays as the client wrote it.
 */
export function upstreamBody(
  { endpoint, bytes, json, form }: InferenceRequest,
  wishes: Wishes,
  changes: BodyChanges,
): Buffer {
  if (!json) return form && form.model !== changes.model ? withModel(bytes, form, changes.model) : bytes;
  const fields = new Map<string, string>();
  if (json.fields['model'] !== changes.model) fields.set('model', JSON.stringify(changes.model));
  if (addsUsageWish(wishes)) fields.set('stream_options', withUsage(json));
  if (changes.maxTokens !== undefined) {
    fields.set(endpoint === 'responses' ? 'max_output_tokens' : 'max_tokens', String(changes.maxTokens));
  }
  return fields.size === 0 ? bytes : apart(withFields(json, fields));
}

/** As bytes that are no part of a pool of Node's: they are kept while the answer lasts, and would keep all of it. */
function apart(text: string): Buffer {
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(text));
  bytes.write(text);
  return bytes;
}

/** The client's `stream_options`, where there are any, that ask for the usage, too. */
function withUsage({ text, fields, spans }: JsonBody): string {
  const span = spans.get('stream_options');
  if (!isObject(fields['stream_options']) || span === undefined) return '{"include_usage":true}';
  return withFields(parseStrictJson(text.slice(...span)), new Map([['include_usage', 'true']]));
}

/** @param fields JSON texts by the names of the outermost object's fields that they are put in for */
function withFields({ text, spans }: Pick<JsonBody, 'text' | 'spans'>, fields: ReadonlyMap<string, string>): string {
  const replaced = [...fields].flatMap(([name, value]) => {
    const span = spans.get(name);
    return span ? [{ span, text: value }] : [];
  });
  const added = [...fields].filter(([name]) => !spans.has(name));
  let out = text;
  for (const { span, text: value } of replaced.sort((a, b) => b.span[0] - a.span[0])) {
    out = out.slice(0, span[0]) + value + out.slice(span[1]);
  }
  if (added.length === 0) return out;
  const start = out.indexOf('{') + 1;
  const members = added.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(',');
  return `${out.slice(0, start)}${members}${spans.size > 0 ? ',' : ''}${out.slice(start)}`;
}
