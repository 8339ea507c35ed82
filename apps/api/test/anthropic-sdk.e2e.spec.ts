import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import Anthropic, {
  AuthenticationError,
  BadRequestError,
  InternalServerError,
  NotFoundError,
  PermissionDeniedError,
  RateLimitError,
} from '@anthropic-ai/sdk';
import pg from 'pg';
import { type FakeModel, startFakeModel } from './fake-model.js';
import { type Harness, startHarness } from './harness.js';

const ask = {
  model: 'simulator',
  max_tokens: 30,
  messages: [{ role: 'user' as const, content: 'What is a gateway?' }],
};

let maas: Harness;
let backend: FakeModel;
let database: pg.Client;
let enterprise: string;
let free: string;

beforeAll(async () => {
  maas = await startHarness();
  backend = await startFakeModel();
  await maas.addModel('claude-like', backend.url);
  await maas.admin('/tiers/free', { method: 'PATCH', body: { requestsPerMinute: 1, tokensPerMinute: null } });
  enterprise = await maas.accessToken('enterprise');
  free = await maas.accessToken('free');
  database = new pg.Client({ connectionString: maas.databaseUrl });
  await database.connect();
});
afterAll(async () => {
  await database.end();
  await backend.close();
  await maas.stop();
});
beforeEach(() => maas.clock.turn(60_000));

/** As Claude Code and others are set up: the key goes as `x-api-key`. */
const clientOf = (apiKey: string) => new Anthropic({ apiKey, baseURL: maas.url, maxRetries: 0 });

async function rowOf(requestId: string | null | undefined): Promise<unknown> {
  await maas.flushUsage();
  return (await database.query('SELECT * FROM usage_event WHERE id = $1', [requestId])).rows[0];
}

async function errorOf(request: Promise<unknown>): Promise<InstanceType<typeof Anthropic.APIError>> {
  try {
    await request;
  } catch (error) {
    if (error instanceof Anthropic.APIError) return error;
    throw error;
  }
  throw new Error('the request was answered');
}

describe('the official Anthropic client', () => {
  it('gets a message, and the row has its tokens', async () => {
    const message = await clientOf(enterprise).messages.create(ask);
    expect(message).toMatchObject({ type: 'message', role: 'assistant', model: 'simulator' });
    expect(message.content[0]).toMatchObject({ type: 'text', text: expect.stringMatching(/\w+/) });
    expect(await rowOf(message._request_id)).toMatchObject({
      endpoint: 'messages',
      status: 200,
      prompt_tokens: message.usage.input_tokens,
      completion_tokens: message.usage.output_tokens,
      count_source: 'upstream',
    });
  });

  it('gets a stream whose pieces make up the message, and the row has its tokens', async () => {
    const stream = clientOf(enterprise).messages.stream({ ...ask, model: 'simulator' });
    const pieces: string[] = [];
    stream.on('text', (piece) => pieces.push(piece));
    const message = await stream.finalMessage();
    expect(message.content[0]).toMatchObject({ text: pieces.join('') });
    expect(message.stop_reason).toMatch(/end_turn|max_tokens/);
    expect(await rowOf(stream.request_id)).toMatchObject({
      streamed: true,
      prompt_tokens: message.usage.input_tokens,
      completion_tokens: message.usage.output_tokens,
      count_source: 'upstream',
    });
  });

  it('gets a tool call that it demands', async () => {
    const message = await clientOf(enterprise).messages.create({
      ...ask,
      max_tokens: 300,
      tools: [{ name: 'weather', input_schema: { type: 'object', properties: { city: { type: 'string' } } } }],
      tool_choice: { type: 'tool', name: 'weather' },
    });
    expect(message.stop_reason).toBe('tool_use');
    expect(message.content[0]).toMatchObject({ type: 'tool_use', name: 'weather' });
  });

  it('sees how the limits stand, with resets as instants', async () => {
    const { response } = await clientOf(enterprise).messages.create(ask).withResponse();
    expect(response.headers.get('anthropic-ratelimit-requests-limit')).toBe('50');
    expect(response.headers.get('anthropic-ratelimit-requests-remaining')).toBe('49');
    const reset = response.headers.get('anthropic-ratelimit-requests-reset') ?? '';
    expect(reset).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect(Date.parse(reset) - maas.clock.now()).toBeGreaterThan(58_000);
    expect(response.headers.get('anthropic-ratelimit-tokens-limit')).toBe('100000');
    expect(response.headers.get('x-ratelimit-limit-requests')).toBe('50');
  });

  it.each([
    ['no token', () => clientOf('nonsense').messages.create(ask), AuthenticationError, 'authentication_error'],
    [
      'a model that does not exist',
      () => clientOf(enterprise).messages.create({ ...ask, model: 'nobody' }),
      NotFoundError,
      'not_found_error',
    ],
    [
      'a model for other tiers',
      () => clientOf(free).messages.create({ ...ask, model: 'qwen3' }),
      PermissionDeniedError,
      'permission_error',
    ],
    [
      'a value that cannot be meant',
      () => clientOf(enterprise).messages.create({ ...ask, max_tokens: -1 }),
      BadRequestError,
      'invalid_request_error',
    ],
  ])('is told of %s in its own shape', async (_what, request, kind, type) => {
    const error = await errorOf(request());
    expect(error).toBeInstanceOf(kind);
    expect(error.error).toEqual({
      type: 'error',
      error: { type, message: expect.any(String) },
      request_id: error.requestID,
    });
  });

  it('is told of a limit in its own shape, and when to try again', async () => {
    await clientOf(free).messages.create(ask);
    const error = await errorOf(clientOf(free).messages.create(ask));
    expect(error).toBeInstanceOf(RateLimitError);
    expect(error.error).toMatchObject({ error: { type: 'rate_limit_error' } });
    expect(Number(error.headers?.get('retry-after'))).toBeGreaterThan(0);
    expect(error.headers?.get('anthropic-ratelimit-requests-remaining')).toBe('0');
  });

  it('is told of a stream that broke off by an error event, and what came is metered', async () => {
    backend.behave((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const events = [
        { type: 'message_start', message: { id: 'm', type: 'message', role: 'assistant', content: [], model: 'x', usage: { input_tokens: 9, output_tokens: 1 } } },
        { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
        { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Hello' } },
      ]; // prettier-ignore
      response.end(events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join(''));
    });
    const stream = clientOf(enterprise).messages.stream({ ...ask, model: 'claude-like' });
    const error = await errorOf(stream.finalMessage());
    expect(error.error).toMatchObject({ type: 'error', error: { type: 'api_error' } });
    expect(await rowOf(stream.request_id)).toMatchObject({ status: 502, prompt_tokens: 9, completion_tokens: 1 });
  });

  it('is told of a backend that is not there as of one that has too much to do', async () => {
    await maas.addModel('nowhere', 'http://127.0.0.1:9/v1');
    const error = await errorOf(clientOf(enterprise).messages.create({ ...ask, model: 'nowhere' }));
    expect(error).toBeInstanceOf(InternalServerError);
    expect(error.error).toMatchObject({ error: { type: 'overloaded_error' } });
  });
});
