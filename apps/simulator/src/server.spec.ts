import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createSimulator, type Simulator, type SimulatorOptions } from './server.js';

const running: Simulator[] = [];
const hello = { model: 'simulator', messages: [{ role: 'user', content: 'Hello, how are you?' }] };

async function start(options?: SimulatorOptions): Promise<Simulator> {
  const simulator = createSimulator(options);
  running.push(simulator);
  await simulator.listen();
  return simulator;
}

function post(simulator: Simulator, path: string, body: unknown, init: RequestInit = {}): Promise<Response> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return fetch(simulator.url + path, { method: 'POST', body: text, ...init });
}

/** Waits for a condition that another connection brings about; the limit is that of the test. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

afterEach(async () => {
  await Promise.all(running.splice(0).map((simulator) => simulator.close()));
});

describe('the server', () => {
  it('answers JSON with its length and a request id, and the same text in a stream', async () => {
    const simulator = await start();
    const whole = await post(simulator, '/chat/completions', hello);
    expect(whole.headers.get('content-type')).toBe('application/json');
    expect(whole.headers.get('x-request-id')).toMatch(/^req_/);
    const text = await whole.text();
    expect(whole.headers.get('content-length')).toBe(String(Buffer.byteLength(text)));

    const stream = await post(simulator, '/chat/completions', { ...hello, stream: true });
    expect(stream.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(await stream.text()).toMatch(/^data: \{.*\n\ndata: \[DONE\]\n\n$/s);
  });

  it('lists simulator and qwen3 and serves any model when none is configured', async () => {
    const simulator = await start();
    const list = await (await fetch(`${simulator.url}/models`)).json();
    expect(list).toMatchObject({
      object: 'list',
      data: [{ id: 'simulator', object: 'model' }, { id: 'qwen3' }],
    });
    expect((await post(simulator, '/chat/completions', { ...hello, model: 'whatever' })).status).toBe(200);
  });

  it('serves only the configured models, also those with a slash, and answers 404 for others', async () => {
    const simulator = await start({ models: ['org/small'] });
    for (const path of ['/models/org/small', '/models/org%2Fsmall']) {
      expect(await (await fetch(simulator.url + path)).json()).toMatchObject({ id: 'org/small' });
    }
    expect((await fetch(`${simulator.url}/models/other`)).status).toBe(404);
    for (const [path, body] of [
      ['/chat/completions', hello],
      ['/completions', { model: 'other', prompt: 'x' }],
      ['/embeddings', { model: 'other', input: 'x' }],
      ['/responses', { model: 'other', input: 'x' }],
    ] as const) {
      const response = await post(simulator, path, body);
      expect(response.status).toBe(404);
      expect(await response.json()).toMatchObject({
        error: { code: 'model_not_found', type: 'invalid_request_error' },
      });
    }
  });

  it('is healthy', async () => {
    const simulator = await start();
    expect(await (await fetch(`${simulator.url}/health`)).json()).toEqual({ status: 'healthy' });
    expect((await fetch(simulator.url.replace('/v1', '/health'))).status).toBe(200);
  });

  it.each([
    ['POST', '/nowhere', 404],
    ['GET', '/models/', 404],
    ['GET', '/models/%zz', 404],
    ['GET', '/chat/completions', 405],
    ['DELETE', '/models', 405],
  ])('refuses %s %s with %i in the shape of OpenAI', async (method, path, status) => {
    const simulator = await start();
    const response = await fetch(simulator.url + path, { method });
    expect(response.status).toBe(status);
    const shape = {
      message: expect.any(String),
      type: 'invalid_request_error',
      param: null,
      code: expect.any(String),
    };
    expect(await response.json()).toEqual({ error: shape });
  });

  it.each(['', '{', '[]', 'null', '"x"'])('refuses the body %j with 400', async (body) => {
    const simulator = await start();
    expect((await post(simulator, '/chat/completions', body)).status).toBe(400);
  });

  it('refuses a body of more than 64 MiB with 413', async () => {
    const simulator = await start();
    const response = await post(simulator, '/chat/completions', 'x'.repeat(64 * 1024 * 1024 + 1));
    expect(response.status).toBe(413);
  });

  it('counts requests and tokens, and records headers without their values', async () => {
    const simulator = await start({ recordedRequests: 2 });
    const secret = 'Bearer a-secret';
    for (const max_tokens of [1, 2, 3]) {
      await (
        await post(simulator, '/chat/completions', { ...hello, max_tokens }, { headers: { authorization: secret } })
      ).text();
    }
    await until(() => simulator.stats().inFlight === 0);
    const stats = simulator.stats();
    expect(stats).toMatchObject({ requests: 3, inFlight: 0, tokens: 6, aborted: 0 });
    expect(stats.recent.map((record) => record.tokens)).toEqual([2, 3]);
    expect(stats.recent[0]).toMatchObject({
      model: 'simulator',
      path: '/v1/chat/completions',
      status: 200,
      promptTokens: 13,
      authorizationSha256: createHash('sha256').update(secret).digest('hex'),
      headers: expect.arrayContaining(['authorization', 'content-length']),
    });
    const published = await (await fetch(simulator.url.replace('/v1', '/simulator/stats'))).text();
    expect(JSON.parse(published)).toEqual(stats);
    expect(published).not.toContain('a-secret');
  });

  it('stops at once when the client leaves a stream, and counts what was produced', async () => {
    const simulator = await start();
    const body = { ...hello, stream: true, simulator: { tokens: 10_000, token_ms: 2 } };
    const response = await post(simulator, '/chat/completions', body);
    const reader = response.body?.getReader();
    await reader?.read();
    await reader?.cancel();
    await until(() => simulator.stats().inFlight === 0);
    const stats = simulator.stats();
    expect(stats).toMatchObject({ aborted: 1, recent: [{ aborted: true, status: 200, finished: true }] });
    expect(stats.tokens).toBeGreaterThan(0);
    expect(stats.tokens).toBeLessThan(10_000);
  });

  it.each([true, false])('notices a client that leaves before the first token (stream: %p)', async (stream) => {
    const simulator = await start({ pace: { ttftMs: 60_000 } });
    const abort = new AbortController();
    const answer = post(simulator, '/chat/completions', { ...hello, stream }, { signal: abort.signal });
    await until(() => simulator.stats().recent[0]?.id != null);
    abort.abort();
    await expect(answer).rejects.toThrow('aborted');
    await until(() => simulator.stats().inFlight === 0);
    expect(simulator.stats()).toMatchObject({ aborted: 1, tokens: 0, recent: [{ status: null }] });
  });

  it('notices a client that leaves in the middle of its request', async () => {
    const simulator = await start();
    const socket = connect(Number(new URL(simulator.url).port), '127.0.0.1');
    socket.write('POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n{');
    await until(() => simulator.stats().inFlight === 1);
    socket.destroy();
    await until(() => simulator.stats().inFlight === 0);
    expect(simulator.stats()).toMatchObject({ aborted: 1, recent: [{ id: null, status: null }] });
  });

  it('produces no faster than the client reads', async () => {
    const simulator = await start();
    const tokens = 200_000;
    const body = JSON.stringify({ ...hello, stream: true, simulator: { tokens } });
    const socket = connect(Number(new URL(simulator.url).port), '127.0.0.1').pause();
    socket.write(`POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
    await until(() => simulator.stats().tokens > 0);
    // Without a limit the whole answer is produced in one go, before anything else can be observed.
    expect(simulator.stats().tokens).toBeLessThan(tokens / 2);
    socket.resume();
    await until(() => simulator.stats().inFlight === 0);
    expect(simulator.stats()).toMatchObject({ tokens, aborted: 0 });
    socket.destroy();
  });

  it('finishes what it has begun when it is closed with a grace, and breaks it off without', async () => {
    for (const [graceMs, complete] of [
      [30_000, true],
      [0, false],
    ] as const) {
      const simulator = await start();
      const body = { ...hello, stream: true, simulator: { tokens: 50, token_ms: 4 } };
      const response = await post(simulator, '/chat/completions', body);
      const [text] = await Promise.allSettled([response.text(), simulator.close(graceMs)]);
      expect(text.status === 'fulfilled' && text.value.endsWith('data: [DONE]\n\n')).toBe(complete);
    }
  });
});
