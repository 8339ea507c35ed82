import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { ChangeFeedService } from '../src/database/change-feed.service.js';
import { MetricsServer } from '../src/metrics/metrics-server.service.js';
import { SnapshotService } from '../src/snapshot/snapshot.service.js';
import { type Exposition, parseExposition } from './exposition.js';
import { answerBriefly, type FakeModel, startFakeModel } from './fake-model.js';
import { chat, type Harness, startHarness } from './harness.js';
import { chunk, DONE, eventually, openAnswer, usageChunk } from './streams.js';

let maas: Harness;
let backend: FakeModel;
let token: string;
let before: Exposition;

const address = () => maas.nest.get(MetricsServer).url ?? '';
const scrape = async () => parseExposition(await (await fetch(`${address()}/metrics`)).text());
const ask = (fields: object = {}, path = '/v1/chat/completions') =>
  maas.call(path, { token, body: chat('hi', { model: 'fake', ...fields }) });
/** How much a sum has grown since the beginning of the test. */
const grown = async (name: string, labels: Record<string, string> = {}) =>
  (await scrape()).sum(name, labels) - before.sum(name, labels);

/** What a request came to is counted after its answer. */
const counted = (requests: number) =>
  eventually(async () => (await grown('maas_requests_total')) >= requests, `${requests} requests are counted`);

beforeAll(async () => {
  maas = await startHarness({ METRICS_PORT: '0' });
  backend = await startFakeModel();
  await maas.addModel('fake', backend.url, { maxOutputTokens: 1000 });
  await maas.admin('/tiers/enterprise', {
    method: 'PATCH',
    body: { requestsPerMinute: 20, tokensPerMinute: 1_000_000 },
  });
  token = await maas.accessToken('enterprise');
});
afterAll(async () => {
  await backend.close();
  await maas.stop();
});
beforeEach(async () => {
  backend.behave(answerBriefly);
  maas.clock.turn(60_000);
  before = await scrape();
});

