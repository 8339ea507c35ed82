/** What a stream of a completion says, frame by frame (OpenAI API reference, "Chat completion chunk"). */
export type AnswerFrame =
  | { kind: 'done' }
  | { kind: 'error'; message: string; code: string }
  | { kind: 'piece'; text: string; finish: string | undefined; usage: Usage | undefined };

/** Tokens of one request. */
export interface Usage {
  prompt: number;
  completion: number;
  total: number;
}

/** Reads the data of one event; undefined: nothing that could be understood. */
export function readFrame(data: string): AnswerFrame | undefined {
  if (data === '[DONE]') return { kind: 'done' };
  const frame = fieldsOf(parsed(data));
  if (!frame) return undefined;
  const error = fieldsOf(frame['error']);
  if (error) return { kind: 'error', message: textOf(error['message']), code: textOf(error['code']) };
  const [first] = Array.isArray(frame['choices']) ? frame['choices'] : [];
  const choice = fieldsOf(first);
  const finish = choice?.['finish_reason'];
  return {
    kind: 'piece',
    text: textOf(fieldsOf(choice?.['delta'])?.['content']),
    finish: typeof finish === 'string' ? finish : undefined,
    usage: usageOf(frame['usage']),
  };
}

function usageOf(value: unknown): Usage | undefined {
  const usage = fieldsOf(value);
  if (!usage) return undefined;
  const [prompt, completion] = [usage['prompt_tokens'], usage['completion_tokens']];
  if (typeof prompt !== 'number' || typeof completion !== 'number') return undefined;
  const total = usage['total_tokens'];
  return { prompt, completion, total: typeof total === 'number' ? total : prompt + completion };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function fieldsOf(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
