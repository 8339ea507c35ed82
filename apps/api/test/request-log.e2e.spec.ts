import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { LoginResult } from '@maas/contracts/auth';
import type { CreatedToken } from '@maas/contracts/tokens';
import { dropTestDatabase } from '@maas/database/test-database';
import { createSimulator, type Simulator } from '@maas/simulator/server';
import { PASSWORD } from './harness.js';
import { call, chat, createEmptyDatabase, killAll, type MaasProcess, startMaas } from './process-maas.js';
import { eventually } from './streams.js';

type Line = Record<string, unknown>;

let databaseUrl: string;
let dataDir: string;
let simulator: Simulator;
let maas: MaasProcess;
let identity: LoginResult;
let token: string;

const lines = (): Line[] =>
  maas
    .output()
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Line)
    .filter(({ context }) => context === 'Requests');
const lineOf = async (id: string | null): Promise<Line> => {
  await eventually(() => lines().some((line) => line['id'] === id), `request ${id} is in the log`);
  const [line = {}, ...others] = lines().filter((each) => each['id'] === id);
  expect(others).toEqual([]);
  return line;
};
const ask = (fields: object = {}, path = '/v1/chat/completions') => call(maas, path, { token, body: chat(fields) });

beforeAll(async () => {
  databaseUrl = await createEmptyDatabase(process.env['MAAS_TEST_POSTGRES'] ?? '');
  dataDir = mkdtempSync(join(tmpdir(), 'maas-log-'));
  simulator = createSimulator();
  await simulator.listen(0, '127.0.0.1');
  maas = await startMaas({
    DATABASE_URL: databaseUrl,
    MAAS_DATA_DIR: dataDir,
    SIMULATOR_URL: simulator.url,
    ADMIN_GROUPS: 'admins',
    LOG_REQUESTS: 'on',
    // A busy machine must not be taken for a store that is away.
    LIMITS_TIMEOUT: '10s',
  });
  const body = { secret: maas.setupSecret, username: 'root', password: PASSWORD };
  identity = (await call<LoginResult>(maas, '/maas-api/v1/setup', { body })).body;
  const mine = { token: identity.token, method: 'POST' };
  token = (await call<CreatedToken>(maas, '/maas-api/v1/tokens', mine)).body.token;
});
afterAll(async () => {
  killAll();
  await maas.ended;
  await simulator.close();
  await dropTestDatabase(databaseUrl);
  await rm(dataDir, { recursive: true });
});

describe('with LOG_REQUESTS=on', () => {
  it('an answered request has a line with what it came to', async () => {
    const { headers } = await ask();
    const line = await lineOf(headers.get('x-request-id'));
    expect(line).toMatchObject({
      plane: 'data',
      method: 'POST',
      endpoint: 'chat/completions',
      model: 'simulator',
      status: 200,
      streamed: false,
      tier: expect.any(String),
      user: expect.stringMatching(/^[0-9a-f-]{36}$/),
      backend: expect.stringMatching(/^[0-9a-f-]{36}$/),
      durationMs: expect.any(Number),
      firstByteMs: expect.any(Number),
    });
    expect(line['completionTokens']).toBe(Number(headers.get('x-tokens-completion') ?? line['completionTokens']));
    expect(line['promptTokens']).toBeGreaterThan(0);
    expect(line['completionTokens']).toBeGreaterThan(0);
  });

  it('a refused request has one with the reason', async () => {
    const unknown = await ask({ model: 'there-is-none' });
    expect(await lineOf(unknown.headers.get('x-request-id'))).toMatchObject({ status: 404, error: 'model_not_found' });
    const stranger = await call(maas, '/v1/chat/completions', { token: 'nonsense', body: chat() });
    const line = await lineOf(stranger.headers.get('x-request-id'));
    expect(line).toMatchObject({ status: 401, error: 'invalid_api_key', endpoint: 'chat/completions' });
    expect(line).not.toHaveProperty('user');
  });

  it('a request of the control plane has one with its route, not its parameters', async () => {
    const answer = await call(maas, '/maas-api/v1/tokens/0197b1c2-1111-7000-8000-000000000000?secret=canary-q', {
      token: identity.token,
      method: 'DELETE',
    });
    expect(await lineOf(answer.headers.get('x-request-id'))).toMatchObject({
      plane: 'control',
      method: 'DELETE',
      route: '/maas-api/v1/tokens/:jti',
      status: answer.status,
      durationMs: expect.any(Number),
    });
  });

  it('no line has a prompt, an answer, a query or a credential', async () => {
    const messages = [{ role: 'user', content: 'prompt-canary-1' }];
    const { headers, text } = await ask({ messages, user: 'user-canary-2' }, '/v1/chat/completions?key=query-canary-3');
    await lineOf(headers.get('x-request-id'));
    const login = await call(maas, '/maas-api/v1/login', { body: { username: 'root', password: PASSWORD } });
    await lineOf(login.headers.get('x-request-id'));
    const written = JSON.stringify(lines());
    for (const secret of ['canary', token, identity.token, PASSWORD, 'nonsense']) expect(written).not.toContain(secret);
    const { choices = [] } = JSON.parse(text) as { choices?: { message: { content: string } }[] };
    expect(choices[0]?.message.content.length).toBeGreaterThan(0);
    expect(written).not.toContain(choices[0]?.message.content);
  });
});
