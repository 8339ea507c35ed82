import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { LoginResult, User } from '@maas/contracts/auth';
import type { ErrorBody } from '@maas/contracts/errors';
import type { Model, ModelList } from '@maas/contracts/models';
import type { CreatedToken } from '@maas/contracts/tokens';
import { dropTestDatabase } from '@maas/database/test-database';
import { createSimulator, type Simulator } from '@maas/simulator/server';
import pg from 'pg';
import { isListening } from './free-ports.js';
import { PASSWORD } from './harness.js';
import { call, chat, createEmptyDatabase, killAll, type MaasProcess, startMaas } from './process-maas.js';
import { eventually } from './streams.js';

/**
 * Milliseconds until a change acts in another process: at most a second (contract), which the scorecard measures; here so
 * much that a machine that is busy with other suites does it too.
 */
const SOON = 15_000;

let simulator: Simulator;
let databaseUrl: string;
let dataDir: string;
let database: pg.Client;
let one: MaasProcess;
let other: MaasProcess;
let admin: string;

const environment = (fields: Record<string, string> = {}) => ({
  // A machine that is busy with other suites is no store that is away, and no overload.
  LIMITS_TIMEOUT: '10s',
  MAX_EVENT_LOOP_DELAY: '1h',
  DATABASE_URL: databaseUrl,
  MAAS_DATA_DIR: dataDir,
  SIMULATOR_URL: simulator.url,
  ...fields,
});

beforeAll(async () => {
  simulator = createSimulator();
  await simulator.listen();
  databaseUrl = await createEmptyDatabase(process.env['MAAS_TEST_POSTGRES'] ?? '');
  dataDir = mkdtempSync(join(tmpdir(), 'maas-processes-'));
  database = new pg.Client({ connectionString: databaseUrl });
  await database.connect();
  // Both at the same instant, on a database that has no table yet and a folder that has no key yet.
  [one, other] = await Promise.all([
    startMaas(environment()),
    startMaas(environment({ DRAIN_TIMEOUT: '1s', METRICS_PORT: '0' })),
  ]);
});
afterAll(async () => {
  killAll();
  await database.end();
  await dropTestDatabase(databaseUrl);
  await simulator.close();
  await rm(dataDir, { recursive: true });
});

const use = (where: MaasProcess, token: string) => call(where, '/v1/chat/completions', { token, body: chat() });
const administer = <Body>(where: MaasProcess, path: string, method: string, body?: object) =>
  call<Body>(where, `/maas-api/v1/admin${path}`, { token: admin, method, ...(body ? { body } : {}) });

async function count(table: string, where = 'true'): Promise<number> {
  const { rows } = await database.query<{ count: string }>(`SELECT count(*) FROM ${table} WHERE ${where}`);
  return Number(rows[0]?.count);
}

const soon = (holds: () => Promise<boolean>) => eventually(holds, 'it acts in the other process', SOON);

/** Whether a process takes no new connection. */
const refuses = async ({ url }: MaasProcess) => !(await isListening(Number(new URL(url).port)));

interface Member {
  id: string;
  identity: string;
  access: string;
}

async function member(username: string): Promise<Member> {
  const created = await administer<User>(one, '/users', 'POST', {
    username,
    password: PASSWORD,
    groups: ['enterprise-users'],
  });
  const login = await call<LoginResult>(one, '/maas-api/v1/login', { body: { username, password: PASSWORD } });
  const identity = login.body.token;
  const minted = await call<CreatedToken>(one, '/maas-api/v1/tokens', { method: 'POST', token: identity });
  const access = minted.body.token;
  await soon(async () => (await call(other, '/v1/models', { token: access })).status === 200);
  return { id: created.body.id, identity, access };
}

