import { dataOf, framesIn } from './event-frames.js';
import { isObject, objectIn } from './inference-request.js';

/** What a backend says that a request came to. */
export interface ReportedUsage {
  promptTokens: number | undefined;
  completionTokens: number | undefined;
  /** Of a prompt that Anthropic counts in parts: what was not in the prompt cache, what was, and what now is. */
  uncachedTokens: number | undefined;
  cacheReadTokens: number | undefined;
  cacheWrittenTokens: number | undefined;
  /** A larger count cannot be true. */
  readonly largest: number;
  /** It gave a count that cannot be true. */
  isDoubtful: boolean;
}

/** Before a backend said anything. @param largest a backend that counts more tokens is not believed */
export function nothingReported(largest: number): ReportedUsage {
  return {
    promptTokens: undefined,
    completionTokens: undefined,
    uncachedTokens: undefined,
    cacheReadTokens: undefined,
    cacheWrittenTokens: undefined,
    largest,
    isDoubtful: false,
  };
}

/** A count of any request is at most this, which is what the database keeps. */
export const LARGEST_COUNT = 2_147_483_647;
const USAGE = Buffer.from('"usage"');
/** In bytes, with room for details that are not known yet. */
const LARGEST_USAGE = 4096;
// A quote within a JSON string is escaped, so these bytes can only be a key and its value.
const usageNulls = /,\s*"usage"\s*:\s*null(?=\s*[,}])|"usage"\s*:\s*null\s*,/g;
const usageValue = /"usage"\s*:\s*(?!null|\s)/;
/**
 * The frame that ends an answer, of OpenAI's chat completions and completions, of its responses, and of Anthropic's
 * messages. It stands at the beginning of a line, where no text of an answer can stand.
 */
const lastFrame = /^(?:data: ?\[DONE\]|event: ?(?:response\.(?:completed|incomplete)|message_stop)$)/m;
/** Why an answer ended. Some servers write an empty reason for as long as it goes on. */
const endReason = /"finish_reason"\s*:\s*"(?!")/;
/** The event in which a server says that it cannot go on, as the clients of OpenAI's responses and of Anthropic read it. */
const errorEvent = /^event: ?(?:error|response\.failed)$/m;
/** What else may say so, or that there is no error. */
const errorWord = /"error"(?!\s*:\s*(?:null|""))|"response\.failed"/;
/** The value of a usage field: an object of numbers and of objects of numbers. */
const usageObject = /^"usage"\s*:\s*(\{(?:[^{}]|\{[^{}]*\})*\})/;
/** The same, and after it nothing but plain fields and the end of the answer: so the field is one of the answer itself. */
const lastUsage =
  /^"usage"\s*:\s*(\{(?:[^{}]|\{[^{}]*\})*\})\s*(?:,\s*"[^"\\]*"\s*:\s*(?:"[^"\\]*"|[\w.+-]+)\s*)*\}\s*$/;
/**
 * A piece of an answer that is not empty: text, reasoning, what is said aloud, or the arguments or the input of a tool call.
 * In JSON a quote within a string is escaped, so these bytes can only be a key and the beginning of its value. Of thinking it
 * is the type: some servers repeat what was thought under several names.
 */
const piece =
  /"(?:content|reasoning_content|reasoning|refusal|text|transcript|arguments|input|delta|partial_json)"\s*:\s*"(?!")|"thinking_delta"/g;
/** Of a choice besides the first, or of a second tool call. */
const otherIndex = /"index"\s*:\s*[1-9]/;

/**
 * Counts a streamed answer as its frames pass, and hides the usage chunk from a client that did not ask for it.
 * Chat completions and completions report in a last chunk without choices, responses in `response.completed`, Anthropic's
 * messages in `message_start` and, cumulated, in `message_delta`: the last valid value of each count holds.
 */
