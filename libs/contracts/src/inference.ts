import { z } from 'zod';

const maxTokens = z.int().min(0).max(2_147_483_647).nullish();
const generated = {
  model: z.string().optional().meta({ description: 'Required unless the path names it, which wins.' }),
  stream: z.boolean().nullish().meta({ description: 'Answer by server-sent events, as they come.' }),
  stream_options: z
    .looseObject({
      include_usage: z.boolean().optional().meta({ description: 'Show the chunk with the usage at the end.' }),
    })
    .nullish(),
  max_tokens: maxTokens,
  n: z.int().min(1).max(128).nullish(),
};

// What the gateway itself reads of a request. All other fields pass to the backend as they are, byte by byte.

export const ChatCompletionRequest = z
  .looseObject({
    ...generated,
    messages: z.array(z.looseObject({ role: z.string(), content: z.unknown().optional() })),
    max_completion_tokens: maxTokens,
  })
  .meta({
    id: 'ChatCompletionRequest',
    example: { model: 'simulator', messages: [{ role: 'user', content: 'Hello, how are you?' }], max_tokens: 100 },
  });

export const CompletionRequest = z
  .looseObject({ ...generated, prompt: z.unknown() })
  .meta({ id: 'CompletionRequest', example: { model: 'simulator', prompt: 'Once upon a time', max_tokens: 20 } });

export const EmbeddingRequest = z
  .looseObject({ model: generated.model, input: z.unknown() })
  .meta({ id: 'EmbeddingRequest', example: { model: 'simulator', input: 'The quick brown fox' } });

export const ResponseRequest = z
  .looseObject({ model: generated.model, stream: generated.stream, input: z.unknown(), max_output_tokens: maxTokens })
  .meta({ id: 'ResponseRequest', example: { model: 'simulator', input: 'Hello, how are you?' } });

export const MessageRequest = z
  .looseObject({
    model: generated.model,
    stream: generated.stream,
    messages: z.array(z.looseObject({ role: z.enum(['user', 'assistant']), content: z.unknown() })),
    max_tokens: z.int().min(0).max(2_147_483_647),
  })
  .meta({
    id: 'MessageRequest',
    example: { model: 'simulator', messages: [{ role: 'user', content: 'Hello, how are you?' }], max_tokens: 100 },
  });
