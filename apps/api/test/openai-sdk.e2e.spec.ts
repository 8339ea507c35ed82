import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import OpenAI, {
  APIError,
  AuthenticationError,
  BadRequestError,
  InternalServerError,
  NotFoundError,
  PermissionDeniedError,
  RateLimitError,
} from 'openai';
import type { ChatCompletionChunk } from 'openai/resources/chat/completions';
import pg from 'pg';
import { answerBriefly, type FakeModel, startFakeModel } from './fake-model.js';
import { type Harness, startHarness } from './harness.js';
import { chunk, DONE, eventually } from './streams.js';

const model = 'simulator';
const messages = [{ role: 'user' as const, content: 'What is a gateway?' }];
const REQUEST_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/;

let maas: Harness;
let backend: FakeModel;
let enterprise: string;
let free: string;

beforeAll(async () => {
  maas = await startHarness();
  backend = await startFakeModel();
  await maas.addModel('acme/small', backend.url);
  await maas.addModel('a-sleeper', backend.url, { backends: [] });
  await maas.admin('/tiers/free', { method: 'PATCH', body: { requestsPerMinute: 1, tokensPerMinute: null } });
  enterprise = await maas.accessToken('enterprise');
  free = await maas.accessToken('free');
});
afterAll(async () => {
  await backend.close();
  await maas.stop();
});
beforeEach(() => {
  backend.behave(answerBriefly);
  maas.clock.turn(60_000);
});

function clientOf(apiKey: string, base = '/v1', options: { maxRetries?: number; fetch?: typeof fetch } = {}): OpenAI {
  return new OpenAI({ apiKey, baseURL: `${maas.url}${base}`, maxRetries: 0, ...options });
}

async function collect<Item>(stream: AsyncIterable<Item>): Promise<Item[]> {
  const items: Item[] = [];
  for await (const item of stream) items.push(item);
  return items;
}

function textOf(chunks: ChatCompletionChunk[]): string {
  return chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('');
}

describe.each(['/v1', `/${model}/v1`])('the official client with %s as its base URL', (base) => {
  let client: OpenAI;
  beforeAll(() => {
    client = clientOf(enterprise, base);
  });

  it('lists the models, ready first, then by tier, then by id', async () => {
    const { data } = await client.models.list();
    expect(data.map(({ id }) => id)).toEqual(['acme/small', 'simulator', 'qwen3', 'a-sleeper']);
    expect(data[1]).toMatchObject({ object: 'model', owned_by: 'maas', created: expect.any(Number) });
  });

  it.each([model, 'acme/small'])('retrieves the model %s', async (id) => {
    expect(await client.models.retrieve(id)).toMatchObject({ id, object: 'model' });
  });

  it('reads a chat completion, its request id, and the limits', async () => {
    const { data, response, request_id } = await client.chat.completions.create({ model, messages }).withResponse();
    expect(data.choices[0]?.message.content).toMatch(/gateway/);
    expect(data.usage?.total_tokens).toBe(Number(response.headers.get('x-odhu-usage-total-tokens')));
    expect(request_id).toMatch(REQUEST_ID);
    expect(response.headers.get('x-ratelimit-limit-requests')).toBe('50');
    expect(response.headers.get('x-ratelimit-remaining-requests')).toBe('49');
  });

  it('streams the same text, and no usage unless asked', async () => {
    const whole = await client.chat.completions.create({ model, messages });
    const chunks = await collect(await client.chat.completions.create({ model, messages, stream: true }));
    expect(textOf(chunks)).toBe(whole.choices[0]?.message.content);
    expect(chunks.every(({ choices }) => choices.length === 1)).toBe(true);
    expect(chunks.filter((each) => 'usage' in each)).toEqual([]);
  });

  it('streams the usage in a chunk of its own when asked', async () => {
    const asked = { model, messages, stream_options: { include_usage: true } };
    const whole = await client.chat.completions.create({ model, messages });
    const chunks = await collect(await client.chat.completions.create({ ...asked, stream: true }));
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: whole.usage });
    expect(chunks.slice(0, -1).every(({ usage }) => usage === null)).toBe(true);
    const final = await client.chat.completions.stream(asked).finalChatCompletion();
    expect(final.choices[0]?.message.content).toBe(whole.choices[0]?.message.content);
    expect(final.usage).toEqual(whole.usage);
  });

  it('calls a tool, streamed and not', async () => {
    const parameters = { type: 'object', properties: { a: { type: 'integer' } } };
    const tools = [{ type: 'function' as const, function: { name: 'add', parameters } }];
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

  it('reads text completions, whole and streamed', async () => {
    const body = { model, prompt: 'Once upon', max_tokens: 8 };
    const whole = await client.completions.create(body);
    const chunks = await collect(await client.completions.create({ ...body, stream: true }));
    expect(chunks.map(({ choices }) => choices[0]?.text ?? '').join('')).toBe(whole.choices[0]?.text);
    expect(whole.usage?.completion_tokens).toBe(8);
  });

  it('decodes embeddings, which it asks for in base64', async () => {
    const body = { model, input: ['one', 'two'], dimensions: 64 };
    const { data, usage } = await client.embeddings.create(body);
    const floats = await client.embeddings.create({ ...body, encoding_format: 'float' });
    expect(data.map(({ embedding }) => embedding)).toEqual(floats.data.map(({ embedding }) => embedding));
    expect(data[0]?.embedding).toHaveLength(64);
    expect(usage.prompt_tokens).toBe(2);
  });

  it('reads responses, whole and streamed', async () => {
    const body = { model, input: 'What is a gateway?' };
    const whole = await client.responses.create(body);
    const events = await collect(await client.responses.create({ ...body, stream: true }));
    const last = events.at(-1);
    if (last?.type !== 'response.completed') throw new Error(`the stream ended with ${last?.type}`);
    expect(whole.output_text).toMatch(/gateway/);
    expect(await client.responses.stream(body).finalResponse()).toMatchObject({ output_text: whole.output_text });
    expect(last.response.usage).toEqual(whole.usage);
  });
});

