import { once } from 'node:events';
import { type IncomingMessage, request, type ServerResponse } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { User } from '@maas/contracts/auth';
import type { CreatedToken } from '@maas/contracts/tokens';
import pg from 'pg';
import { Gateway } from '../src/proxy/gateway.service.js';
import { type FakeModel, startFakeModel } from './fake-model.js';
import { chat, errorOf, type Harness, startHarness } from './harness.js';
import { chunk, DONE, eventually, openAnswer, type OpenAnswer, usageChunk } from './streams.js';

let maas: Harness;
let backend: FakeModel;
let database: pg.Client;
let identity: string;
let asked: ServerResponse[];

beforeAll(async () => {
  // The clock is turned while streams are under way.
  maas = await startHarness({
    UPSTREAM_FIRST_BYTE_TIMEOUT: '10h',
    UPSTREAM_IDLE_TIMEOUT: '10h',
    UPSTREAM_TOTAL_TIMEOUT: '10h',
    STREAM_KEEPALIVE_INTERVAL: '10h',
  });
  backend = await startFakeModel();
  await maas.addModel('slow', backend.url, { maxOutputTokens: 100 });
  identity = await maas.login('enterprise');
  database = new pg.Client({ connectionString: maas.databaseUrl });
  await database.connect();
});
afterAll(async () => {
  await database.end();
  await backend.close();
  await maas.stop();
});
beforeEach(() => {
  asked = [];
  backend.behave((_request, response) => void asked.push(response));
});

const mint = async (fields: object = {}) =>
  (await maas.call<CreatedToken>('/maas-api/v1/tokens', { token: identity, body: fields })).body;
const revoke = ({ jti }: CreatedToken) =>
  maas.call(`/maas-api/v1/tokens/${jti}`, { method: 'DELETE', token: identity });
const question = (fields: object = {}) => chat('hi', { model: 'slow', ...fields });

/** A stream of which one piece has come. */
async function begin(token: string): Promise<{ answer: OpenAnswer; response: ServerResponse }> {
  const before = asked.length;
  const opening = openAnswer(`${maas.url}/v1/chat/completions`, token, question({ stream: true }));
  await eventually(() => asked.length > before, 'the backend is asked');
  const response = asked.at(-1) as ServerResponse;
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write(chunk('one'));
  const answer = await opening;
  expect(await answer.nextFrame()).toBe(chunk('one'));
  return { answer, response };
}

async function rowOf(requestId: unknown) {
  await maas.flushUsage();
  const { rows } = await database.query('SELECT * FROM usage_event WHERE id = $1', [requestId]);
  return rows[0] as Record<string, unknown> | undefined;
}

/** Its client was told why, its backend was stopped, and what it had produced is recorded. */
async function requireEnded({ answer, response }: Awaited<ReturnType<typeof begin>>, status: number, why: RegExp) {
  expect(await answer.rest()).toMatch(why);
  await eventually(() => response.destroyed, 'the backend is stopped');
  const row = await rowOf(answer.message.headers['x-request-id']);
  expect(row).toMatchObject({ status, completion_tokens: 1, count_source: 'counted' });
}

describe('a stream that is under way', () => {
  it('ends when its token is revoked, and those of other tokens go on', async () => {
    const [token, other] = [await mint(), await mint()];
    const [ending, going] = [await begin(token.token), await begin(other.token)];
    expect((await revoke(token)).status).toBe(204);
    await requireEnded(ending, 401, /^data: \{"error":\{"message":".*revoked.*"code":"invalid_api_key".*\}\}\n\n$/);
    going.response.end(chunk('two') + usageChunk(3, 2) + DONE);
    expect(await going.answer.rest()).toBe(chunk('two') + DONE);
  });

  it('ends when its owner is suspended', async () => {
    const { token } = await mint();
    const stream = await begin(token);
    const { body } = await maas.admin<{ data: User[] }>('/users?search=enterprise');
    const path = `/users/${body.data[0]?.id}`;
    expect((await maas.admin(path, { method: 'PATCH', body: { suspended: true } })).status).toBe(200);
    await requireEnded(stream, 403, /^data: \{"error":\{"message":".*suspended.*"code":"access_denied".*\}\}\n\n$/);
    await maas.admin(path, { method: 'PATCH', body: { suspended: false } });
  });

  it('may end by itself when its token has expired meanwhile', async () => {
    const { token } = await mint({ expiration: '10m' });
    const { answer, response } = await begin(token);
    maas.clock.turn(11 * 60_000);
    identity = await maas.login('enterprise');
    await revoke(await mint());
    response.end(chunk('two') + usageChunk(3, 2) + DONE);
    expect(await answer.rest()).toBe(chunk('two') + DONE);
  });
});

it('a request whose body is still coming is refused when its token is revoked, and no backend asked', async () => {
  const token = await mint();
  const body = JSON.stringify(question());
  const headers = { authorization: `Bearer ${token.token}`, 'content-length': Buffer.byteLength(body) };
  const sending = request(`${maas.url}/v1/chat/completions`, { method: 'POST', agent: false, headers });
  const answering = once(sending, 'response') as Promise<[IncomingMessage]>;
  sending.write(body.slice(0, 10));
  await eventually(() => maas.nest.get(Gateway).inFlight === 1, 'it has begun');
  await revoke(token);
  sending.end(body.slice(10));
  const [answer] = await answering;
  expect([answer.statusCode, asked.length]).toEqual([401, 0]);
  answer.resume();
});

it('an answer of which nothing has come is refused when its token is revoked, and its backend stopped', async () => {
  const token = await mint();
  const answering = maas.call('/v1/chat/completions', { token: token.token, body: question() });
  await eventually(() => asked.length === 1, 'the backend is asked');
  await revoke(token);
  const answer = await answering;
  expect([answer.status, errorOf(answer).code]).toEqual([401, 'invalid_api_key']);
  await eventually(() => asked.some((response) => response.destroyed), 'the backend is stopped');
  const row = await rowOf(answer.headers.get('x-request-id'));
  expect(row).toMatchObject({ status: 401, prompt_tokens: 0, completion_tokens: 0 });
});