export class CompletionMeter {
  readonly reported: ReportedUsage;
  /** Pieces of the answer that passed: most servers stream one token in each. */
  pieces = 0;
  /** How many had passed when the backend last said how many tokens there are. */
  piecesAtCount = 0;
  /** The frame that ends a whole answer has come. */
  isWhole = false;
  /** The backend said that it cannot go on. */
  hasError = false;
  /** Something of an answer passed that is no stream of events, such as speech. */
  hasBytes = false;
  /** There was more of the answer after the frame that ends it. */
  goesOn = false;
  /** The indices of the choices that were said to have ended. */
  private finished: Set<unknown> | undefined;
  /** It has more than one choice: not every server makes as many as it is asked for. */
  private hasOthers = false;

  /**
   * @param hideUsage the client did not ask for the usage that the gateway asked for
   * @param largest a backend that counts more tokens is not believed
   * @param choices how many the answer has
   */
  constructor(
    private readonly hideUsage: boolean,
    largest: number = LARGEST_COUNT,
    private readonly choices: number = 1,
  ) {
    this.reported = nothingReported(largest);
  }

  /** Every choice was said to have ended, and why: the last that a server says which sends no last frame. */
  get hasReasons(): boolean {
    return this.finished !== undefined && this.finished.size >= (this.hasOthers ? this.choices : 1);
  }

  /**
   * @param frames whole frames
   * @returns what the client is to see of them
   */
  pass(frames: Buffer): Buffer {
    // One character a byte: fast to make, and to make bytes of again.
    const text = frames.toString('latin1');
    const mayGoOn = this.isWhole || ((text.includes('[DONE]') || text.includes('event:')) && lastFrame.test(text));
    if (!mayGoOn) return this.passPart(frames, text);
    const kept = this.beforeMore(frames);
    return this.passPart(kept, kept.length === frames.length ? text : kept.toString('latin1'));
  }

  /** Without what a backend goes on to say after the end of its answer, which would be on no bill. */
  private beforeMore(frames: Buffer): Buffer {
    let length = 0;
    for (const frame of framesIn(frames)) {
      const text = frame.toString('latin1');
      this.goesOn ||= this.isWhole && text.match(piece) !== null;
      if (this.goesOn) break;
      this.isWhole ||= lastFrame.test(text);
      length += frame.length;
    }
    return frames.subarray(0, length);
  }

  private passPart(frames: Buffer, text: string): Buffer {
    if (this.choices > 1) this.hasOthers ||= otherIndex.test(text);
    if (text.includes('"finish_reason":') && endReason.test(text)) this.noteReasons(frames);
    this.hasError ||= saysError(frames, text);
    const hasUsage = text.includes('"usage"');
    if (!hasUsage || !usageValue.test(text)) {
      this.pieces += piecesIn(text);
      // Who is asked for the usage says in every frame but one that there is none yet.
      return hasUsage && this.hideUsage ? withoutNulls(text) : frames;
    }
    const shown: Buffer[] = [];
    for (const frame of framesIn(frames)) {
      const seen = this.inspect(frame);
      if (seen) shown.push(seen);
    }
    return shown.length === 1 && shown[0] ? shown[0] : Buffer.concat(shown);
  }

  private inspect(frame: Buffer): Buffer | undefined {
    const text = frame.toString('latin1');
    // One by one: a count is of the pieces until its frame, whatever comes with it in one read.
    this.pieces += piecesIn(text);
    if (!text.includes('"usage"')) return frame;
    const event = eventOf(frame);
    if (event && readUsage(event, this.reported)) this.piecesAtCount = this.pieces;
    if (!this.hideUsage) return frame;
    if (event && isObject(event['usage']) && Array.isArray(event['choices']) && event['choices'].length === 0)
      return undefined;
    return withoutNulls(text);
  }

  private noteReasons(frames: Buffer): void {
    for (const frame of framesIn(frames)) {
      if (!endReason.test(frame.toString('latin1'))) continue;
      const choices = eventOf(frame)?.['choices'];
      for (const choice of Array.isArray(choices) ? (choices as unknown[]) : []) {
        if (this.hasReasons) return;
        if (isObject(choice) && choice['finish_reason']) (this.finished ??= new Set()).add(choice['index']);
      }
    }
  }
}

function piecesIn(text: string): number {
  return text.match(piece)?.length ?? 0;
}

function withoutNulls(text: string): Buffer {
  return Buffer.from(text.replace(usageNulls, ''), 'latin1');
}

