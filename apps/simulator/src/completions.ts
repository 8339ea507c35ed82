import type { Completion } from 'openai/resources/completions';
import * as z from 'zod';
import { composeAnswer, type Answer } from './answer.js';
import { stopSchema, streamOptionsSchema } from './chat-request.js';
import { controlsSchema } from './controls.js';
import { completionLogprobs } from './logprobs.js';
import type { ModelCatalogue } from './models.js';
import { hashText } from './random.js';
import { DONE, frame, newId, unixSeconds, type Reply, type Step } from './reply.js';
import { parseBody } from './request-body.js';
import { textInputsSchema, tokensOf } from './text-inputs.js';
import { reportedUsage } from './usage.js';

/** OpenAI's default for this endpoint. */
const DEFAULT_MAX_TOKENS = 16;

const completionRequestSchema = z.object({
  model: z.string().min(1),
  prompt: textInputsSchema,
  stream: z.boolean().nullish(),
  stream_options: streamOptionsSchema.nullish(),
  max_tokens: z.int().min(0).nullish(),
  n: z.int().min(1).max(128).nullish(),
  stop: stopSchema.nullish(),
  seed: z.int().nullish(),
  logprobs: z.int().min(0).max(5).nullish(),
  simulator: controlsSchema.nullish(),
});

type CompletionRequest = z.infer<typeof completionRequestSchema>;

interface Choice extends Answer {
  index: number;
  seed: number;
}

interface Exchange {
  request: CompletionRequest;
  choices: Choice[];
  promptTokens: number;
  head: Pick<Completion, 'id' | 'created' | 'model' | 'object' | 'system_fingerprint'>;
}

/** `POST /v1/completions`, the older endpoint: one choice for each prompt and each of `n`. */
export function answerCompletion(body: unknown, models: ModelCatalogue): Reply {
  const request = parseBody(completionRequestSchema, body);
  models.require(request.model);
  const seeds = request.prompt.map((prompt) => hashText(`${request.model}\0${request.seed ?? ''}\0${String(prompt)}`));
  const choices = request.prompt.flatMap((prompt, at) => composeChoices(request, prompt, seeds[at] ?? 0));
  const exchange: Exchange = {
    request,
    choices: choices.map((choice, index) => ({ ...choice, index })),
    promptTokens: request.prompt.reduce((sum, prompt) => sum + tokensOf(prompt), 0),
    head: {
      id: newId('cmpl-'),
      object: 'text_completion',
      created: unixSeconds(),
      model: request.model,
      system_fingerprint: 'fp_simulator',
    },
  };
  const lengths = choices.map((choice) => choice.tokens.length);
  return {
    id: exchange.head.id,
    model: request.model,
    promptTokens: exchange.promptTokens,
    completionTokens: lengths.reduce((sum, length) => sum + length, 0),
    rounds: Math.max(...lengths),
    controls: request.simulator ?? {},
    seed: seeds[0] ?? 0,
    body: () => completion(exchange),
    steps: request.stream ? () => chunks(exchange) : undefined,
  };
}

function composeChoices(request: CompletionRequest, prompt: string | number[], seed: number) {
  return Array.from({ length: request.n ?? 1 }, (_, index) => ({
    ...composeAnswer({
      message: typeof prompt === 'string' ? prompt : '',
      seed: seed + index,
      form: { kind: 'text' },
      stop: typeof request.stop === 'string' ? [request.stop] : (request.stop ?? []),
      maxTokens: request.max_tokens ?? DEFAULT_MAX_TOKENS,
      exactTokens: request.simulator?.tokens ?? undefined,
    }),
    seed: seed + index,
  }));
}

function finishOf(choice: Choice): 'stop' | 'length' {
  return choice.finish === 'length' ? 'length' : 'stop';
}

function logprobs(request: CompletionRequest, choice: Choice, first: number, tokens: readonly string[]) {
  if (request.logprobs == null) return null;
  const offset = choice.tokens.slice(0, first).join('').length;
  return completionLogprobs(tokens, choice.seed, request.logprobs, first, offset);
}

function usageUntil({ request, promptTokens }: Exchange, completionTokens: number) {
  return reportedUsage(promptTokens, completionTokens, request.simulator?.fault);
}

function completion(exchange: Exchange): Completion {
  const { head, request, choices } = exchange;
  const produced = choices.reduce((sum, choice) => sum + choice.tokens.length, 0);
  const usage = usageUntil(exchange, produced);
  return {
    ...head,
    choices: choices.map((choice) => ({
      index: choice.index,
      text: choice.tokens.join(''),
      logprobs: logprobs(request, choice, 0, choice.tokens),
      finish_reason: finishOf(choice),
    })),
    ...(usage && { usage }),
  };
}

/** In a stream only the last chunk of a choice says why it ended, which the SDK's type of a whole answer cannot say. */
type Chunk = Omit<Completion, 'choices' | 'usage'> & {
  choices: (Omit<Completion['choices'][number], 'finish_reason'> & {
    finish_reason: 'stop' | 'length' | null;
  })[];
  usage?: Completion['usage'] | null;
};

function choiceAt(request: CompletionRequest, choice: Choice, place: number): Chunk['choices'][number] {
  const token = choice.tokens[place];
  if (token === undefined) return { index: choice.index, text: '', logprobs: null, finish_reason: finishOf(choice) };
  return {
    index: choice.index,
    text: token,
    logprobs: logprobs(request, choice, place, [token]),
    finish_reason: null,
  };
}

function* chunks(exchange: Exchange): Generator<Step> {
  const { head, request, choices } = exchange;
  const options = request.stream_options;
  let produced = 0;
  const longest = Math.max(...choices.map((choice) => choice.tokens.length));
  for (let place = 0; place <= longest; place++) {
    let frames = '';
    const before = produced;
    for (const choice of choices) {
      if (place > choice.tokens.length) continue;
      if (place < choice.tokens.length) produced++;
      const usage = (options?.continuous_usage_stats ? usageUntil(exchange, produced) : undefined) ?? null;
      const chunk: Chunk = { ...head, choices: [choiceAt(request, choice, place)] };
      frames += frame(options?.include_usage ? { ...chunk, usage } : chunk);
    }
    yield { frames, tokens: produced - before };
  }
  const usage = usageUntil(exchange, produced);
  if (options?.include_usage && usage) yield { frames: frame({ ...head, choices: [], usage }), tokens: 0 };
  yield DONE;
}
