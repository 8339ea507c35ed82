import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Controls } from './controls.js';
import { createSimulator } from './server.js';

const simulator = createSimulator();
const TOKENS = 20;

interface Received {
  status: number | undefined;
  headers: IncomingHttpHeaders;
  text: string;
  /** How the connection ended before the answer did. */
  broken: string | undefined;
}

/** Sends one request on a connection of its own; leaves it when `leaveWhen` says that enough was received. */
function send(controls: Controls, stream: boolean, leaveWhen = (_text: string): boolean => false): Promise<Received> {
  const body = {
    model: 'simulator',
    messages: [{ role: 'user', content: 'Hi' }],
    stream,
    simulator: { tokens: TOKENS, ...controls },
  };
  return new Promise((resolve) => {
    const received: Received = { status: undefined, headers: {}, text: '', broken: undefined };
    const sent = httpRequest(`${simulator.url}/chat/completions`, { method: 'POST', agent: false }, (response) => {
      received.status = response.statusCode;
      received.headers = response.headers;
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        received.text += chunk;
        if (leaveWhen(received.text)) sent.destroy();
      });
      response.on('error', (error: NodeJS.ErrnoException) => (received.broken = error.code));
      response.on('close', () => resolve(received));
    });
    sent.on('error', (error: NodeJS.ErrnoException) => resolve({ ...received, broken: error.code }));
    sent.end(JSON.stringify(body));
  });
}

function contentFrames(text: string): number {
  return text.match(/"delta":\{"content":"[^"]/g)?.length ?? 0;
}

beforeAll(() => simulator.listen());
afterAll(() => simulator.close());

describe('a fault before the headers', () => {
  it.each([true, false])('resets the connection (stream: %p)', async (stream) => {
    expect(await send({ fault: 'reset' }, stream)).toMatchObject({ status: undefined, broken: 'ECONNRESET' });
  });

  it.each([
    ['status_500', 500, 'server_error', undefined],
    ['status_503', 503, 'server_error', '1'],
    ['status_429', 429, 'rate_limit_error', '1'],
    ['status_418', 418, 'invalid_request_error', undefined],
  ] as const)('answers %s', async (fault, status, type, retryAfter) => {
    const { headers, text, ...received } = await send({ fault }, true);
    expect(received.status).toBe(status);
    expect(JSON.parse(text)).toMatchObject({ error: { type } });
    expect(headers['retry-after']).toBe(retryAfter);
  });

  it('hangs until the client leaves', async () => {
    const abort = new AbortController();
    const body = JSON.stringify({
      model: 'm',
      messages: [{ role: 'user', content: 'x' }],
      simulator: { fault: 'hang' },
    });
    const hanging = fetch(`${simulator.url}/chat/completions`, {
      method: 'POST',
      body,
      signal: abort.signal,
    });
    while (simulator.stats().inFlight === 0) await new Promise((resolve) => setImmediate(resolve));
    abort.abort();
    await expect(hanging).rejects.toThrow('aborted');
  });
});

describe('a fault in a stream', () => {
  it.each([0, 7])('cuts the connection after exactly %i tokens', async (after) => {
    const { text, broken } = await send({ fault: 'cut', after }, true);
    expect(contentFrames(text)).toBe(after);
    expect(text).not.toContain('[DONE]');
    expect(broken).toBe('ECONNRESET');
  });

  it('does not count a cut as an abort by the client, and counts the tokens before it', async () => {
    const before = simulator.stats();
    await send({ fault: 'cut', after: 5 }, true);
    const after = simulator.stats();
    expect(after.aborted).toBe(before.aborted);
    expect(after.tokens - before.tokens).toBe(5);
  });

  it('cuts at the end an answer that is shorter than asked for', async () => {
    const { text, broken } = await send({ fault: 'cut', after: 1_000 }, true);
    expect(contentFrames(text)).toBe(TOKENS);
    expect(text).not.toContain('"finish_reason":"stop"');
    expect(broken).toBe('ECONNRESET');
  });

  it('falls silent after so many tokens, with the connection open', async () => {
    const { text } = await send({ fault: 'stall', after: 4 }, true, (received) => contentFrames(received) === 4);
    expect(contentFrames(text)).toBe(4);
  });

  it('slips in one frame that is not JSON and goes on', async () => {
    const { text } = await send({ fault: 'garbage', after: 2 }, true);
    const frames = text.split('\n\n').filter(Boolean).slice(0, -1);
    const broken = frames.filter((line) => {
      try {
        JSON.parse(line.replace('data: ', ''));
        return false;
      } catch {
        return true;
      }
    });
    expect(broken).toHaveLength(1);
    expect(contentFrames(text)).toBe(TOKENS);
  });

  it('ends with an error instead of [DONE]', async () => {
    const { text } = await send({ fault: 'error_frame', after: 2 }, true);
    const last = text.trim().split('\n\n').at(-1) ?? '';
    expect(JSON.parse(last.replace('data: ', ''))).toMatchObject({ error: { type: 'server_error' } });
  });
});

describe('a fault in a body', () => {
  it('cuts the connection in the middle', async () => {
    const { status, headers, text, broken } = await send({ fault: 'cut' }, false);
    expect(status).toBe(200);
    expect(text.length).toBeGreaterThan(0);
    expect(text.length).toBeLessThan(Number(headers['content-length']));
    expect(broken).toBe('ECONNRESET');
  });

  it('falls silent in the middle', async () => {
    const { text, headers } = await send({ fault: 'stall' }, false, (received) => received.length > 0);
    expect(text.length).toBeLessThan(Number(headers['content-length']));
  });

  it('is not JSON', async () => {
    const { status, text } = await send({ fault: 'garbage' }, false);
    expect(status).toBe(200);
    expect(() => JSON.parse(text) as unknown).toThrow(SyntaxError);
  });

  it('is an error of status 500 where a stream would have an error frame', async () => {
    expect((await send({ fault: 'error_frame' }, false)).status).toBe(500);
  });

  it('lacks the usage, or has one ten times too large', async () => {
    expect(JSON.parse((await send({ fault: 'no_usage' }, false)).text)).not.toHaveProperty('usage');
    const { text } = await send({ fault: 'wrong_usage' }, false);
    expect(JSON.parse(text)).toMatchObject({ usage: { completion_tokens: TOKENS * 10 } });
  });
});