describe('two processes that start at once on an empty database', () => {
  it('are both ready, and put the first tiers and models there once', async () => {
    for (const process of [one, other]) expect((await call(process, '/readyz')).status).toBe(200);
    const { rows: tiers } = await database.query<{ name: string }>('SELECT name FROM tier ORDER BY level');
    expect(tiers.map(({ name }) => name)).toEqual(['free', 'premium', 'enterprise']);
    expect([await count('model'), await count('backend'), await count('model_tier')]).toEqual([2, 2, 5]);
    expect(await count('audit_entry', "action = 'tier.create'")).toBe(3);
    expect(await count('audit_entry', "action = 'model.create'")).toBe(2);
    expect(await count('app_user')).toBe(0);
  });

  it('share the keys in their folder', async () => {
    const keys = await Promise.all([one, other].map((process) => call(process, '/.well-known/jwks.json')));
    expect(keys[0]?.text).toBe(keys[1]?.text);
  });

  it('make one administrator between them, though each printed a link', async () => {
    const setup = (where: MaasProcess) =>
      call<LoginResult>(where, '/maas-api/v1/setup', {
        body: { secret: where.setupSecret, username: where === one ? 'root' : 'toor', password: PASSWORD },
      });
    const answers = await Promise.all([setup(one), setup(other)]);
    expect(answers.map(({ status }) => status).sort((a, b) => a - b)).toEqual([201, 403]);
    admin = answers.find(({ status }) => status === 201)?.body.token ?? '';
    for (const process of [one, other]) {
      await soon(async () => (await call(process, '/maas-api/v1/admin/tiers', { token: admin })).status === 200);
    }
  });
});

