import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ListedModel, ModelList } from '@maas/contracts/models';
import { chat, errorOf, type Harness, startHarness } from './harness.js';

let maas: Harness;
let free: string;
let enterprise: string;

const list = async (token = enterprise) => (await maas.call<ModelList>('/v1/models', { token })).body.data;
const ids = async (token = enterprise) => (await list(token)).map(({ id }) => id);

async function start(environment: Record<string, string> = {}): Promise<void> {
  maas = await startHarness(environment);
  free = await maas.accessToken('free');
  enterprise = await maas.accessToken('enterprise');
}

describe('a fresh installation', () => {
  beforeAll(() => start());
  afterAll(() => maas.stop());

  it('lists the simulator first, so that the guide’s .data[0].id is it, and shows each tier its own models', async () => {
    expect(await ids(free)).toEqual(['simulator']);
    expect(await ids()).toEqual(['simulator', 'qwen3']);
    expect(await ids(await maas.login('premium'))).toEqual(['simulator', 'qwen3']);
  });

  it('describes a model with OpenAI’s fields and the guide’s', async () => {
    const [simulator, qwen3] = await list();
    const { host } = new URL(maas.url);
    expect(simulator).toEqual({
      id: 'simulator',
      object: 'model',
      created: Math.floor(maas.clock.now() / 1000),
      owned_by: 'maas',
      name: 'Simulator Model',
      url: `http://${host}/simulator/v1/chat/completions`,
      tier: 'free',
      ready: true,
      description: expect.any(String),
      context_window: 32_768,
      capabilities: expect.arrayContaining(['chat', 'streaming']),
      base_url: `http://${host}/simulator/v1`,
    });
    expect(qwen3).toMatchObject({ id: 'qwen3', tier: 'premium', ready: true });
  });

  it('is compact JSON on one line, without a newline or an asterisk, so that it may be echoed unquoted', async () => {
    const { text, headers } = await maas.call('/v1/models', { token: enterprise });
    expect(headers.get('content-type')).toMatch(/^application\/json/);
    expect(text).toBe(JSON.stringify(JSON.parse(text)));
    expect(text).not.toMatch(/[\n\r*]/);
  });

  it.each([
    '/v1/models',
    '/v1/models/',
    '/maas-api/v1/models',
    '/simulator/v1/models',
    '/anything/at-all/v1/models',
    '/simulator/v1/chat/completions/v1/models',
    '/v1/models?limit=1',
  ])('answers the same at %s', async (at) => {
    const { text } = await maas.call('/v1/models', { token: enterprise });
    const answer = await maas.call(at, { token: enterprise });
    expect([answer.status, answer.text]).toEqual([200, text]);
  });

  it('never counts listing against a limit', async () => {
    await maas.admin('/tiers/free', { method: 'PATCH', body: { requestsPerMinute: 1 } });
    for (let turn = 0; turn < 20; turn += 1) expect(await ids(free)).toEqual(['simulator']);
    const answer = await maas.call('/v1/chat/completions', { token: free, body: chat('Hello') });
    expect(answer.status).toBe(200);
    await maas.admin('/tiers/free', { method: 'PATCH', body: { requestsPerMinute: null } });
  });

  it('needs a token, of either kind', async () => {
    for (const at of ['/v1/models', '/v1/models/simulator', '/simulator/v1/models', '/maas-api/v1/models']) {
      expect((await maas.call(at)).status).toBe(401);
      expect((await maas.call(at, { token: 'null' })).status).toBe(401);
      expect((await maas.call(at, { headers: { 'x-api-key': free } })).status).toBe(200);
    }
  });

  it('gives URLs of the host that was asked', async () => {
    const listed = (host: string) =>
      new Promise<ListedModel | undefined>((resolve, reject) => {
        const headers = { host, authorization: `Bearer ${free}` };
        httpRequest(`${maas.url}/v1/models`, { headers }, async (response) => {
          let text = '';
          for await (const chunk of response.setEncoding('utf8')) text += chunk as string;
          resolve((JSON.parse(text) as ModelList).data[0]);
        })
          .on('error', reject)
          .end();
      });
    for (const host of ['maas.example.com', 'maas.example.com:8443', '[::1]:8080']) {
      expect(await listed(host)).toMatchObject({
        url: `http://${host}/simulator/v1/chat/completions`,
        base_url: `http://${host}/simulator/v1`,
      });
    }
  });

  it('gives one model by its id', async () => {
    const [simulator] = await list();
    expect((await maas.call('/v1/models/simulator', { token: free })).body).toEqual(simulator);
    const forbidden = await maas.call('/v1/models/qwen3', { token: free });
    expect(forbidden.status).toBe(403);
    expect(errorOf(forbidden)).toMatchObject({ type: 'permission_error', code: 'access_denied' });
    expect(errorOf(forbidden).message).toMatch(/^Insufficient permissions for this model/);
    for (const id of ['nothing', 'Simulator', 'simulator%20', 'a%2Fb', '%00']) {
      const missing = await maas.call(`/v1/models/${id}`, { token: free });
      expect(missing.status).toBe(404);
      expect(errorOf(missing)).toMatchObject({ type: 'invalid_request_error', code: 'model_not_found' });
      expect(errorOf(missing).message).toMatch(/^The model `.*` does not exist/);
    }
  });
});

describe('a public URL', () => {
  beforeAll(() => start({ PUBLIC_URL: 'https://maas.example.com/' }));
  afterAll(() => maas.stop());

  it('is what every model’s URLs begin with, whatever host was asked', async () => {
    expect((await list())[0]).toMatchObject({
      url: 'https://maas.example.com/simulator/v1/chat/completions',
      base_url: 'https://maas.example.com/simulator/v1',
    });
  });
});
