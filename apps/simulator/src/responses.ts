import type { Response, ResponseOutputMessage, ResponseStreamEvent } from 'openai/resources/responses/responses';
import * as z from 'zod';
import { composeAnswer, type Answer } from './answer.js';
import { controlsSchema } from './controls.js';
import { countTokens } from './tokens.js';
import type { ModelCatalogue } from './models.js';
import { hashText } from './random.js';
import { frame, newId, unixSeconds, type Reply, type Step } from './reply.js';
import { parseBody } from './request-body.js';
import { reportedUsage } from './usage.js';

const part = z.object({ type: z.string(), text: z.string().optional() });
const item = z.object({
  type: z.string().optional(),
  role: z.string().optional(),
  content: z.union([z.string(), z.array(part)]).nullish(),
});

const responseRequestSchema = z.object({
  model: z.string().min(1),
  input: z.union([z.string(), z.array(item).min(1)], { error: 'expected a string or an array of items' }),
  instructions: z.string().nullish(),
  stream: z.boolean().nullish(),
  max_output_tokens: z.int().min(1).nullish(),
  text: z
    .object({
      format: z
        .object({ type: z.enum(['text', 'json_object', 'json_schema']), schema: z.unknown() })
        .partial({ schema: true })
        .nullish(),
    })
    .nullish(),
  metadata: z.record(z.string(), z.string()).nullish(),
  temperature: z.number().nullish(),
  top_p: z.number().nullish(),
  simulator: controlsSchema.nullish(),
});

type ResponseRequest = z.infer<typeof responseRequestSchema>;
type WireResponse = Omit<Response, 'output_text'>;

interface Exchange {
  request: ResponseRequest;
  answer: Answer;
  id: string;
  itemId: string;
  createdAt: number;
  usage: WireResponse['usage'];
}

/** `POST /v1/responses`: text only. Tools are not called, and nothing is stored. */
export function answerResponse(body: unknown, models: ModelCatalogue): Reply {
  const request = parseBody(responseRequestSchema, body);
  models.require(request.model);
  const texts = textsOf(request);
  const promptTokens = texts.reduce((sum, text) => sum + countTokens(text), 0);
  const seed = hashText(`${request.model}\0${texts.join('\0')}`);
  const format = request.text?.format;
  const answer = composeAnswer({
    message: texts.at(-1) ?? '',
    seed,
    form: (format?.type ?? 'text') === 'text' ? { kind: 'text' } : { kind: 'json', schema: format?.schema },
    maxTokens: request.max_output_tokens ?? undefined,
    exactTokens: request.simulator?.tokens ?? undefined,
  });
  const exchange: Exchange = {
    request,
    answer,
    id: newId('resp_'),
    itemId: newId('msg_'),
    createdAt: unixSeconds(),
    usage: usageOf(promptTokens, answer.tokens.length, request),
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

/** The texts that are counted: the instructions, then every text of the input. */
function textsOf({ input, instructions }: ResponseRequest): string[] {
  const items = typeof input === 'string' ? [{ content: input }] : input;
  const texts = items.flatMap(({ content }) =>
    typeof content === 'string' ? content : (content ?? []).flatMap((each) => each.text ?? []),
  );
  return [...(instructions ? [instructions] : []), ...texts];
}

function usageOf(promptTokens: number, outputTokens: number, request: ResponseRequest): WireResponse['usage'] {
  const usage = reportedUsage(promptTokens, outputTokens, request.simulator?.fault);
  return (
    usage && {
      input_tokens: usage.prompt_tokens,
      input_tokens_details: { cached_tokens: 0, cache_write_tokens: 0 },
      output_tokens: usage.completion_tokens,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: usage.total_tokens,
    }
  );
}

function started({ request, id, createdAt }: Exchange): WireResponse {
  return {
    id,
    object: 'response',
    created_at: createdAt,
    status: 'in_progress',
    error: null,
    incomplete_details: null,
    instructions: request.instructions ?? null,
    max_output_tokens: request.max_output_tokens ?? null,
    metadata: request.metadata ?? {},
    model: request.model,
    output: [],
    parallel_tool_calls: true,
    temperature: request.temperature ?? 1,
    tool_choice: 'auto',
    tools: [],
    top_p: request.top_p ?? 1,
    access_programs: null,
  };
}

function finished(exchange: Exchange): WireResponse {
  const { answer, usage } = exchange;
  const cut = answer.finish === 'length';
  const status = cut ? 'incomplete' : 'completed';
  return {
    ...started(exchange),
    status,
    incomplete_details: cut ? { reason: 'max_output_tokens' } : null,
    output: [message(exchange, status)],
    ...(usage && { usage }),
  };
}

function message({ answer, itemId }: Exchange, status: ResponseOutputMessage['status']): ResponseOutputMessage {
  const content = status === 'in_progress' ? [] : [textPart(answer.tokens.join(''))];
  return { id: itemId, type: 'message', role: 'assistant', status, content };
}

function textPart(text: string) {
  return { type: 'output_text' as const, text, annotations: [], logprobs: [] };
}

type WithoutNumber<T> = T extends unknown
  ? Omit<T, 'sequence_number' | 'response'> & { response?: WireResponse }
  : never;
type Event = WithoutNumber<ResponseStreamEvent>;

/** The events in the order of OpenAI; each carries its number in the sequence, and no `[DONE]` follows. */
function* events(exchange: Exchange): Generator<Step> {
  let number = 0;
  const write = (...list: Event[]): string =>
    list.map((event) => frame({ ...event, sequence_number: number++ }, event.type)).join('');
  const place = { item_id: exchange.itemId, output_index: 0, content_index: 0 };
  const done = finished(exchange);
  const status = done.status === 'incomplete' ? 'incomplete' : 'completed';
  const text = exchange.answer.tokens.join('');

  yield {
    frames: write(
      { type: 'response.created', response: started(exchange) },
      { type: 'response.in_progress', response: started(exchange) },
      { type: 'response.output_item.added', output_index: 0, item: message(exchange, 'in_progress') },
      { type: 'response.content_part.added', ...place, part: textPart('') },
    ),
    tokens: 0,
  };
  for (const delta of exchange.answer.tokens) {
    yield { frames: write({ type: 'response.output_text.delta', ...place, delta, logprobs: [] }), tokens: 1 };
  }
  yield {
    frames: write(
      { type: 'response.output_text.done', ...place, text, logprobs: [] },
      { type: 'response.content_part.done', ...place, part: textPart(text) },
      { type: 'response.output_item.done', output_index: 0, item: message(exchange, status) },
      { type: `response.${status}`, response: done },
    ),
    tokens: 0,
  };
}
