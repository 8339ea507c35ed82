import { describe, expect, it } from '@jest/globals';
import type { ChatCompletion, ChatCompletionChunk } from 'openai/resources/chat/completions';
import { answerChat } from './chat-completions.js';
import { ModelCatalogue } from './models.js';
import { countTokens } from './tokens.js';

const anyModel = new ModelCatalogue();
const question = { model: 'simulator', messages: [{ role: 'user', content: 'What is a gateway?' }] };
const weather = {
  type: 'function',
  function: {
    name: 'weather',
    parameters: {
      type: 'object',
      properties: { city: { type: 'string' }, days: { type: 'integer' } },
      required: ['city'],
    },
  },
};

function complete(fields: object = {}): ChatCompletion {
  return answerChat({ ...question, ...fields }, anyModel).body() as ChatCompletion;
}

function contentOf(fields: object = {}): string {
  return complete(fields).choices[0]?.message.content ?? '';
}

/** The parsed chunks of a stream, without the closing `[DONE]`. */
function streamed(fields: object = {}): ChatCompletionChunk[] {
  const steps = [...(answerChat({ ...question, stream: true, ...fields }, anyModel).steps?.() ?? [])];
  const frames = steps.flatMap((step) => step.frames.split('\n\n').filter(Boolean));
  expect(frames.pop()).toBe('data: [DONE]');
  return frames.map((text) => JSON.parse(text.replace(/^data: /, '')) as ChatCompletionChunk);
}

describe('a chat completion', () => {
  it('costs 13 prompt tokens and at most 25 for the answer when it is the greeting of the guide', () => {
    const { usage, choices } = complete({
      messages: [{ role: 'user', content: 'Hello, how are you?' }],
      max_tokens: 100,
    });
    expect(usage?.prompt_tokens).toBe(13);
    expect(usage?.completion_tokens).toBeLessThanOrEqual(25);
    expect(choices[0]?.finish_reason).toBe('stop');
  });

  it('is the same for the same request and another for another model, message or seed', () => {
    const other = [
      { model: 'qwen3' },
      { seed: 1 },
      { messages: [{ role: 'user', content: 'What is a gateway then?' }] },
      { messages: [{ role: 'system', content: 'Be brief.' }, ...question.messages] },
    ];
    expect(contentOf()).toBe(contentOf());
    expect(new Set([contentOf(), ...other.map(contentOf)]).size).toBe(5);
  });

  it('reports as usage the tokens of its text', () => {
    const { usage, choices } = complete();
    const tokens = countTokens(choices[0]?.message.content ?? '');
    expect(usage).toMatchObject({
      completion_tokens: tokens,
      total_tokens: tokens + (usage?.prompt_tokens ?? 0),
    });
  });

  it('prefers max_completion_tokens to max_tokens', () => {
    const { choices, usage } = complete({ max_tokens: 50, max_completion_tokens: 5 });
    expect(choices[0]?.finish_reason).toBe('length');
    expect(usage?.completion_tokens).toBe(5);
  });

  it('gives n different choices and counts them all', () => {
    const { choices, usage } = complete({ n: 3 });
    const texts = choices.map((choice) => choice.message.content ?? '');
    expect(new Set(texts).size).toBe(3);
    expect(usage?.completion_tokens).toBe(texts.reduce((sum, text) => sum + countTokens(text), 0));
  });

  it('gives a log probability for every token, with as many alternatives as asked for', () => {
    const choice = complete({ logprobs: true, top_logprobs: 3 }).choices[0];
    const entries = choice?.logprobs?.content ?? [];
    expect(entries.map((entry) => entry.token).join('')).toBe(choice?.message.content);
    for (const entry of entries) {
      expect(entry.logprob).toBeLessThanOrEqual(0);
      expect(entry.bytes).toEqual([...Buffer.from(entry.token)]);
      expect(entry.top_logprobs).toHaveLength(3);
    }
  });

  it.each(['required', { type: 'function', function: { name: 'weather' } }])('calls a tool for %j', (tool_choice) => {
    const choice = complete({ tools: [weather], tool_choice }).choices[0];
    expect(choice).toMatchObject({ finish_reason: 'tool_calls', message: { content: null } });
    const [call] = choice?.message.tool_calls ?? [];
    if (call?.type !== 'function') throw new Error('no function was called');
    expect(call.function.name).toBe('weather');
    expect(JSON.parse(call.function.arguments)).toEqual({
      city: expect.any(String),
      days: expect.any(Number),
    });
  });

  it.each([undefined, 'auto', 'none'])(
    'answers in text although there are tools when tool_choice is %p',
    (tool_choice) => {
      expect(contentOf({ tools: [weather], tool_choice })).not.toBe('');
    },
  );

  it('fits the JSON schema of response_format', () => {
    const schema = {
      type: 'object',
      properties: { sum: { type: 'integer', minimum: 5, maximum: 6 } },
      required: ['sum'],
    };
    const content = contentOf({
      response_format: { type: 'json_schema', json_schema: { name: 'sum', schema } },
    });
    expect([{ sum: 5 }, { sum: 6 }]).toContainEqual(JSON.parse(content));
  });

  it.each([
    [{ model: undefined }, 'model'],
    [{ messages: undefined }, 'messages'],
    [{ messages: [] }, 'messages'],
    [{ messages: [{ role: 'robot', content: 'x' }] }, 'messages[0].role'],
    [{ max_tokens: 0 }, 'max_tokens'],
    [{ max_tokens: '5' }, 'max_tokens'],
    [{ stop: ['1', '2', '3', '4', '5'] }, 'stop'],
    [{ top_logprobs: 2 }, 'top_logprobs'],
    [{ tool_choice: 'required' }, 'tool_choice'],
    [{ simulator: { ttft: 0 } }, 'simulator.ttft'],
    [{ simulator: { fault: 'status_200' } }, 'simulator.fault'],
  ])('refuses %j with 400 and names the field', (fields, param) => {
    expect(() => complete(fields)).toThrow(expect.objectContaining({ status: 400, param }));
  });
});

