import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { LoginResult } from '@maas/contracts/auth';
import type { ErrorBody } from '@maas/contracts/errors';
import type { ModelList } from '@maas/contracts/models';
import type { CreatedToken } from '@maas/contracts/tokens';
import pg from 'pg';
import { ComposeBalancer, hasBalancer } from './compose-balancer.js';
import { DividedInstallation } from './divided-installation.js';
import { PASSWORD } from './harness.js';
import { call, chat, type MaasProcess, runMaas } from './process-maas.js';
import { eventually } from './streams.js';

const migrateProgram = fileURLToPath(new URL('../dist/migrate.js', import.meta.url));

let installation: DividedInstallation;
let migrated: string;
let gateway: MaasProcess;
let api: MaasProcess;
let balancer: ComposeBalancer | undefined;
let identity: string;
let access: CreatedToken;

beforeAll(async () => {
  installation = await DividedInstallation.create();
  const env = { PATH: process.env['PATH'], DATABASE_URL: installation.databaseUrl };
  migrated = (await promisify(execFile)(process.execPath, [migrateProgram], { env })).stdout;
  // Whoever comes first: a gateway needs no control plane to start.
  gateway = await installation.start('gateway');
  api = await installation.start('api');
});
afterAll(async () => {
  await balancer?.kill();
  await installation.remove();
});

async function rows<Row>(sql: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: installation.databaseUrl });
  await client.connect();
  try {
    return (await client.query(sql)).rows as Row[];
  } finally {
    await client.end();
  }
}

describe('a gateway and a control plane on one database', () => {
  it('find it migrated by the job, and the control plane alone installs', () => {
    expect(migrated).toContain('The database is up to date');
    expect(gateway.setupSecret).toBeUndefined();
    expect(gateway.output()).not.toContain('/docs');
    expect(api.setupSecret).toMatch(/^\S{20,}$/);
  });

  it('are both ready', async () => {
    for (const where of [gateway, api]) expect((await call(where, '/readyz')).status).toBe(200);
  });

  it('serve the guide: sign in and get a token at one, list the models and ask them at the other', async () => {
    const administrator = { username: 'root', password: PASSWORD };
    const setup = await call<LoginResult>(api, '/maas-api/v1/setup', {
      body: { secret: api.setupSecret, ...administrator },
    });
    const user = { username: 'jane', password: PASSWORD, groups: ['enterprise-users'] };
    await call(api, '/maas-api/v1/admin/users', { token: setup.body.token, body: user });
    const { username, password } = user;
    identity = (await call<LoginResult>(api, '/maas-api/v1/login', { body: { username, password } })).body.token;
    access = (await call<CreatedToken>(api, '/maas-api/v1/tokens', { method: 'POST', token: identity })).body;
    const list = () => call<ModelList>(gateway, '/v1/models', { token: access.token });
    await eventually(async () => (await list()).body.data?.length === 2, 'the gateway knows both models');
    const { body } = await list();
    expect(body.data.map(({ url }) => url)).toContain(`${gateway.url}/simulator/v1/chat/completions`);
    for (const path of ['/v1/chat/completions', '/simulator/v1/chat/completions']) {
      expect((await call(gateway, path, { token: access.token, body: chat() })).status).toBe(200);
    }
    const stream = await call(gateway, '/v1/chat/completions', { token: access.token, body: chat({ stream: true }) });
    expect(stream.text.trimEnd().endsWith('data: [DONE]')).toBe(true);
  });

  it('meter at one what is reported at the other', async () => {
    const listed = () => call<{ data: unknown[] }>(api, '/maas-api/v1/usage/requests', { token: identity });
    await eventually(async () => (await listed()).body.data.length === 3, 'the rows of three requests');
    const tables = await rows<{ name: string }>(
      `SELECT relname AS name FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
       WHERE inhparent = 'usage_event'::regclass`,
    );
    expect(tables.length).toBeGreaterThan(2);
  });

  it.each([
    '/maas-api/v1/login',
    '/maas-api/v1/nothing',
    '/v1/tokens',
    '/simulator/v1/tokens',
    '/docs',
    '/%64ocs',
    '/.well-known/jwks.json',
    '/auth/oidc/callback',
  ])('the gateway says of %s that the control plane serves it', async (path) => {
    const { status, headers, body } = await call<ErrorBody>(gateway, path, { token: access.token });
    expect([status, body.error.code]).toEqual([404, 'not_found']);
    expect(body.error.message).toMatch(/MAAS_ROLE=gateway.*control plane/s);
    expect(headers.get('x-request-id')).toBeTruthy();
  });

  it.each(['/v1/chat/completions', '/simulator/v1/embeddings'])(
    'the control plane says of %s that a gateway serves it, whoever asks',
    async (path) => {
      for (const credential of [{}, { token: access.token }]) {
        const { status, body } = await call<ErrorBody>(api, path, { ...credential, body: chat() });
        expect([status, body.error.code]).toEqual([404, 'not_found']);
        expect(body.error.message).toMatch(/MAAS_ROLE=api.*gateway/s);
      }
    },
  );

  it("says so in Anthropic's form where that is expected", async () => {
    const { status, body } = await call<object>(api, '/v1/messages', { token: access.token, body: chat() });
    expect(status).toBe(404);
    expect(body).toMatchObject({ type: 'error', error: { type: 'not_found_error' } });
  });

  // Where there is no HAProxy the file is looked at by manifests.spec.ts alone.
  if (hasBalancer) {
    it('are one platform behind the balancer of docker-compose.yml', async () => {
      const front = (balancer = await ComposeBalancer.configure(installation.folder, [gateway.url], api.url));
      front.start();
      const status = async (path: string, options = {}) =>
        (await call(front, path, options).catch(() => undefined))?.status;
      const isServed = async () =>
        (await status('/readyz')) === 200 && (await status('/.well-known/jwks.json')) === 200;
      await eventually(isServed, 'the balancer serves');
      const login = await call<LoginResult>(front, '/maas-api/v1/login', {
        body: { username: 'jane', password: PASSWORD },
      });
      const path = '/v1/tokens';
      const { body } = await call<CreatedToken>(front, path, { method: 'POST', token: login.body.token });
      for (const each of ['/v1/chat/completions', '/simulator/v1/chat/completions']) {
        expect(await status(each, { token: body.token, body: chat() })).toBe(200);
      }
      expect(await status('/v1/models', { token: body.token })).toBe(200);
      expect(await status('/docs')).toBe(200);
    });
  }

  it('end at one a token that is revoked at the other', async () => {
    const path = `/maas-api/v1/tokens/${access.jti}`;
    expect((await call(api, path, { method: 'DELETE', token: identity })).status).toBeLessThan(300);
    // Not counted against a limit.
    const list = () => call(gateway, '/v1/models', { token: access.token });
    await eventually(async () => (await list()).status === 401, 'the gateway has heard of it');
  });

  it('inference goes on without the control plane', async () => {
    const { body } = await call<CreatedToken>(api, '/maas-api/v1/tokens', { method: 'POST', token: identity });
    api.signal('SIGTERM');
    expect((await api.ended).code).toBe(0);
    expect((await call(gateway, '/v1/chat/completions', { token: body.token, body: chat() })).status).toBe(200);
  });
});

it('a role of several needs a database that they share', async () => {
  const { code, stderr } = await runMaas({ MAAS_ROLE: 'gateway', MAAS_DATA_DIR: installation.folder });
  expect([code, stderr]).toEqual([1, expect.stringContaining('MAAS_ROLE is gateway, so DATABASE_URL must be set')]);
});