describe.each([
  ['while they are told of each other’s changes', false],
  ['while every notification between them is lost', true],
])('%s', (_how, lost) => {
  let cutting: NodeJS.Timeout | undefined;
  let cut = 0;

  beforeAll(() => {
    if (!lost) return;
    cutting = setInterval(async () => {
      const { rowCount } = await database.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE application_name = 'maas-listen' AND datname = current_database()`,
      );
      cut += rowCount ?? 0;
    }, 20);
  });
  afterAll(() => clearInterval(cutting));

  it('a revocation in one acts in the other within a second', async () => {
    const { access, identity } = await member(`revoked-${lost}`);
    expect((await use(other, access)).status).toBe(200);
    await call(one, '/maas-api/v1/tokens', { method: 'DELETE', token: identity });
    expect((await use(one, access)).status).toBe(401);
    await soon(async () => (await use(other, access)).status === 401);
  });

  it('a suspension and its end do', async () => {
    const { id, access } = await member(`suspended-${lost}`);
    for (const [suspended, status] of [
      [true, 403],
      [false, 200],
    ] as const) {
      await administer(one, `/users/${id}`, 'PATCH', { suspended });
      await soon(async () => (await call(other, '/v1/models', { token: access })).status === status);
    }
  });

  it('a change of a tier does, in either direction', async () => {
    const { access } = await member(`limited-${lost}`);
    for (const [where, elsewhere, requestsPerMinute] of [
      [one, other, 77],
      [other, one, 50],
    ] as const) {
      await administer(where, '/tiers/enterprise', 'PATCH', { requestsPerMinute });
      await soon(async () => {
        const answer = await call(elsewhere, '/v1/chat/completions', { method: 'HEAD', token: access });
        return answer.headers.get('x-ratelimit-limit-requests') === String(requestsPerMinute);
      });
    }
  });

  it('a model that comes, changes and goes does', async () => {
    const { access } = await member(`reader-${lost}`);
    const listed = async () => {
      const { body } = await call<ModelList>(other, '/v1/models', { token: access });
      return body.data.find(({ id }) => id === 'brief');
    };
    const model = { id: 'brief', name: 'First', tiers: ['enterprise'], backends: [{ url: simulator.url }] };
    const created = await administer<Model>(one, '/models', 'POST', model);
    expect(created.status).toBe(201);
    await soon(async () => (await listed())?.name === 'First');
    await administer(one, '/models/brief', 'PATCH', { name: 'Second' });
    await soon(async () => (await listed())?.name === 'Second');
    await administer(one, `/models/brief/backends/${created.body.backends[0]?.id}`, 'PATCH', { enabled: false });
    await soon(async () => (await listed())?.ready === false);
    await administer(one, '/models/brief', 'DELETE');
    await soon(async () => (await listed()) === undefined);
  });

  if (lost) {
    it('(their connections for it were cut again and again)', () => {
      expect(cut).toBeGreaterThan(2);
    });
  }
});

describe('a process that is told to end', () => {
  let user: Member;

  interface Stream {
    readonly status: number;
    /** Resolves with all of it. */
    readonly whole: Promise<string>;
    readonly begun: Promise<void>;
  }

  async function stream(
    where: MaasProcess,
    controls: object,
    path = '/v1/chat/completions',
    fields = {},
  ): Promise<Stream> {
    const response = await fetch(`${where.url}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${user.access}` },
      body: JSON.stringify(chat({ stream: true, simulator: controls, ...fields })),
    });
    let begin: () => void;
    const begun = new Promise<void>((resolve) => (begin = resolve));
    const read = async () => {
      let text = '';
      const decoder = new TextDecoder();
      for await (const chunk of response.body ?? []) {
        text += decoder.decode(chunk, { stream: true });
        begin();
      }
      return text;
    };
    return { status: response.status, whole: read(), begun };
  }

  /** Sends the head of a sign-in; what is returned sends the rest, and resolves with the status. */
  async function beginToSignIn({ url }: MaasProcess): Promise<() => Promise<number | undefined>> {
    const body = JSON.stringify({ username: 'streamer', password: PASSWORD });
    const headers = { expect: '100-continue', 'content-length': body.length };
    const request = httpRequest(`${url}/maas-api/v1/login`, { method: 'POST', agent: false, headers });
    const answered = new Promise<number | undefined>((resolve, reject) => {
      request.once('error', reject).once('response', (response) => {
        response.resume();
        resolve(response.statusCode);
      });
    });
    request.flushHeaders();
    // The server has the head once it asks for the rest.
    await new Promise<void>((resolve) => request.once('continue', resolve));
    return () => {
      request.end(body);
      return answered;
    };
  }

  const usage = async (condition: string) => {
    const { rows } = await database.query<
      Record<'requests' | 'prompt' | 'completion' | 'abandoned' | 'interrupted', number>
    >(
      `SELECT count(*)::int AS requests, coalesce(sum(prompt_tokens), 0)::int AS prompt,
         coalesce(sum(completion_tokens), 0)::int AS completion, count(*) FILTER (WHERE status = 499)::int AS abandoned,
         count(*) FILTER (WHERE status = 503)::int AS interrupted
       FROM usage_event WHERE ${condition}`,
    );
    return rows[0];
  };

  beforeAll(async () => {
    user = await member('streamer');
  });

  it('finishes every answer that has begun, takes no new one, writes all usage, and ends with 0', async () => {
    const before = simulator.stats();
    const streams = await Promise.all(
      Array.from({ length: 12 }, (_, index) => stream(one, { tokens: 30 + index, token_ms: 60 })),
    );
    const slow = call(one, '/v1/chat/completions', {
      token: user.access,
      body: chat({ simulator: { tokens: 9, ttft_ms: 1500 } }),
    });
    const signIn = await beginToSignIn(one);
    await Promise.all(streams.map(({ begun }) => begun));
    // All of them have reached the simulator; on a busy machine the first may be near their end by now.
    expect(new Set(streams.map(({ status }) => status))).toEqual(new Set([200]));
    await eventually(() => simulator.stats().requests - before.requests === 13, 'all have reached it');
    one.signal('SIGTERM');
    await eventually(() => refuses(one), 'it takes no new one');
    for (const [index, { status, whole }] of streams.entries()) {
      const text = await whole;
      expect([status, text.trimEnd().endsWith('data: [DONE]')]).toEqual([200, true]);
      expect(text.match(/"delta":\{"content":"[^"]/g)).toHaveLength(30 + index);
    }
    expect((await slow).status).toBe(200);
    // Not inference, and the last of all: it keeps the process as well.
    expect(await signIn()).toBe(200);
    expect((await one.ended).code).toBe(0);

    const after = simulator.stats();
    const produced = after.recent.slice(-13);
    expect(after.requests - before.requests).toBe(13);
    expect(await usage(`user_id = '${user.id}'`)).toEqual({
      requests: 13,
      prompt: produced.reduce((sum, { promptTokens }) => sum + promptTokens, 0),
      completion: after.tokens - before.tokens,
      abandoned: 0,
      interrupted: 0,
    });
    const { rows } = await database.query<{ requests: string; completion: string }>(
      `SELECT sum(requests) AS requests, sum(completion_tokens) AS completion FROM usage_hourly
       WHERE user_id = '${user.id}'`,
    );
    expect(rows[0]).toEqual({ requests: '13', completion: String(after.tokens - before.tokens) });
  });

  it('leaves the others alone', async () => {
    expect((await use(other, user.access)).status).toBe(200);
  });

  it('tells clients whose answers outlast DRAIN_TIMEOUT, each in their dialect, meters what was produced, ends with 0', async () => {
    const since = (await database.query<{ now: Date }>('SELECT now()')).rows[0]?.now.toISOString();
    const before = simulator.stats();
    // Slow enough that few are produced until the simulator hears of the end, on a busy machine too.
    const endless = await stream(other, { tokens: 10_000, token_ms: 1000 });
    const silent = call<ErrorBody>(other, '/v1/chat/completions', {
      token: user.access,
      body: chat({ simulator: { ttft_ms: 60_000 } }),
    });
    const message = await stream(other, { tokens: 10_000, token_ms: 1000 }, '/v1/messages', { max_tokens: 10_000 });
    await Promise.all([endless.begun, message.begun]);
    await eventually(() => simulator.stats().requests - before.requests === 3, 'all have reached it');
    const [, url = ''] = await other.wrote(/Metrics are at (\S+)\/metrics/);
    const probe = { url };
    expect((await call(probe, '/readyz')).status).toBe(200);
    const began = performance.now();
    other.signal('SIGTERM');
    // Nobody is sent here any more, though the public port is closed and says nothing.
    await eventually(async () => (await call(probe, '/readyz')).status === 503, 'it is not ready');
    const text = await endless.whole;
    expect(performance.now() - began).toBeGreaterThan(900);
    const [last] = text.trimEnd().split('\n\n').slice(-1);
    expect(last).toMatch(/^data: \{"error":\{"message":"The server is restarting.+"code":"service_unavailable"/);
    expect(text).not.toContain('[DONE]');
    const said = await message.whole;
    expect(said).toMatch(
      /\n\nevent: error\ndata: \{"type":"error","error":\{"type":"overloaded_error","message":"The server/,
    );
    expect(said).not.toContain('message_stop');
    const { status, headers, body } = await silent;
    expect([status, headers.get('retry-after'), body.error.code]).toEqual([503, '1', 'service_unavailable']);
    expect((await other.ended).code).toBe(0);
    const metered = await usage(`user_id = '${user.id}' AND created_at >= '${since}'`);
    expect(metered).toMatchObject({ requests: 3, abandoned: 0, interrupted: 3 });
    // What was on its way when the answer broke off was produced and not passed on.
    const { tokens } = simulator.stats();
    const passed = [text.match(/"delta":\{"content":"[^"]/g), said.match(/"text_delta","text":"[^"]/g)];
    expect(metered?.completion).toBe(passed.reduce((sum, pieces) => sum + (pieces?.length ?? 0), 0));
    expect(Math.abs((metered?.completion ?? 0) - (tokens - before.tokens))).toBeLessThanOrEqual(4);
  });

  it('by a signal that comes by two ways at once, as Ctrl-C does, ends well', async () => {
    const told = await startMaas(environment());
    const { begun, whole } = await stream(told, { tokens: 5, token_ms: 20 });
    await begun;
    told.signal('SIGINT');
    told.signal('SIGTERM');
    expect((await whole).endsWith('data: [DONE]\n\n')).toBe(true);
    expect((await told.ended).code).toBe(0);
  });

  it('a second time ends at once, with 1', async () => {
    const impatient = await startMaas(environment());
    expect(impatient.setupSecret).toBeUndefined();
    const endless = await stream(impatient, { tokens: 10_000, token_ms: 20 });
    await endless.begun;
    impatient.signal('SIGTERM');
    await eventually(() => refuses(impatient), 'it takes no new one');
    const again = setInterval(() => impatient.signal('SIGTERM'), 50);
    await expect(endless.whole).rejects.toThrow();
    const { code } = await impatient.ended;
    clearInterval(again);
    expect(code).toBe(1);
  });
});
