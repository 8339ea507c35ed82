import * as z from 'zod';
import type { AnswerForm } from './answer.js';
import { invalidRequest } from './api-error.js';
import { controlsSchema } from './controls.js';

const part = z.object({ type: z.string(), text: z.string().optional() });
const toolCall = z.object({
  function: z.object({ name: z.string().optional(), arguments: z.string().optional() }).optional(),
});

export const messageSchema = z.object({
  role: z.enum(['system', 'developer', 'user', 'assistant', 'tool', 'function']),
  content: z.union([z.string(), z.array(part)], { error: 'expected a string or an array of content parts' }).nullish(),
  name: z.string().nullish(),
  tool_calls: z.array(toolCall).nullish(),
});

export const toolSchema = z.object({
  type: z.string(),
  function: z
    .object({ name: z.string(), description: z.string().nullish(), parameters: z.unknown().optional() })
    .optional(),
});

const toolChoice = z.union(
  [z.enum(['none', 'auto', 'required']), z.object({ function: z.object({ name: z.string() }).optional() })],
  { error: "expected 'none', 'auto', 'required' or an object that names a function" },
);

/** At most four strings that end an answer. */
export const stopSchema = z.union([z.string(), z.array(z.string()).max(4)], {
  error: 'expected a string or at most 4 strings',
});

export const streamOptionsSchema = z.object({
  include_usage: z.boolean().nullish(),
  /** As vLLM does it: every chunk carries the usage so far. */
  continuous_usage_stats: z.boolean().nullish(),
});

/** The fields of a chat request that change the answer; all others are ignored. */
export const chatRequestSchema = z.object({
  model: z.string().min(1),
  messages: z.array(messageSchema).min(1),
  stream: z.boolean().nullish(),
  stream_options: streamOptionsSchema.nullish(),
  max_tokens: z.int().min(1).nullish(),
  max_completion_tokens: z.int().min(1).nullish(),
  n: z.int().min(1).max(128).nullish(),
  stop: stopSchema.nullish(),
  seed: z.int().nullish(),
  logprobs: z.boolean().nullish(),
  top_logprobs: z.int().min(0).max(20).nullish(),
  tools: z.array(toolSchema).nullish(),
  tool_choice: toolChoice.nullish(),
  response_format: z
    .object({
      type: z.enum(['text', 'json_object', 'json_schema']),
      json_schema: z.object({ schema: z.unknown() }).partial().nullish(),
    })
    .nullish(),
  simulator: controlsSchema.nullish(),
});

export type ChatRequest = z.infer<typeof chatRequestSchema>;

/**
 * What kind of answer a chat request asks for. A tool is called only when `tool_choice` demands it.
 * @throws ApiError 400 when `tool_choice` demands a tool that is not among `tools`
 */
export function formOf(request: ChatRequest): AnswerForm {
  const choice = request.tool_choice;
  const wanted = typeof choice === 'object' ? choice?.function?.name : undefined;
  if (choice === 'required' || wanted !== undefined) {
    const functions = (request.tools ?? []).flatMap((tool) => tool.function ?? []);
    const tool = wanted === undefined ? functions[0] : functions.find((each) => each.name === wanted);
    if (tool !== undefined) return { kind: 'tool', name: tool.name, parameters: tool.parameters };
    const missing = wanted === undefined ? 'a function' : `the function '${wanted}'`;
    throw invalidRequest(`'tool_choice' demands ${missing}, which 'tools' lacks`, 'tool_choice', 'invalid_value');
  }
  const format = request.response_format?.type ?? 'text';
  return format === 'text' ? { kind: 'text' } : { kind: 'json', schema: request.response_format?.json_schema?.schema };
}
