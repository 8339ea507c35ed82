import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { answerBriefly, type FakeModel, startFakeModel } from './fake-model.js';
import { type Harness, startHarness } from './harness.js';
import { type OtlpReceiver, type ReceivedSpan, startOtlpReceiver } from './otlp-receiver.js';
import { chunk, DONE, eventually, openAnswer, usageChunk } from './streams.js';

const PROMPT = 'a question that is nobody else’s business';
const KEY = 'a-key-of-the-backend';

let receiver: OtlpReceiver;
let maas: Harness;
let backend: FakeModel;
let broken: FakeModel;
let token: string;

beforeAll(async () => {
  receiver = await startOtlpReceiver();
  backend = await startFakeModel();
  broken = await startFakeModel();
  broken.behave((_request, response) => response.writeHead(503).end('{}'));
  maas = await startHarness({
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    OTEL_EXPORTER_OTLP_HEADERS: 'x-collector-key=let%20me%20in',
    OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
    OTEL_BSP_SCHEDULE_DELAY: '50',
  });
  const backends = [{ url: backend.url, credential: KEY }];
  await maas.addModel('org/fake', backend.url, { maxOutputTokens: 100, backends });
  token = await maas.accessToken('enterprise');
});
beforeEach(() => backend.behave(answerBriefly));
afterAll(async () => {
  await maas.stop();
  await receiver.close();
  await backend.close();
  await broken.close();
});

/** What a client says of the trace that it is in. */
function newTrace(flags = '01') {
  const [traceId, spanId] = [randomBytes(16).toString('hex'), randomBytes(8).toString('hex')];
  return { traceId, spanId, headers: { traceparent: `00-${traceId}-${spanId}-${flags}` } };
}

const body = (fields: object = {}) => ({ model: 'org/fake', messages: [{ role: 'user', content: PROMPT }], ...fields });

const ask = (headers: Record<string, string>, fields: object = {}) =>
  maas.call('/v1/chat/completions', { token, headers, body: body(fields) });

/** The spans of a trace, the server's first, once all of them have come. */
async function spansOf(traceId: string, attempts: number): Promise<ReceivedSpan[]> {
  const found = () => receiver.spans.filter((span) => span.traceId === traceId);
  await eventually(() => found().length === attempts + 1, `${attempts + 1} spans have come`);
  const byStart = found().sort((a, b) => Number(a.start - b.start));
  return [...byStart.filter(({ kind }) => kind === 'server'), ...byStart.filter(({ kind }) => kind === 'client')];
}