describe('a stream that the client leaves', () => {
  let database: pg.Client;
  beforeAll(async () => {
    database = new pg.Client({ connectionString: maas.databaseUrl });
    await database.connect();
  });
  afterAll(() => database.end());

  it.each(['/v1', '/acme/small/v1'])('stops the backend, and is metered as far as it came, by %s', async (base) => {
    let stopped = false;
    backend.behave((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(['one', ' two', ' three'].map((word) => chunk(word)).join(''));
      response.once('close', () => (stopped = true));
    });
    const asked = { model: 'acme/small', messages, stream: true as const };
    const { data, request_id } = await clientOf(enterprise, base).chat.completions.create(asked).withResponse();
    let read = 0;
    for await (const { choices } of data) {
      if (choices[0]?.delta.content) read += 1;
      if (read === 3) break;
    }
    await eventually(() => stopped, 'the backend hears that nobody listens');
    let row: Record<string, unknown> | undefined;
    await eventually(async () => {
      await maas.flushUsage();
      row = (await database.query('SELECT * FROM usage_event WHERE id = $1', [request_id])).rows[0];
      return row !== undefined;
    }, 'the request is metered');
    expect(row).toMatchObject({ status: 499, streamed: true, completion_tokens: 3, count_source: 'counted' });
    expect(row?.['prompt_tokens']).toBeGreaterThan(0);
  });
});

/** What a call that has to fail threw. */
async function thrownBy(call: Promise<unknown>): Promise<APIError> {
  const error: unknown = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof APIError) return error;
  throw new Error(`an APIError was expected, got ${String(error)}`);
}

