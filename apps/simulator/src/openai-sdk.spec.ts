import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import OpenAI, {
  APIConnectionError,
  APIError,
  BadRequestError,
  InternalServerError,
  NotFoundError,
  RateLimitError,
} from 'openai';
import type { ChatCompletionChunk } from 'openai/resources/chat/completions';
import type { Controls } from './controls.js';
import { createSimulator } from './server.js';

const simulator = createSimulator({ models: ['simulator', 'org/small'] });
let client: OpenAI;
const model = 'simulator';
const messages = [{ role: 'user' as const, content: 'What is a gateway?' }];

beforeAll(async () => {
  client = new OpenAI({ apiKey: 'any', baseURL: await simulator.listen(), maxRetries: 0 });
});
afterAll(() => simulator.close());

/** The SDK sends fields that it does not know as they are; its types do not have them. */
function withControls<T extends object>(body: T, controls: Controls): T {
  return { ...body, simulator: controls };
}

async function collect(stream: AsyncIterable<ChatCompletionChunk>): Promise<ChatCompletionChunk[]> {
  const chunks: ChatCompletionChunk[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
}

describe('the official client', () => {
  it('reads a chat completion and its request id', async () => {
    const completion = await client.chat.completions.create({ model, messages });
    expect(completion.choices[0]?.message.content).toMatch(/gateway/);
    expect(completion._request_id).toMatch(/^req_/);
  });

  it('streams the same text without usage', async () => {
    const whole = await client.chat.completions.create({ model, messages });
    const chunks = await collect(await client.chat.completions.create({ model, messages, stream: true }));
    expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')).toBe(
      whole.choices[0]?.message.content,
    );
    expect(chunks.every((chunk) => chunk.choices.length === 1)).toBe(true);
  });

  it('streams with usage and assembles the final completion', async () => {
    const stream = client.chat.completions.stream({
      model,
      messages,
      stream_options: { include_usage: true },
    });
    const final = await stream.finalChatCompletion();
    const whole = await client.chat.completions.create({ model, messages });
    expect(final.choices[0]?.message.content).toBe(whole.choices[0]?.message.content);
    expect(final.usage).toEqual(whole.usage);
  });

  it('runs a forced tool call, streamed and not', async () => {
    const tools = [
      {
        type: 'function' as const,
        function: { name: 'add', parameters: { type: 'object', properties: { a: { type: 'integer' } } } },
      },
    ];
    const body = { model, messages, tools, tool_choice: 'required' as const };
    const whole = await client.chat.completions.create(body);
    const final = await client.chat.completions.stream(body).finalChatCompletion();
    for (const choice of [whole.choices[0], final.choices[0]]) {
      const call = choice?.message.tool_calls?.[0];
      if (call?.type !== 'function') throw new Error('no function was called');
      expect(call.function.name).toBe('add');
      expect(JSON.parse(call.function.arguments)).toEqual({ a: expect.any(Number) });
      expect(choice?.finish_reason).toBe('tool_calls');
    }
  });

  it('decodes embeddings, which it asks for in base64', async () => {
    const { data, usage } = await client.embeddings.create({ model, input: ['one', 'two'], dimensions: 64 });
    const floats = await client.embeddings.create({
      model,
      input: ['one', 'two'],
      dimensions: 64,
      encoding_format: 'float',
    });
    expect(data.map((item) => item.embedding)).toEqual(floats.data.map((item) => item.embedding));
    expect(usage.prompt_tokens).toBe(2);
  });

  it('reads text completions, whole and streamed', async () => {
    const whole = await client.completions.create({ model, prompt: 'Once upon', max_tokens: 8 });
    let text = '';
    for await (const chunk of await client.completions.create({
      model,
      prompt: 'Once upon',
      max_tokens: 8,
      stream: true,
    })) {
      text += chunk.choices[0]?.text;
    }
    expect(text).toBe(whole.choices[0]?.text);
  });

  it('reads responses, whole and streamed', async () => {
    const whole = await client.responses.create({ model, input: 'What is a gateway?' });
    const final = await client.responses.stream({ model, input: 'What is a gateway?' }).finalResponse();
    expect(final.output_text).toBe(whole.output_text);
    expect(final.usage).toEqual(whole.usage);
  });

  it('lists models and finds one with a slash in its id', async () => {
    const { data } = await client.models.list();
    expect(data.map((each) => each.id)).toEqual(['simulator', 'org/small']);
    expect(await client.models.retrieve('org/small')).toMatchObject({ id: 'org/small', object: 'model' });
  });

  it('throws the error that belongs to each status', async () => {
    const create = (controls: Controls) => client.chat.completions.create(withControls({ model, messages }, controls));
    await expect(create({ fault: 'status_500' })).rejects.toThrow(InternalServerError);
    await expect(create({ fault: 'status_429' })).rejects.toThrow(RateLimitError);
    await expect(create({ fault: 'reset' })).rejects.toThrow(APIConnectionError);
    await expect(create({ tokens: -1 })).rejects.toThrow(BadRequestError);
    await expect(client.models.retrieve('nope')).rejects.toThrow(NotFoundError);
    const unknown = client.chat.completions.create({ model: 'nope', messages });
    await expect(unknown).rejects.toMatchObject({ status: 404, code: 'model_not_found', param: 'model' });
  });

  it('throws an error that comes in the middle of a stream', async () => {
    const body = withControls({ model, messages, stream: true as const }, { fault: 'error_frame' });
    await expect(client.chat.completions.create(body).then(collect)).rejects.toThrow(APIError);
  });

  it('leaves the server nothing to do when the loop over a stream is left', async () => {
    const body = withControls({ model, messages, stream: true as const }, { tokens: 10_000, token_ms: 2 });
    for await (const chunk of await client.chat.completions.create(body)) {
      if (chunk.choices[0]?.delta.content) break;
    }
    while (simulator.stats().inFlight > 0) await new Promise((resolve) => setImmediate(resolve));
    expect(simulator.stats().recent.at(-1)).toMatchObject({ aborted: true });
  });
});
