import type { ChatCompletion, ChatCompletionChunk } from 'openai/resources/chat/completions';
import { composeAnswer, type Answer } from './answer.js';
import { invalidRequest } from './api-error.js';
import { readChatPrompt } from './chat-prompt.js';
import { chatRequestSchema, formOf, type ChatRequest } from './chat-request.js';
import { chatLogprob } from './logprobs.js';
import type { ModelCatalogue } from './models.js';
import { hashText } from './random.js';
import { DONE, frame, newId, unixSeconds, type Reply, type Step } from './reply.js';
import { parseBody } from './request-body.js';
import { reportedUsage } from './usage.js';

/** One of the `n` answers to a request. */
interface Choice extends Answer {
  index: number;
  seed: number;
  callId: string;
}

interface Exchange {
  request: ChatRequest;
  choices: Choice[];
  promptTokens: number;
  head: Pick<ChatCompletion, 'id' | 'created' | 'model' | 'system_fingerprint'> & { service_tier: 'default' };
}

/** `POST /v1/chat/completions`. */
export function answerChat(body: unknown, models: ModelCatalogue): Reply {
  const request = parseBody(chatRequestSchema, body);
  models.require(request.model);
  if (request.top_logprobs != null && request.logprobs !== true) {
    throw invalidRequest("'top_logprobs' needs 'logprobs' to be true", 'top_logprobs', 'invalid_value');
  }
  const prompt = readChatPrompt(request.messages, request.tools ?? []);
  const seed = hashText(`${request.model}\0${request.seed ?? ''}\0${prompt.digest}`);
  const exchange: Exchange = {
    request,
    choices: composeChoices(request, prompt.lastUserText, seed),
    promptTokens: prompt.tokens,
    head: {
      id: newId('chatcmpl-'),
      created: unixSeconds(),
      model: request.model,
      service_tier: 'default',
      system_fingerprint: 'fp_simulator',
    },
  };
  const lengths = exchange.choices.map((choice) => choice.tokens.length);
  return {
    id: exchange.head.id,
    model: request.model,
    promptTokens: prompt.tokens,
    completionTokens: lengths.reduce((sum, length) => sum + length, 0),
    rounds: Math.max(...lengths),
    controls: request.simulator ?? {},
    seed,
    body: () => completion(exchange),
    steps: request.stream ? () => chunks(exchange) : undefined,
  };
}

function composeChoices(request: ChatRequest, message: string, seed: number): Choice[] {
  const form = formOf(request);
  const stop = typeof request.stop === 'string' ? [request.stop] : (request.stop ?? []);
  return Array.from({ length: request.n ?? 1 }, (_, index) => ({
    ...composeAnswer({
      message,
      seed: seed + index,
      form,
      stop,
      maxTokens: request.max_completion_tokens ?? request.max_tokens ?? undefined,
      exactTokens: request.simulator?.tokens ?? undefined,
    }),
    index,
    seed: seed + index,
    callId: form.kind === 'tool' ? newId('call_') : '',
  }));
}

function usageUntil({ request, promptTokens }: Exchange, completionTokens: number) {
  return reportedUsage(promptTokens, completionTokens, request.simulator?.fault);
}

function logprobs(request: ChatRequest, tokens: readonly string[], seed: number, first = 0) {
  if (!request.logprobs) return null;
  const top = request.top_logprobs ?? 0;
  return {
    content: tokens.map((token, index) => chatLogprob(token, first + index, seed, top)),
    refusal: null,
  };
}

function completion(exchange: Exchange): ChatCompletion {
  const { head, request, choices } = exchange;
  const usage = usageUntil(
    exchange,
    choices.reduce((sum, choice) => sum + choice.tokens.length, 0),
  );
  return {
    ...head,
    object: 'chat.completion',
    choices: choices.map((choice) => ({
      index: choice.index,
      message: { role: 'assistant', refusal: null, annotations: [], ...content(choice) },
      logprobs: choice.tool === undefined ? logprobs(request, choice.tokens, choice.seed) : null,
      finish_reason: choice.finish,
    })),
    ...(usage && { usage }),
  };
}

function content(choice: Choice) {
  const text = choice.tokens.join('');
  if (choice.tool === undefined) return { content: text };
  const call = {
    id: choice.callId,
    type: 'function' as const,
    function: { name: choice.tool, arguments: text },
  };
  return { content: null, tool_calls: [call] };
}

/** The first delta of a choice: its role, and the tool if one is called. */
function openingDelta(choice: Choice): ChatCompletionChunk.Choice.Delta {
  if (choice.tool === undefined) return { role: 'assistant', content: '', refusal: null };
  const call = {
    index: 0,
    id: choice.callId,
    type: 'function' as const,
    function: { name: choice.tool, arguments: '' },
  };
  return { role: 'assistant', content: null, tool_calls: [call], refusal: null };
}

function tokenDelta(choice: Choice, token: string): ChatCompletionChunk.Choice.Delta {
  return choice.tool === undefined
    ? { content: token }
    : { tool_calls: [{ index: 0, function: { arguments: token } }] };
}

function deltaAt(request: ChatRequest, choice: Choice, place: number): ChatCompletionChunk.Choice {
  const token = choice.tokens[place];
  if (token === undefined) return { index: choice.index, delta: {}, logprobs: null, finish_reason: choice.finish };
  const scored = choice.tool === undefined ? logprobs(request, [token], choice.seed, place) : null;
  return { index: choice.index, delta: tokenDelta(choice, token), logprobs: scored, finish_reason: null };
}

/** The stream: the roles, one chunk a token and choice, the finish of each choice, and the usage if it was asked for. */
function* chunks(exchange: Exchange): Generator<Step> {
  const { head, request, choices } = exchange;
  const { include_usage: wanted, continuous_usage_stats: continuous } = request.stream_options ?? {};
  let produced = 0;
  const chunk = (list: ChatCompletionChunk.Choice[], usage = continuous && usageUntil(exchange, produced)): string =>
    frame({
      ...head,
      object: 'chat.completion.chunk',
      choices: list,
      ...(wanted && { usage: usage || null }),
    } satisfies ChatCompletionChunk);

  const roles = choices.map((choice) => ({
    index: choice.index,
    delta: openingDelta(choice),
    logprobs: null,
  }));
  yield { frames: roles.map((role) => chunk([{ ...role, finish_reason: null }])).join(''), tokens: 0 };
  const longest = Math.max(...choices.map((choice) => choice.tokens.length));
  for (let place = 0; place <= longest; place++) {
    let frames = '';
    const before = produced;
    for (const choice of choices) {
      if (place > choice.tokens.length) continue;
      if (place < choice.tokens.length) produced++;
      frames += chunk([deltaAt(request, choice, place)]);
    }
    yield { frames, tokens: produced - before };
  }
  const usage = usageUntil(exchange, produced);
  if (wanted && usage) yield { frames: chunk([], usage), tokens: 0 };
  yield DONE;
}