describe('the exception that the client throws', () => {
  const ask = (token: string, fields: object = {}) =>
    thrownBy(clientOf(token).chat.completions.create({ model, messages, ...fields }));

  it('is AuthenticationError for a token that is none', async () => {
    const error = await ask('wrong');
    expect(error).toBeInstanceOf(AuthenticationError);
    expect(error).toMatchObject({ status: 401, code: 'invalid_api_key', type: 'invalid_request_error' });
    expect(error.message).toMatch(/^401 Invalid authentication token/);
    expect(error.requestID).toMatch(REQUEST_ID);
    expect(await thrownBy(clientOf('wrong').models.list())).toBeInstanceOf(AuthenticationError);
  });

  it('is PermissionDeniedError for a model of another tier', async () => {
    const error = await ask(free, { model: 'qwen3' });
    expect(error).toBeInstanceOf(PermissionDeniedError);
    expect(error).toMatchObject({ status: 403, code: 'access_denied', type: 'permission_error', param: 'model' });
    expect(error.message).toMatch(/^403 Insufficient permissions for this model/);
    expect(error.requestID).toMatch(REQUEST_ID);
  });

  it('is NotFoundError for a model that does not exist', async () => {
    const error = await ask(enterprise, { model: 'nope' });
    expect(error).toBeInstanceOf(NotFoundError);
    expect(error).toMatchObject({
      status: 404,
      code: 'model_not_found',
      type: 'invalid_request_error',
      param: 'model',
    });
    expect(error.requestID).toMatch(REQUEST_ID);
    const retrieved = await thrownBy(clientOf(enterprise).models.retrieve('acme/nope'));
    expect(retrieved).toBeInstanceOf(NotFoundError);
    expect(retrieved).toMatchObject({ code: 'model_not_found', param: 'model' });
    expect(retrieved.requestID).toMatch(REQUEST_ID);
  });

  it('is BadRequestError that names the field, for a value that cannot be meant', async () => {
    const error = await ask(enterprise, { max_tokens: -1 });
    expect(error).toBeInstanceOf(BadRequestError);
    expect(error).toMatchObject({
      status: 400,
      code: 'invalid_request',
      type: 'invalid_request_error',
      param: 'max_tokens',
    });
    expect(error.requestID).toMatch(REQUEST_ID);
  });

  it('is BadRequestError also for what the backend itself refuses, in the words of the backend', async () => {
    const error = await ask(enterprise, { top_logprobs: 3 });
    expect(error).toBeInstanceOf(BadRequestError);
    expect(error.param).toBe('top_logprobs');
    expect(error.requestID).toMatch(REQUEST_ID);
  });

  it('is RateLimitError that says when to try again', async () => {
    await clientOf(free).chat.completions.create({ model, messages });
    maas.clock.turn(500);
    const error = await ask(free);
    expect(error).toBeInstanceOf(RateLimitError);
    expect(error).toMatchObject({ status: 429, code: 'rate_limit_exceeded', type: 'rate_limit_error' });
    expect(error.message).toMatch(/^429 Rate limit exceeded/);
    expect(error.requestID).toMatch(REQUEST_ID);
    expect(error.headers?.get('retry-after')).toBe('60');
    expect(error.headers?.get('retry-after-ms')).toBe('59500');
  });

  it('is InternalServerError for a backend that fails or is not there', async () => {
    backend.behave((_request, response) => response.writeHead(500).end('a stack trace'));
    const failed = await ask(enterprise, { model: 'acme/small' });
    expect(failed).toBeInstanceOf(InternalServerError);
    expect(failed).toMatchObject({ status: 502, code: 'upstream_error', type: 'server_error' });
    expect(failed.message).not.toContain('stack');
    const asleep = await ask(enterprise, { model: 'a-sleeper' });
    expect(asleep).toBeInstanceOf(InternalServerError);
    expect(asleep).toMatchObject({ status: 503, code: 'upstream_unavailable' });
  });

  it('comes in the middle of a stream that breaks off, rather than an answer that looks whole', async () => {
    backend.behave((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(chunk('so far'), () => response.destroy());
    });
    const asked = { model: 'acme/small', messages, stream: true as const };
    const error = await thrownBy(clientOf(enterprise).chat.completions.create(asked).then(collect));
    expect(error).toMatchObject({ code: 'upstream_error', type: 'server_error' });
  });
});

describe('a client that repeats what a limit refused', () => {
  /** Asks while the only request of the minute is used and comes back in 200 ms; the SDK may repeat once. */
  async function askTooSoon(turnBeforeRepeat: (retryAfterMs: number) => number) {
    const answers: Response[] = [];
    const client = clientOf(free, '/v1', {
      maxRetries: 1,
      fetch: async (input, init) => {
        const refused = answers.at(-1);
        if (refused?.status === 429) maas.clock.turn(turnBeforeRepeat(Number(refused.headers.get('retry-after-ms'))));
        const answer = await fetch(input, init);
        answers.push(answer);
        return answer;
      },
    });
    await client.chat.completions.create({ model, messages });
    maas.clock.turn(59_800);
    const timers = jest.spyOn(globalThis, 'setTimeout');
    const outcome = await client.chat.completions.create({ model, messages }).catch((error: unknown) => error);
    const waits = timers.mock.calls.map(([, milliseconds]) => milliseconds);
    timers.mockRestore();
    return { outcome, waits, statuses: answers.map(({ status }) => status) };
  }

  it('waits exactly as long as told, and is then let in', async () => {
    const { outcome, waits, statuses } = await askTooSoon((retryAfterMs) => retryAfterMs);
    expect(statuses).toEqual([200, 429, 200]);
    expect(waits).toContain(200);
    expect(outcome).toMatchObject({ object: 'chat.completion' });
  });

  it('would have been refused a millisecond sooner', async () => {
    const { outcome, statuses } = await askTooSoon((retryAfterMs) => retryAfterMs - 1);
    expect(statuses).toEqual([200, 429, 429]);
    expect(outcome).toBeInstanceOf(RateLimitError);
  });
});

describe('what the backend sees of the client', () => {
  it('is the model, the question and the request for usage, and no credential', async () => {
    backend.behave((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).end(chunk('hi') + DONE);
    });
    await collect(await clientOf(enterprise).chat.completions.create({ model: 'acme/small', messages, stream: true }));
    const seen = backend.seen.at(-1);
    expect(JSON.parse(seen?.body ?? '')).toEqual({
      model: 'acme/small',
      messages,
      stream: true,
      stream_options: { include_usage: true },
    });
    expect(Object.keys(seen?.headers ?? {}).filter((name) => /auth|key|cookie|stainless/.test(name))).toEqual([]);
  });
});
