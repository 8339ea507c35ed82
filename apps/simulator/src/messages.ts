import type { StopReason, Usage } from '@anthropic-ai/sdk/resources/messages';
import * as z from 'zod';
import { composeAnswer, type Answer, type AnswerForm } from './answer.js';
import { invalidRequest } from './api-error.js';
import { controlsSchema } from './controls.js';
import type { ModelCatalogue } from './models.js';
import { hashText } from './random.js';
import { frame, newId, type Reply, type Step } from './reply.js';
import { parseBody } from './request-body.js';
import { countTokens } from './tokens.js';
import { reportedUsage } from './usage.js';

const block = z.object({ type: z.string(), text: z.string().optional() });
const content = z.union([z.string(), z.array(block)], { error: 'expected a string or an array of content blocks' });

const messagesRequestSchema = z.object({
  model: z.string().min(1),
  messages: z.array(z.object({ role: z.enum(['user', 'assistant']), content })).min(1),
  system: content.nullish(),
  /** Anthropic's API has no default for it. */
  max_tokens: z.int().min(1),
  stream: z.boolean().nullish(),
  stop_sequences: z.array(z.string()).nullish(),
  tools: z.array(z.object({ name: z.string(), input_schema: z.unknown().optional() })).nullish(),
  tool_choice: z.object({ type: z.enum(['auto', 'any', 'tool', 'none']), name: z.string().optional() }).nullish(),
  simulator: controlsSchema.nullish(),
});

type MessagesRequest = z.infer<typeof messagesRequestSchema>;

interface Exchange {
  request: MessagesRequest;
  answer: Answer;
  id: string;
  toolId: string;
  usage: Pick<Usage, 'input_tokens' | 'output_tokens'> | undefined;
}

/** `POST /v1/messages`, as Anthropic's API and vLLM answer it: text, or the call of one tool that is demanded. */
export function answerMessages(body: unknown, models: ModelCatalogue): Reply {
  const request = parseBody(messagesRequestSchema, body);
  models.require(request.model);
  const texts = [request.system ?? [], ...request.messages.map((message) => message.content)].flatMap(textsOf);
  const promptTokens = texts.reduce((sum, text) => sum + countTokens(text), 0);
  const seed = hashText(`${request.model}\0${texts.join('\0')}`);
  const answer = composeAnswer({
    message: texts.at(-1) ?? '',
    seed,
    form: formOf(request),
    maxTokens: request.max_tokens,
    exactTokens: request.simulator?.tokens ?? undefined,
    stop: request.stop_sequences ?? [],
  });
  const usage = reportedUsage(promptTokens, answer.tokens.length, request.simulator?.fault);
  const exchange: Exchange = {
    request,
    answer,
    id: newId('msg_'),
    toolId: newId('toolu_'),
    usage: usage && { input_tokens: usage.prompt_tokens, output_tokens: usage.completion_tokens },
  };
  return {
    id: exchange.id,
    model: request.model,
    promptTokens,
    completionTokens: answer.tokens.length,
    rounds: answer.tokens.length,
    controls: request.simulator ?? {},
    seed,
    body: () => finished(exchange),
    steps: request.stream ? () => events(exchange) : undefined,
  };
}

function textsOf(given: string | readonly z.infer<typeof block>[]): string[] {
  return typeof given === 'string' ? [given] : given.flatMap(({ text }) => text ?? []);
}

/** A tool is called only when `tool_choice` demands it. */
function formOf({ tools, tool_choice: choice }: MessagesRequest): AnswerForm {
  if (choice?.type !== 'any' && choice?.type !== 'tool') return { kind: 'text' };
  const tool = choice.type === 'any' ? tools?.[0] : tools?.find(({ name }) => name === choice.name);
  if (!tool) throw invalidRequest(`'tool_choice' demands a tool that 'tools' lacks`, 'tool_choice', 'invalid_value');
  return { kind: 'tool', name: tool.name, parameters: tool.input_schema };
}

const reasons: Record<Answer['finish'], StopReason> = {
  stop: 'end_turn',
  length: 'max_tokens',
  tool_calls: 'tool_use',
};

function started({ request, id, usage }: Exchange): object {
  return {
    id,
    type: 'message',
    role: 'assistant',
    model: request.model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    ...(usage && { usage: { ...usage, output_tokens: 1 } }),
  };
}

function finished(exchange: Exchange): object {
  const { answer, toolId, usage } = exchange;
  const text = answer.tokens.join('');
  const { tool } = answer;
  return {
    ...started(exchange),
    content: [
      tool === undefined
        ? { type: 'text', text, citations: null }
        : { type: 'tool_use', id: toolId, name: tool, input: parsedOrEmpty(text) },
    ],
    stop_reason: reasons[answer.finish],
    ...(usage && { usage }),
  };
}

/** The arguments of a call that `max_tokens` cut off are no JSON. */
function parsedOrEmpty(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

/** The events in the order of Anthropic's reference, "Streaming messages". */
function* events(exchange: Exchange): Generator<Step> {
  const { answer, toolId, usage } = exchange;
  const write = (...list: [type: string, fields: object][]): string =>
    list.map(([type, fields]) => frame({ type, ...fields }, type)).join('');
  const { tool } = answer;
  const opened =
    tool === undefined ? { type: 'text', text: '' } : { type: 'tool_use', id: toolId, name: tool, input: {} };
  yield {
    frames: write(
      ['message_start', { message: started(exchange) }],
      ['content_block_start', { index: 0, content_block: opened }],
      ['ping', {}],
    ),
    tokens: 0,
  };
  for (const piece of answer.tokens) {
    const delta =
      tool === undefined ? { type: 'text_delta', text: piece } : { type: 'input_json_delta', partial_json: piece };
    yield { frames: write(['content_block_delta', { index: 0, delta }]), tokens: 1 };
  }
  const delta = { stop_reason: reasons[answer.finish], stop_sequence: null };
  yield {
    frames: write(
      ['content_block_stop', { index: 0 }],
      ['message_delta', { delta, ...(usage && { usage: { output_tokens: usage.output_tokens } }) }],
      ['message_stop', {}],
    ),
    tokens: 0,
  };
}