describe('a request that is traced', () => {
  it('and streamed has a span of ours within the caller’s, and one of the attempt with what it came to', async () => {
    backend.behave((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(chunk('Hello', { model: 'fake-1.2' }));
      response.write(chunk(' "model":"there" ', { model: 'fake-1.2' }));
      const choices = [{ index: 0, delta: {}, finish_reason: 'length' }];
      response.write(`data: ${JSON.stringify({ id: 'c', model: 'fake-1.2', choices })}\n\n`);
      response.end(usageChunk(11, 2) + DONE);
    });
    const caller = newTrace();
    const headers = { ...caller.headers, authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const response = await fetch(`${maas.url}/v1/chat/completions`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body({ stream: true })),
    });
    expect((await response.text()).endsWith(DONE)).toBe(true);
    const [server, client] = await spansOf(caller.traceId, 1);
    expect(server).toMatchObject({ name: 'POST /v1/chat/completions', parentSpanId: caller.spanId, hasFailed: false });
    expect(server?.attributes).toEqual({
      'http.request.method': 'POST',
      'http.route': '/v1/chat/completions',
      'http.response.status_code': 200,
      'maas.request.id': response.headers.get('x-request-id'),
      'maas.model': 'org/fake',
      'maas.tier': 'enterprise',
    });
    expect(client).toMatchObject({ name: 'chat org/fake', parentSpanId: server?.spanId, hasFailed: false });
    expect(client?.attributes).toEqual({
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': 'org/fake',
      'gen_ai.response.model': 'fake-1.2',
      'gen_ai.response.finish_reasons': ['length'],
      'gen_ai.usage.input_tokens': 11,
      'gen_ai.usage.output_tokens': 2,
      'http.response.status_code': 200,
      'server.address': '127.0.0.1',
      'server.port': Number(new URL(backend.url).port),
      'maas.backend.id': expect.any(String),
    });
    expect(Number(client?.end) >= Number(client?.start)).toBe(true);
    // The backend goes on with the trace from the attempt.
    expect(backend.seen.at(-1)?.headers['traceparent']).toBe(`00-${caller.traceId}-${client?.spanId}-01`);
  });

  it('and answered whole says the same', async () => {
    const caller = newTrace();
    expect((await ask({ ...caller.headers, tracestate: 'vendor=1' })).status).toBe(200);
    expect(backend.seen.at(-1)?.headers['tracestate']).toBe('vendor=1');
    const [, client] = await spansOf(caller.traceId, 1);
    expect(client?.attributes).toMatchObject({
      'gen_ai.response.model': 'fake',
      'gen_ai.response.finish_reasons': ['stop'],
      'gen_ai.usage.input_tokens': 5,
      'gen_ai.usage.output_tokens': 2,
    });
  });

  it('and tried again with another backend has a span for each attempt', async () => {
    const backends = [
      { url: broken.url, weight: 1000 },
      { url: backend.url, weight: 1 },
    ];
    await maas.addModel('retried', backend.url, { maxOutputTokens: 100, backends });
    let spans: ReceivedSpan[] = [];
    // Which one is asked first is chosen at random, by their weights.
    for (let time = 0; time < 20 && spans.length < 3; time += 1) {
      const caller = newTrace();
      const before = broken.seen.length;
      expect((await ask(caller.headers, { model: 'retried' })).status).toBe(200);
      spans = await spansOf(caller.traceId, broken.seen.length > before ? 2 : 1);
    }
    const [server, first, second] = spans;
    expect([server?.hasFailed, first?.hasFailed, second?.hasFailed]).toEqual([false, true, false]);
    expect(first).toMatchObject({ name: 'chat retried', parentSpanId: server?.spanId });
    expect(first?.attributes).toMatchObject({ 'http.response.status_code': 503, 'error.type': 'status_503' });
    expect(first?.attributes).not.toHaveProperty(['gen_ai.usage.input_tokens']);
    expect(second).toMatchObject({ name: 'chat retried', parentSpanId: server?.spanId });
    expect(second?.attributes).toMatchObject({ 'http.request.resend_count': 1, 'gen_ai.usage.output_tokens': 2 });
    const parents = [broken, backend].map(({ seen }) => seen.at(-1)?.headers['traceparent']?.toString().split('-')[2]);
    expect(parents).toEqual([first?.spanId, second?.spanId]);
  });

  it('and refused has one span, that says why', async () => {
    await maas.admin('/tiers/free', { method: 'PATCH', body: { requestsPerMinute: 1, tokensPerMinute: null } });
    const free = await maas.accessToken('free');
    const as = (headers: Record<string, string>, credential: string) =>
      maas.call('/v1/chat/completions', { token: credential, headers, body: body() });
    await as({}, free);
    const [limited, unknown] = [newTrace(), newTrace()];
    expect((await as(limited.headers, free)).status).toBe(429);
    expect((await as(unknown.headers, 'nobody')).status).toBe(401);
    const [refusal] = await spansOf(limited.traceId, 0);
    expect(refusal?.attributes).toMatchObject({
      'http.response.status_code': 429,
      'error.type': 'rate_limit_exceeded',
      'maas.limit': 'requests',
      'maas.tier': 'free',
    });
    const [stranger] = await spansOf(unknown.traceId, 0);
    expect(stranger).toMatchObject({
      name: 'POST /v1/chat/completions',
      parentSpanId: unknown.spanId,
      hasFailed: false,
    });
    expect(stranger?.attributes).toMatchObject({ 'http.response.status_code': 401, 'error.type': 'invalid_api_key' });
    expect(stranger?.attributes).not.toHaveProperty(['maas.tier']);
  });

  it('and given up by its client ends all the same', async () => {
    backend.behave((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(chunk('Hello'));
    });
    const before = new Set(receiver.spans);
    const answer = await openAnswer(`${maas.url}/v1/chat/completions`, token, body({ stream: true }));
    await answer.nextFrame();
    answer.abandon();
    const ended = () => receiver.spans.filter((span) => !before.has(span) && span.attributes['maas.backend.id']);
    await eventually(() => ended().length === 1, 'the attempt has ended');
    expect(ended()[0]).toMatchObject({ hasFailed: false, attributes: { 'error.type': 'abandoned' } });
  });

  it('of the control plane has a span by its route', async () => {
    const caller = newTrace();
    await maas.call('/maas-api/v1/tokens/0198c0de-0000-7000-8000-000000000000', { headers: caller.headers, method: 'DELETE', token: await maas.login('free') }); // prettier-ignore
    const [server] = await spansOf(caller.traceId, 0);
    expect(server).toMatchObject({ name: 'DELETE /maas-api/v1/tokens/:jti', parentSpanId: caller.spanId });
    expect(server?.attributes['http.response.status_code']).toBe(404);
  });
});

it('a request whose caller does not sample is passed on so, and sent to nobody', async () => {
  const [silent, heard] = [newTrace('00'), newTrace()];
  expect((await ask(silent.headers)).status).toBe(200);
  expect(backend.seen.at(-1)?.headers['traceparent']).toMatch(new RegExp(`^00-${silent.traceId}-[0-9a-f]{16}-00$`));
  await ask(heard.headers);
  await spansOf(heard.traceId, 1);
  expect(receiver.spans.filter(({ traceId }) => traceId === silent.traceId)).toEqual([]);
});

it('without a context of the caller, or with one that cannot be, a request begins a trace', async () => {
  for (const headers of [{}, { traceparent: '00-nonsense', tracestate: 'vendor=1' }]) {
    await ask(headers as Record<string, string>);
    expect(backend.seen.at(-1)?.headers).not.toHaveProperty('tracestate');
    const [, traceId = ''] = /^00-(\w{32})-\w{16}-01$/.exec(String(backend.seen.at(-1)?.headers['traceparent'])) ?? [];
    const [server] = await spansOf(traceId, 1);
    expect(server?.parentSpanId).toBe('');
  }
});

it('the collector learns what runs, and gets the headers that were set', () => {
  expect(receiver.spans[0]?.resource).toMatchObject({
    'service.name': 'maas',
    'service.version': expect.any(String),
    'service.instance.id': expect.stringMatching(/^[0-9a-f-]{36}$/),
    'maas.role': 'all',
    'deployment.environment.name': 'test',
  });
  expect(receiver.headers[0]?.['x-collector-key']).toBe('let me in');
});

it('nothing of a prompt, an answer, a credential or a person is in any span', () => {
  expect(receiver.spans.length).toBeGreaterThan(10);
  for (const secret of [PROMPT.slice(0, 20), 'Hello', token, token.slice(-40), KEY, 'enterprise@', '"user"']) {
    expect([secret, receiver.bytes().includes(secret)]).toEqual([secret, false]);
  }
});
