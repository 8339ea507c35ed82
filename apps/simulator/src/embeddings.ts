import * as z from 'zod';
import { controlsSchema } from './controls.js';
import { embed } from './embedding.js';
import type { ModelCatalogue } from './models.js';
import { newId, type Reply } from './reply.js';
import { parseBody } from './request-body.js';
import { textInputsSchema, tokensOf } from './text-inputs.js';
import { reportedUsage } from './usage.js';

/** The size of OpenAI's smaller embedding models. */
const DEFAULT_DIMENSIONS = 1536;

const embeddingRequestSchema = z.object({
  model: z.string().min(1),
  input: textInputsSchema.refine((inputs) => !inputs.includes(''), {
    error: 'an empty string cannot be embedded',
  }),
  dimensions: z.int().min(1).max(8192).nullish(),
  encoding_format: z.enum(['float', 'base64']).nullish(),
  simulator: controlsSchema.nullish(),
});

/** Base64 of the components as little-endian 32-bit floats: what OpenAI's clients ask for by default. */
function encode(vector: Float32Array, format: 'float' | 'base64'): number[] | string {
  return format === 'float' ? [...vector] : Buffer.from(vector.buffer).toString('base64');
}

/** `POST /v1/embeddings`. */
export function answerEmbedding(body: unknown, models: ModelCatalogue): Reply {
  const request = parseBody(embeddingRequestSchema, body);
  models.require(request.model);
  const promptTokens = request.input.reduce((sum, input) => sum + tokensOf(input), 0);
  const usage = reportedUsage(promptTokens, 0, request.simulator?.fault);
  const format = request.encoding_format ?? 'float';
  const embedding = (input: string | number[]) =>
    encode(embed(input, request.model, request.dimensions ?? DEFAULT_DIMENSIONS), format);
  return {
    id: newId('embd-'),
    model: request.model,
    promptTokens,
    completionTokens: 0,
    rounds: 0,
    controls: request.simulator ?? {},
    seed: promptTokens,
    body: () => ({
      object: 'list',
      data: request.input.map((input, index) => ({
        object: 'embedding',
        index,
        embedding: embedding(input),
      })),
      model: request.model,
      ...(usage && { usage: { prompt_tokens: usage.prompt_tokens, total_tokens: usage.total_tokens } }),
    }),
  };
}
