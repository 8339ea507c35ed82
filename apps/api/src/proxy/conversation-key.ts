import type { IncomingHttpHeaders } from 'node:http';
import type { InferenceRequest } from './inference-request.js';
import { isObject } from './inference-request.js';
import { hash32 } from './rendezvous.js';

/** The header by which a client says itself what belongs together, as coding agents do. */
const SESSION_HEADER = 'x-session-id';
/** Of a text, its beginning is enough to tell one from another, and costs nothing to speak of. */
const MOST_CHARACTERS = 1024;

/**
 * A number that is the same for all requests of one conversation of one person: by the header `x-session-id`, or by the
 * body's `prompt_cache_key` (OpenAI's own hint for this), or by how the conversation began, which every later turn repeats:
 * the system's and the first user's words.
 * @returns 32 bits; undefined: there is nothing to tell a conversation by
 */
export function conversationKey(
  userId: string,
  headers: IncomingHttpHeaders,
  { json }: Pick<InferenceRequest, 'json'>,
): number | undefined {
  const named = headers[SESSION_HEADER];
  if (typeof named === 'string' && named !== '') return hash32(named, hash32(userId, 1));
  if (!json) return undefined;
  const { fields } = json;
  const { prompt_cache_key: given } = fields;
  if (typeof given === 'string' && given !== '') return hash32(given, hash32(userId, 2));
  const opening = openingOf(fields);
  return opening === '' ? undefined : hash32(opening, hash32(userId, 3));
}

/** Chat completions, messages, responses and completions each write it otherwise. */
function openingOf({ messages, system, instructions, input, prompt }: Readonly<Record<string, unknown>>): string {
  const before = `${beginning(system)}\n${beginning(instructions)}`;
  const turns = Array.isArray(messages) ? messages : input;
  const said = Array.isArray(turns) ? firstWords(turns) : beginning(turns ?? prompt);
  return said === '' ? '' : `${before}\n${said}`;
}

/** Up to and including the first turn of the user: what comes after differs from turn to turn. */
function firstWords(turns: readonly unknown[]): string {
  let words = '';
  for (const turn of turns) {
    if (!isObject(turn)) return words;
    words += `${beginning(turn['content'])}\n`;
    if (turn['role'] === 'user') return words;
  }
  return words;
}

/** The beginning of a text, or of the texts of its parts. */
function beginning(content: unknown): string {
  if (typeof content === 'string') return content.slice(0, MOST_CHARACTERS);
  if (!Array.isArray(content)) return '';
  let text = '';
  for (const part of content) {
    if (isObject(part) && typeof part['text'] === 'string') text += part['text'].slice(0, MOST_CHARACTERS);
    if (text.length >= MOST_CHARACTERS) break;
  }
  return text.slice(0, MOST_CHARACTERS);
}
