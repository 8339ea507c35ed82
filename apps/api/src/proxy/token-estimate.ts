import type { RoutableModel } from '../models/routable-model.js';
import { bounded } from '../tiers/limit-store.js';
import { LARGEST_COUNT } from './completion-meter.js';
import { type InferenceRequest, isObject, type Wishes } from './inference-request.js';

/** Tokens that a chat template adds to each message, generously. */
const PER_MESSAGE = 8;
/** What an image, a file or a piece of audio is taken for; OpenAI's high-detail images come to about 1,100. */
const PER_ATTACHMENT = 1200;
/** More than any budget, and small enough that many of them can be added up exactly. */
const UNKNOWN_ANSWER = 2_147_483_647;
/** English text has about four bytes a token (OpenAI, "What are tokens and how to count them"). */
const BYTES_PER_TOKEN = 4;

/** The fields that a model reads: OpenAI's, Anthropic's, and vLLM's for scores and templates. */
const read = [
  'messages', 'prompt', 'input', 'instructions', 'system', 'suffix', 'query', 'documents', 'text_1', 'text_2',
]; // prettier-ignore
/** What else it reads, in which nothing is an attachment, whatever it is called: the schema of a tool has names of its own. */
const readAsText = ['tools', 'functions', 'chat_template_kwargs'];

/** The size of a prompt, before anybody counted its tokens. */
export interface PromptSize {
  /** UTF-8 bytes of the text. */
  readonly bytes: number;
  /** Tokens that are known already: token arrays, attachments, what a chat template adds. */
  readonly tokens: number;
}

/** Adds up all text that a model would read: messages, prompts, inputs, instructions and tools. An upload is an attachment. */
export function promptSize({ endpoint, json, bytes }: InferenceRequest): PromptSize {
  if (!json) return { bytes: 0, tokens: bytes.length > 0 ? PER_ATTACHMENT : 0 };
  const size = { bytes: 0, tokens: 0 };
  const { fields } = json;
  for (const name of read) measure(fields[name], size, endpoint === 'embeddings' ? isEmbedded : isAttached);
  for (const name of readAsText) measure(fields[name], size, isText);
  return size;
}

/** Whether a value is an attachment, which counts as one whatever its size: by its name, and by what has it. */
type Recognise = (value: unknown, name: string, holder: Readonly<Record<string, unknown>>) => boolean;

const nothing = {};

function measure(
  value: unknown,
  size: { bytes: number; tokens: number },
  recognise: Recognise,
  name = '',
  holder: Readonly<Record<string, unknown>> = nothing,
): void {
  if (recognise(value, name, holder)) {
    size.tokens += PER_ATTACHMENT;
  } else if (typeof value === 'string') {
    size.bytes += Buffer.byteLength(value);
  } else if (typeof value === 'number') {
    // Token arrays, as LangChain sends them to embeddings.
    size.tokens += 1;
  } else if (Array.isArray(value)) {
    for (const item of value) measure(item, size, recognise);
  } else if (isObject(value)) {
    if ('role' in value) size.tokens += PER_MESSAGE;
    for (const [key, item] of Object.entries(value)) {
      // What a tool was called with has names of its own too.
      const isCall = key === 'input' && value['type'] === 'tool_use';
      measure(item, size, isCall ? isText : recognise, key, value);
    }
  }
}

const isText: Recognise = () => false;

/** What OpenAI, vLLM and Mistral call the attachments of a content block. */
const attachments: ReadonlySet<string> = new Set([
  'image_url', 'input_audio', 'file_data', 'audio_url', 'video_url', 'document_url',
]); // prettier-ignore
/** The sources of Anthropic's images and documents that are no text (API reference, "Messages"). */
const attachedSources: ReadonlySet<unknown> = new Set(['base64', 'url', 'file']);

/** In a content block: OpenAI's by its name, Anthropic's by what is not plain text. */
const isAttached: Recognise = (value, name, { type }) => {
  if (attachments.has(name)) return true;
  if (name !== 'source' || (type !== 'image' && type !== 'document')) return false;
  return isObject(value) && attachedSources.has(value['type']);
};

/** An image or a sound that is embedded also comes as an address of data, by itself or in a list; elsewhere that is text. */
const isEmbedded: Recognise = (value, name, holder) =>
  (typeof value === 'string' && /^data:[\w.+-]+\/[\w.+-]+;base64,[\w+/=-]*$/.test(value)) ||
  isAttached(value, name, holder);

type Asked = Pick<InferenceRequest, 'endpoint'>;

/**
 * Whether the model runs once for each choice, so that no choice has more tokens than its context. For `responses` and
 * `messages` it may run several times, and what is not generated is not bound by it.
 */
function isOneRun({ endpoint }: Asked): boolean {
  return endpoint === 'chat/completions' || endpoint === 'completions';
}

/** The most that a backend can truly count of a prompt or an answer. */
export function largestCount(asked: Asked, { choices }: Wishes, { contextWindow }: RoutableModel): number {
  return isOneRun(asked) && contextWindow !== null ? Math.min(LARGEST_COUNT, contextWindow * choices) : LARGEST_COUNT;
}

/**
 * After how many pieces a backend has certainly lost count: of the largest answer that it was asked for, or of what the
 * model can say at all. Servers send a token a piece or several; some say each piece of reasoning under two names.
 * @param largest answer that the backend is asked for
 */
export function mostPieces(
  asked: Asked,
  { choices }: Wishes,
  largest: number | undefined,
  { contextWindow, maxOutputTokens }: RoutableModel,
): number {
  const most = largest ?? (isOneRun(asked) ? (contextWindow ?? maxOutputTokens) : null);
  return most === null ? Infinity : 2 * most * choices + 64;
}

/** An upper bound for admission: hardly any text of any language has more than one token in two bytes. */
function largestPrompt({ bytes, tokens }: PromptSize): number {
  return Math.ceil(bytes / 2) + tokens;
}

/** The best guess for the bill when nobody counted. */
export function likelyPrompt({ bytes, tokens }: PromptSize): number {
  return Math.ceil(bytes / BYTES_PER_TOKEN) + tokens;
}

/** The best guess for an answer that came without counts, from the text of its choices or its output. */
export function likelyAnswer(answer: Readonly<Record<string, unknown>>): number {
  const size = { bytes: 0, tokens: 0 };
  measure(answer['choices'] ?? answer['output'] ?? answer['content'], size, isAttached);
  return Math.ceil(size.bytes / BYTES_PER_TOKEN);
}

/**
 * The most tokens that a request may come to. A request that names no largest answer may get the model's largest; where
 * that is not known either, everything that is left of the caller's budget is set aside for it.
 * @param largest answer that the backend is asked for
 */
export function largestRequest(
  prompt: PromptSize,
  wishes: Wishes,
  largest: number | undefined,
  model: RoutableModel,
): number {
  if (wishes.isFree) return 0;
  const promptTokens = largestPrompt(prompt);
  if (!wishes.generates) return promptTokens;
  const answer = largest ?? model.maxOutputTokens ?? model.contextWindow ?? UNKNOWN_ANSWER;
  return bounded(promptTokens + answer * wishes.choices);
}