describe('the port of metrics', () => {
  it('is not the public one, which serves none', async () => {
    expect(address()).not.toBe(maas.url);
    expect((await maas.call('/metrics')).status).toBe(404);
    expect((await maas.call('/metrics', { headers: { accept: 'text/html' } })).text).not.toContain('maas_');
    expect((await maas.call('/livez')).status).toBe(404);
  });

  it('serves metrics and probes, and nothing else', async () => {
    const status = async (path: string, method = 'GET') => (await fetch(`${address()}${path}`, { method })).status;
    expect(await status('/metrics?x=1')).toBe(200);
    expect(await status('/metrics', 'HEAD')).toBe(200);
    expect(await status('/metrics', 'POST')).toBe(405);
    expect(await status('/livez')).toBe(200);
    expect(await status('/maas-api/v1/tokens')).toBe(404);
    expect(await status('/')).toBe(404);
  });

  it('says in which format it writes', async () => {
    const { headers } = await fetch(`${address()}/metrics`);
    expect(headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  });

  it('answers whether the process is ready as the public port does', async () => {
    const answer = await fetch(`${address()}/readyz`);
    const inPublic = await maas.call('/readyz');
    expect(answer.status).toBe(inPublic.status);
    expect(await answer.json()).toEqual(inPublic.body);
    expect(inPublic.body).toMatchObject({ status: 'ready' });
  });
});

describe('what is counted of requests', () => {
  it('is as many as were sent, with their tokens, by model, tier, endpoint and status', async () => {
    await Promise.all(Array.from({ length: 7 }, () => ask()));
    await ask({}, '/v1/embeddings');
    await ask({}, '/v1/somebody/invents');
    const labels = { model: 'fake', tier: 'enterprise' };
    const requests = { ...labels, code: '200' };
    await counted(9);
    expect(await grown('maas_requests_total', { ...requests, endpoint: 'chat/completions' })).toBe(7);
    expect(await grown('maas_requests_total', { ...requests, endpoint: 'embeddings' })).toBe(1);
    expect(await grown('maas_requests_total', { ...requests, endpoint: 'other' })).toBe(1);
    expect(await grown('maas_prompt_tokens_total', labels)).toBe(45);
    expect(await grown('maas_completion_tokens_total', labels)).toBe(18);
    expect(await grown('maas_request_duration_seconds_count', { model: 'fake' })).toBe(9);
    expect(await grown('maas_time_to_first_token_seconds_count')).toBe(0);
  });

  it('has how long a stream took, to its first token and for each one after it', async () => {
    const asked = Promise.withResolvers<ServerResponse>();
    backend.behave((_request, response) => asked.resolve(response));
    const body = chat('hi', { model: 'fake', stream: true });
    const opened = openAnswer(`${maas.url}/v1/chat/completions`, token, body);
    const response = await asked.promise;
    maas.clock.turn(250);
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write(chunk('Hello'));
    const answer = await opened;
    await answer.nextFrame();
    maas.clock.turn(1000);
    response.end(chunk(' there') + usageChunk(5, 11) + DONE);
    await answer.rest();
    await counted(1);
    const seconds = async (name: string) => grown(`${name}_sum`, { model: 'fake' });
    expect(await seconds('maas_time_to_first_token_seconds')).toBeCloseTo(0.25);
    expect(await seconds('maas_request_duration_seconds')).toBeCloseTo(1.25);
    expect(await seconds('maas_time_per_output_token_seconds')).toBeCloseTo(0.1);
    const bucket = (le: string) => grown('maas_time_to_first_token_seconds_bucket', { model: 'fake', le });
    expect([await bucket('0.1'), await bucket('0.25'), await bucket('+Inf')]).toEqual([0, 1, 1]);
  });

  it('has what was refused, with the limit where it was one', async () => {
    const answers = await Promise.all(Array.from({ length: 25 }, () => ask()));
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(5);
    await maas.call('/v1/chat/completions', { token: 'nonsense', body: chat('hi') });
    await ask({ model: 'there-is-none' });
    const refused = { model: 'fake', tier: 'enterprise' };
    await counted(27);
    expect(await grown('maas_requests_total', { ...refused, code: '429' })).toBe(5);
    expect(await grown('maas_limit_refusals_total', { ...refused, limit: 'requests' })).toBe(5);
    expect(await grown('maas_requests_total', { model: '', tier: '', code: '401' })).toBe(1);
    expect(await grown('maas_requests_total', { model: '', tier: 'enterprise', code: '404' })).toBe(1);
  });

  it('has no request that only asks how the limits stand, and each one that ended badly once', async () => {
    // New, so that no probe has found it out yet.
    await maas.addModel('gone', 'http://127.0.0.1:9/v1');
    await maas.call('/v1/chat/completions', { method: 'HEAD', token });
    await maas.call('/v1/chat/completions', { method: 'OPTIONS' });
    expect((await ask({ model: 'gone' })).status).toBe(503);
    await counted(1);
    expect(await grown('maas_requests_total', { model: 'gone', code: '503' })).toBe(1);
    expect(await grown('maas_backend_errors_total', { model: 'gone', kind: 'connect' })).toBe(1);
  });

  it('has those of the control plane by their route', async () => {
    const labels = { method: 'GET', route: '/maas-api/v1/admin/models/:id', code: '200' };
    await maas.admin('/models/fake');
    await maas.admin('/models/gone');
    await maas.call('/nothing/is/here');
    await maas.call('/v1/models', { token });
    const requests = 'maas_control_requests_total';
    await eventually(async () => (await grown(requests)) >= 4, 'requests are counted');
    expect(await grown(requests, labels)).toBe(2);
    expect(await grown(requests, { route: 'other', code: '404' })).toBe(1);
    expect(await grown(requests, { route: '/v1/models', code: '200' })).toBe(1);
    expect(await grown('maas_control_request_duration_seconds_count', { route: labels.route })).toBe(2);
  });
});

describe('what is said of the process', () => {
  it('counts the requests that are under way, in all and at each backend', async () => {
    const asked = Promise.withResolvers<ServerResponse>();
    backend.behave((_request, response) => asked.resolve(response));
    const answer = ask();
    const response = await asked.promise;
    const during = await scrape();
    expect(during.value('maas_inflight_requests')).toBe(1);
    expect(during.value('maas_backend_inflight_requests', { model: 'fake' })).toBe(1);
    expect(during.value('maas_inflight_request_bytes')).toBeGreaterThan(0);
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    await answer;
    await eventually(async () => (await scrape()).value('maas_inflight_requests') === 0, 'nothing is under way');
  });

  it('has the state of every backend, and why requests failed there', async () => {
    const { origin } = new URL(backend.url);
    const state = (said: Exposition, model: string, name: string) =>
      said.value('maas_backend_state', { model, state: name });
    expect(state(before, 'fake', 'closed')).toBe(1);
    expect(before.value('maas_backend_info', { model: 'fake', origin })).toBe(1);
    backend.behave((_request, response) => response.writeHead(500).end());
    await eventually(async () => {
      await ask();
      return state(await scrape(), 'fake', 'open') === 1;
    }, 'the backend is left alone');
    const during = await scrape();
    expect([state(during, 'fake', 'closed'), state(during, 'fake', 'half-open')]).toEqual([0, 0]);
    expect(during.value('maas_model_ready', { model: 'fake' })).toBe(0);
    expect(during.sum('maas_backend_errors_total', { model: 'fake', kind: 'status_500' })).toBeGreaterThan(0);
    backend.behave(answerBriefly);
    await eventually(async () => {
      maas.clock.turn(10_000);
      return (await ask()).status === 200;
    }, 'the backend is tried again');
    expect(state(await scrape(), 'fake', 'closed')).toBe(1);
  });

  it('has usage, limits, the database, what is known of it, and what runs', async () => {
    maas.nest.get(SnapshotService).start();
    await eventually(
      async () => (await scrape()).value('maas_snapshot_age_seconds') !== undefined,
      'a snapshot is there',
    );
    await maas.flushUsage();
    const said = await scrape();
    const values = Object.fromEntries(said.series.map(({ name, value }) => [name, value]));
    expect(values).toMatchObject({
      maas_usage_backlog_rows: 0,
      maas_usage_rows_at_risk: 0,
      maas_usage_lost_rows_total: 0,
      maas_usage_journal_writable: 1,
      maas_usage_accepting: 1,
      maas_database_up: 1,
      maas_limiter_uncounted_admissions_total: 0,
      maas_limiter_timeouts_total: 0,
      maas_limiter_conflict: 0,
      maas_key_problems: 0,
      maas_build_info: 1,
    });
    expect(said.value('maas_limiter_state', { mode: 'process', state: 'process' })).toBe(1);
    expect(said.sum('maas_limiter_state')).toBe(1);
    expect(said.value('maas_overload_refusals_total', { reason: 'requests' })).toBe(0);
    expect(said.value('process_cpu_seconds_total')).toBeGreaterThan(0);
    expect(said.value('nodejs_heap_size_used_bytes')).toBeGreaterThan(0);
    const delay = async () => (await scrape()).value('nodejs_eventloop_lag_p99_seconds') ?? 0;
    await eventually(async () => (await delay()) > 0, 'the delay of the event loop is known');
  });

  it('says for how long what is in memory has not been compared with the database', async () => {
    await maas.nest.get(ChangeFeedService).catchUp();
    expect((await scrape()).value('maas_change_feed_lag_seconds')).toBe(0);
  });

  it('leads to no person and no token', async () => {
    await ask();
    await counted(1);
    const text = await (await fetch(`${address()}/metrics`)).text();
    const labels = new Set(parseExposition(text).series.flatMap((each) => Object.keys(each.labels)));
    expect([...labels].filter((label) => /user|person|token|jti|group|key/i.test(label))).toEqual([]);
    const users = await maas.admin<{ data: { id: string }[] }>('/users?limit=100');
    const tokens = await maas.admin<{ data: { id: string }[] }>('/tokens?limit=100');
    const ids = [...users.body.data, ...tokens.body.data].map(({ id }) => id);
    expect(ids.length).toBeGreaterThan(2);
    expect(ids.filter((id) => text.includes(id))).toEqual([]);
    expect(text).not.toContain(token.slice(0, 20));
  });
});

describe('with 1,000 models', () => {
  const models = Array.from({ length: 1000 }, (_, index) => `many-${index + 1}`);

  beforeAll(async () => {
    const database = new pg.Client({ connectionString: maas.databaseUrl });
    await database.connect();
    await database.query(`
      INSERT INTO model (id, name, owned_by, capabilities, created_at, updated_at)
        SELECT 'many-' || n, 'Many', 'us', '{}', now(), now() FROM generate_series(1, 1000) AS n`);
    await database.query(
      `INSERT INTO backend (id, model_id, url, created_at, updated_at)
        SELECT gen_random_uuid(), 'many-' || n, $1, now(), now() FROM generate_series(1, 1000) AS n`,
      [backend.url],
    );
    await database.query(
      `INSERT INTO model_tier (model_id, tier_name) SELECT 'many-' || n, 'enterprise' FROM generate_series(1, 1000) AS n`,
    );
    await database.end();
    await maas.admin('/tiers/enterprise', {
      method: 'PATCH',
      body: { requestsPerMinute: null, tokensPerMinute: null },
    });
    await maas.addModel('last', backend.url);
  });

  it('a scrape has all of them, and what each was asked', async () => {
    for (let first = 0; first < models.length; first += 50) {
      await Promise.all(models.slice(first, first + 50).map((model) => ask({ model })));
    }
    await counted(1000);
    const text = await (await fetch(`${address()}/metrics`)).text();
    const { series } = parseExposition(text);
    const ofModels = (name: string) =>
      series.filter((each) => each.name === name && each.labels['model']?.startsWith('many-'));
    expect(ofModels('maas_model_ready')).toHaveLength(1000);
    expect(ofModels('maas_backend_state')).toHaveLength(3000);
    expect(ofModels('maas_requests_total').map(({ value }) => value)).toEqual(models.map(() => 1));
    expect(ofModels('maas_request_duration_seconds_count')).toHaveLength(1000);
  });
});