/** The SDKs of OpenAI take any event for an error that has one, or is one by its type; older servers by its object. */
function saysError(frames: Buffer, text: string): boolean {
  if (text.includes('event:') && errorEvent.test(text)) return true;
  return errorWord.test(text) && [...framesIn(frames)].some(isError);
}

function isError(frame: Buffer): boolean {
  const { error, object, type } = eventOf(frame) ?? {};
  return Boolean(error) || object === 'error' || type === 'error' || type === 'response.failed';
}

/** The data of a frame; undefined when it is no JSON object. */
function eventOf(frame: Buffer): Record<string, unknown> | undefined {
  return objectIn(dataOf(frame));
}

/** Reads the usage of a whole answer or of an event into `into`, as far as it is valid. @returns whether there is one */
export function readUsage(event: Record<string, unknown>, into: ReportedUsage): boolean {
  const usage = usageOf(event) ?? usageOf(event['response']) ?? usageOf(event['message']);
  if (usage) takeCounts(usage, into);
  return usage !== undefined;
}

function usageOf(holder: unknown): Record<string, unknown> | undefined {
  const usage = isObject(holder) ? holder['usage'] : undefined;
  return isObject(usage) ? usage : undefined;
}

function takeCounts(usage: Record<string, unknown>, into: ReportedUsage): void {
  into.promptTokens = promptCount(usage, into) ?? into.promptTokens;
  into.completionTokens =
    validCount(usage['completion_tokens'] ?? usage['output_tokens'], into) ?? into.completionTokens;
}

/**
 * Anthropic's `input_tokens` are without those that are read from the prompt cache or written to it (API reference, "Prompt
 * caching"), and an event may say only some of the three: the last valid value of each holds. OpenAI's counts are whole.
 */
function promptCount(usage: Record<string, unknown>, into: ReportedUsage): number | undefined {
  const input = usage['input_tokens'];
  if (usage['prompt_tokens'] !== undefined) return validCount(usage['prompt_tokens'] ?? input, into);
  if (isObject(usage['input_tokens_details'])) return validCount(input, into);
  into.uncachedTokens = validCount(input, into) ?? into.uncachedTokens;
  into.cacheReadTokens = validCount(usage['cache_read_input_tokens'], into) ?? into.cacheReadTokens;
  into.cacheWrittenTokens = validCount(usage['cache_creation_input_tokens'], into) ?? into.cacheWrittenTokens;
  if (into.uncachedTokens === undefined) return undefined;
  return validCount(into.uncachedTokens + (into.cacheReadTokens ?? 0) + (into.cacheWrittenTokens ?? 0), into);
}

/**
 * Reads the usage of a whole answer without parsing all of it, which would cost as much as sending it on. Reads nothing
 * where the usage is not one of the answer's last fields.
 */
export function readLastUsage(body: Buffer, into: ReportedUsage): void {
  const start = body.lastIndexOf(USAGE);
  if (start >= 0) readObject(lastUsage.exec(body.toString('latin1', start))?.[1], into);
}

/**
 * Reads the usage of an answer that is too large to be parsed, where all of it is in a part.
 * @param part of its JSON; it overlaps with the one before
 */
export function readUsageWithin(part: Buffer, into: ReportedUsage): void {
  // The last that has a value: a token can be the word itself.
  for (let at = part.lastIndexOf(USAGE); at >= 0; at = at === 0 ? -1 : part.lastIndexOf(USAGE, at - 1)) {
    const object = usageObject.exec(part.toString('latin1', at, at + LARGEST_USAGE))?.[1];
    if (object !== undefined) return readObject(object, into);
  }
}

function readObject(object: string | undefined, into: ReportedUsage): void {
  if (object === undefined) return;
  try {
    takeCounts(JSON.parse(object) as Record<string, unknown>, into);
  } catch {
    // What is no JSON is no count: the usage is estimated.
  }
}

/** An explicit zero is a count; anything that cannot be one is none. */
function validCount(value: unknown, into: ReportedUsage): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= into.largest) return value;
  into.isDoubtful = true;
  return undefined;
}