describe('the stream of a chat completion', () => {
  it('has the role first, one chunk a token, the finish last, and is the whole answer when joined', () => {
    const chunks = streamed();
    const deltas = chunks.map((chunk) => chunk.choices[0]?.delta);
    expect(deltas[0]).toEqual({ role: 'assistant', content: '', refusal: null });
    expect(deltas.map((delta) => delta?.content ?? '').join('')).toBe(contentOf());
    expect(chunks).toHaveLength(countTokens(contentOf()) + 2);
    expect(chunks.map((chunk) => chunk.choices[0]?.finish_reason).filter(Boolean)).toEqual(['stop']);
    expect(chunks.at(-1)?.choices[0]).toMatchObject({ delta: {}, finish_reason: 'stop' });
  });

  it('keeps id, created and model in all chunks, and does not mention usage', () => {
    const chunks = streamed();
    expect(new Set(chunks.map(({ id, created, model }) => `${id} ${created} ${model}`)).size).toBe(1);
    expect(chunks.some((chunk) => 'usage' in chunk)).toBe(false);
  });

  it('ends with the usage alone when include_usage is asked for, and has null before', () => {
    const chunks = streamed({ stream_options: { include_usage: true } });
    const last = chunks.pop();
    expect(last).toMatchObject({ choices: [], usage: complete().usage });
    expect(chunks.every((chunk) => chunk.usage === null)).toBe(true);
  });

  it('carries the usage so far in every chunk when that is asked for', () => {
    const options = { include_usage: true, continuous_usage_stats: true };
    const counts = streamed({ stream_options: options, max_tokens: 3 }).map((chunk) => chunk.usage?.completion_tokens);
    expect(counts).toEqual([0, 1, 2, 3, 3, 3]);
  });

  it('gives every choice its role, its text and its finish', () => {
    const chunks = streamed({ n: 2 });
    for (const expected of complete({ n: 2 }).choices) {
      const own = chunks.flatMap((chunk) => chunk.choices).filter((choice) => choice.index === expected.index);
      expect(own[0]?.delta.role).toBe('assistant');
      expect(own.map((choice) => choice.delta.content ?? '').join('')).toBe(expected.message.content);
      expect(own.at(-1)?.finish_reason).toBe(expected.finish_reason);
    }
  });

  it('streams the arguments of a tool call after its name', () => {
    const calls = streamed({ tools: [weather], tool_choice: 'required' }).map(
      (chunk) => chunk.choices[0]?.delta.tool_calls?.[0],
    );
    expect(calls[0]).toMatchObject({
      index: 0,
      type: 'function',
      function: { name: 'weather', arguments: '' },
    });
    const text = calls.map((call) => call?.function?.arguments ?? '').join('');
    expect(JSON.parse(text)).toHaveProperty('city');
  });
});
