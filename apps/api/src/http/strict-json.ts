/** Where a value stands in the text of an object: `[start, end)`. */
export type Span = readonly [start: number, end: number];

/** A JSON text together with what it says and where its outermost fields stand. */
export interface JsonDocument {
  readonly text: string;
  readonly value: unknown;
  /** The spans of the values of the outermost object's fields; empty for any other value. */
  readonly spans: ReadonlyMap<string, Span>;
}

const MAX_DEPTH = 64;
/** Of small objects, V8 makes only about two million a second: as many as fit into a large body would stop the process. */
const MAX_PARTS = 262_144;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const COLON = 0x3a;
const COMMA = 0x2c;

/** Why a text is refused although, or because, `JSON.parse` has its own opinion; safe to show to the caller. */
export class JsonError extends Error {}

/**
 * Reads JSON of which two readers cannot have different opinions: no duplicate keys, no `__proto__`, at most 64 levels and
 * 262,144 objects, arrays and keys.
 * The spans let the gateway replace one field and leave every other byte of the text as the client wrote it.
 * @throws JsonError
 */
export function parseStrictJson(text: string): JsonDocument {
  try {
    // The limits hold before anything is built: deep nesting alone can make a gigabyte out of a body.
    const spans = scan(text);
    return { text, value: JSON.parse(text) as unknown, spans };
  } catch (error) {
    if (error instanceof SyntaxError) throw new JsonError('The request body is not valid JSON');
    throw error;
  }
}

/** What the scan knows of an object or array that is still open. */
interface Frame {
  keys: Set<string> | undefined;
  expectsKey: boolean;
}

// JSON.parse judges the grammar afterwards, so the scan only has to tell strings, brackets, colons and commas apart.
function scan(text: string): Map<string, Span> {
  const spans = new Map<string, Span>();
  const stack: Frame[] = [];
  let frame: Frame | undefined;
  let outerKey: string | undefined;
  let outerStart = 0;
  let parts = 0;
  for (let at = 0; at < text.length; at += 1) {
    switch (text.charCodeAt(at)) {
      case QUOTE: {
        const end = endOfString(text, at);
        if (frame?.expectsKey) {
          parts = counted(parts);
          const key = addKey(frame, text, at, end);
          if (stack.length === 1) outerKey = key;
        }
        at = end - 1;
        break;
      }
      case OPEN_BRACE:
      case OPEN_BRACKET:
        if (stack.length === MAX_DEPTH) throw new JsonError(`The request body nests deeper than ${MAX_DEPTH} levels`);
        parts = counted(parts);
        frame =
          text.charCodeAt(at) === OPEN_BRACE
            ? { keys: new Set(), expectsKey: true }
            : { keys: undefined, expectsKey: false };
        stack.push(frame);
        break;
      case CLOSE_BRACE:
      case CLOSE_BRACKET:
        if (stack.length === 1 && outerKey !== undefined) spans.set(outerKey, trimmed(text, outerStart, at));
        stack.pop();
        frame = stack.at(-1);
        break;
      case COLON:
        if (frame) frame.expectsKey = false;
        if (stack.length === 1) outerStart = at + 1;
        break;
      case COMMA:
        if (frame?.keys) frame.expectsKey = true;
        if (stack.length === 1 && outerKey !== undefined) spans.set(outerKey, trimmed(text, outerStart, at));
        break;
    }
  }
  return spans;
}

function counted(parts: number): number {
  if (parts < MAX_PARTS) return parts + 1;
  throw new JsonError(`The request body has more than ${MAX_PARTS} objects, arrays and keys`);
}

function addKey(frame: Frame, text: string, start: number, end: number): string {
  const raw = text.slice(start + 1, end - 1);
  const key = raw.includes('\\') ? (JSON.parse(text.slice(start, end)) as string) : raw;
  if (key === '__proto__') throw new JsonError('The request body has a forbidden key: __proto__');
  if (frame.keys?.has(key))
    throw new JsonError(`The request body has a duplicate key: ${JSON.stringify(key.slice(0, 64))}`);
  frame.keys?.add(key);
  return key;
}

/** The index after the closing quote of the string that opens at `start`; after the text when it does not end. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end > 0 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end < 0 ? text.length + 1 : end + 1;
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0;
  while (text.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes += 1;
  return backslashes % 2 === 1;
}

function trimmed(text: string, start: number, end: number): Span {
  while (start < end && text.charCodeAt(start) <= 0x20) start += 1;
  while (end > start && text.charCodeAt(end - 1) <= 0x20) end -= 1;
  return [start, end];
}
