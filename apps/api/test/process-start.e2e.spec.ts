import { existsSync, mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { LoginResult } from '@maas/contracts/auth';
import type { CreatedToken } from '@maas/contracts/tokens';
import { createTestDatabase, type TestDatabase } from '@maas/database/test-database';
import { createSimulator, type Simulator } from '@maas/simulator/server';
import pg from 'pg';
import { type FakeKubernetes, REVIEWER_TOKEN, reviewing, startFakeKubernetes } from './fake-kubernetes.js';
import { PASSWORD } from './harness.js';
import { call, chat, killAll, type MaasProcess, runMaas, startMaas } from './process-maas.js';

let simulator: Simulator;
let database: TestDatabase;
let dataDir: string;

const environment = (fields: Record<string, string> = {}) => ({
  DATABASE_URL: database.url,
  MAAS_DATA_DIR: dataDir,
  SIMULATOR_URL: simulator.url,
  ...fields,
});

beforeAll(async () => {
  simulator = createSimulator();
  await simulator.listen();
  database = await createTestDatabase(process.env['MAAS_TEST_POSTGRES'] ?? '');
  dataDir = mkdtempSync(join(tmpdir(), 'maas-start-'));
});
afterAll(async () => {
  killAll();
  await database.drop();
  await simulator.close();
  await rm(dataDir, { recursive: true });
});

async function query(sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await client.query(sql);
  await client.end();
}

describe('a process that logs all it can', () => {
  const CANARY = {
    clusterToken: 'sha256~cluster-canary-77aa',
    refusedToken: 'sha256~refused-canary-77ab',
    brokenToken: 'sha256~broken-canary-77ac',
    password: 'password-canary-77ad',
    wrongPassword: 'wrong-password-canary-77ae',
    credential: 'sk-credential-canary-77af',
    prompt: 'prompt-canary-77b0',
  };

  let admin: string;
  const administer = (where: MaasProcess, path: string, body: object) =>
    call(where, `/maas-api/v1/admin${path}`, { token: admin, body });

  it('logs no token, password, credential or prompt, whatever goes right or wrong', async () => {
    const kubernetes = await startFakeKubernetes();
    const logging = await startMaas(environment({ LOG_LEVEL: 'trace', KUBERNETES_AUTH: kubernetes.kubeconfig }));
    const body = { secret: logging.setupSecret, username: 'root', password: PASSWORD };
    admin = (await call<LoginResult>(logging, '/maas-api/v1/setup', { body })).body.token;
    const tokens = await signInAllWays(logging, kubernetes);
    await inferAllWays(logging, tokens);
    await query('ALTER TABLE audit_entry RENAME TO audit_entry_away');
    try {
      const never = { username: 'never', password: CANARY.password };
      expect((await administer(logging, '/users', never)).status).toBe(500);
      const minted = await call(logging, '/maas-api/v1/tokens', { method: 'POST', token: admin });
      expect(minted.status).toBe(500);
    } finally {
      await query('ALTER TABLE audit_entry_away RENAME TO audit_entry');
    }
    logging.signal('SIGTERM');
    expect((await logging.ended).code).toBe(0);
    await kubernetes.close();
    const output = logging.output();
    for (const said of ['A token cannot be reviewed', 'internal_error', 'upstream_']) {
      expect([said, output.includes(said)]).toEqual([said, true]);
    }
    const secrets = [
      ...Object.values(CANARY),
      REVIEWER_TOKEN,
      new URL(database.url).password,
      '$argon2',
      'canary',
      'eyJ',
    ];
    for (const secret of [...secrets, ...tokens.flatMap((token) => token.split('.'))]) {
      expect([secret, output.includes(secret)]).toEqual([secret, false]);
      const encoded = Buffer.from(secret).toString('base64').slice(0, -4);
      expect([secret, encoded.length > 8 && output.includes(encoded)]).toEqual([secret, false]);
    }
  });

  /** @returns tokens that were given */
  async function signInAllWays(logging: MaasProcess, kubernetes: FakeKubernetes): Promise<string[]> {
    const me = (token: string) => call(logging, '/maas-api/v1/me', { token });
    kubernetes.answer(reviewing({ authenticated: true, user: { username: 'logged', groups: ['enterprise-users'] } }));
    expect((await me(CANARY.clusterToken)).status).toBe(200);
    kubernetes.answer(reviewing({ authenticated: false, error: CANARY.refusedToken }));
    expect((await me(CANARY.refusedToken)).status).toBe(401);
    kubernetes.answer((_review, response) => response.writeHead(500).end(CANARY.brokenToken));
    expect((await me(CANARY.brokenToken)).status).toBe(503);
    await kubernetes.stop();
    expect((await me(CANARY.brokenToken)).status).toBe(503);
    await administer(logging, '/users', { username: 'quiet', password: CANARY.password });
    const signIn = (password: string) =>
      call<LoginResult>(logging, '/maas-api/v1/login', { body: { username: 'quiet', password } });
    expect((await signIn(CANARY.wrongPassword)).status).toBe(401);
    const { token } = (await signIn(CANARY.password)).body;
    const minted = await call<CreatedToken>(logging, '/maas-api/v1/tokens', {
      method: 'POST',
      token: CANARY.clusterToken,
    });
    expect(minted.status).toBe(201);
    return [token, minted.body.token, admin];
  }

  async function inferAllWays(logging: MaasProcess, [identity = '', access = '']: string[]): Promise<void> {
    const model = {
      id: 'unreachable',
      name: 'Unreachable',
      tiers: ['enterprise'],
      backends: [{ url: 'http://127.0.0.1:9', credential: CANARY.credential }],
    };
    expect((await administer(logging, '/models', model)).status).toBe(201);
    const messages = [{ role: 'user', content: CANARY.prompt }];
    const infer = async (token: string, fields: object) =>
      (await call(logging, '/v1/chat/completions', { token, body: chat({ messages, ...fields }) })).status;
    expect(await infer(access, {})).toBe(200);
    expect(await infer(access, { stream: true })).toBe(200);
    expect(await infer(identity, {})).toBe(401);
    expect(await infer(access, { model: CANARY.prompt })).toBe(404);
    expect(await infer(access, { max_tokens: CANARY.prompt })).toBe(400);
    expect(await infer(access, { model: 'unreachable' })).toBe(503);
    expect(await infer(access, { simulator: { fault: 'cut' } })).toBe(502);
    expect(await infer(access, { simulator: { fault: 'cut' }, stream: true })).toBe(200);
    await call(logging, `/maas-api/v1/tokens/${access}`, { method: 'DELETE', token: identity });
    await call(logging, `/v1/models/${encodeURIComponent(access)}`, { token: access });
  }
});

async function takenPort() {
  const squatter = createServer();
  await new Promise<void>((resolve) => squatter.listen(0, '127.0.0.1', resolve));
  return { port: (squatter.address() as AddressInfo).port, squatter };
}

describe('a process that cannot start', () => {
  it('because its port is taken says which, and ends with 1', async () => {
    const { port, squatter } = await takenPort();
    const { code, stderr } = await runMaas(environment({ PORT: String(port), HOST: '127.0.0.1' }));
    squatter.close();
    expect(code).toBe(1);
    expect(stderr).toBe(`Port ${port} is in use by another program; stop it or set PORT to another one\n`);
  });

  it('because its port is taken has begun nothing that only a first start tells, such as a password', async () => {
    const { port, squatter } = await takenPort();
    const folder = join(mkdtempSync(join(tmpdir(), 'maas-taken-')), 'data');
    const fields = { MAAS_DATA_DIR: folder, HOST: '127.0.0.1' };
    const ending = await runMaas({ ...fields, PORT: String(port) });
    squatter.close();
    expect([ending.code, ending.stderr, existsSync(folder)]).toEqual([
      1,
      `Port ${port} is in use by another program; stop it or set PORT to another one\n`,
      false,
    ]);
  });

  it.each<[string, () => Record<string, string>, RegExp]>([
    [
      'its host is no name',
      () => ({ HOST: 'no.such.host.invalid' }),
      /^Nothing can listen on no\.such\.host\.invalid \(E[A-Z_]+\); set HOST to an address of this machine, or leave it out\n$/,
    ],
    [
      'its host is another machine',
      () => ({ HOST: '203.0.113.1' }),
      /^Nothing can listen on 203\.0\.113\.1 \(EADDRNOTAVAIL\); set HOST to an address/,
    ],
    [
      'its data folder is a file',
      () => ({ MAAS_DATA_DIR: fileURLToPath(import.meta.url) }),
      /^MAAS_DATA_DIR is \S+, which is no folder \(E[A-Z]+\): set it to one\n$/,
    ],
  ])('because %s says what to set, and ends with 1', async (_what, fields, message) => {
    const { code, stderr } = await runMaas({ PORT: '0', HOST: '127.0.0.1', ...fields() });
    expect(stderr).toMatch(message);
    expect(code).toBe(1);
  });

  it('because the port of its metrics is taken says which', async () => {
    const { port, squatter } = await takenPort();
    const { code, stderr } = await runMaas(environment({ METRICS_PORT: String(port), HOST: '127.0.0.1' }));
    squatter.close();
    expect([code, stderr]).toEqual([
      1,
      `Port ${port} is in use by another program; stop it or set METRICS_PORT to another one\n`,
    ]);
  });

  it('lists everything that is wrong with its environment, shows no value, and ends with 1', async () => {
    const CANARY = 'canary-0451';
    const { code, stdout, stderr } = await runMaas({
      PORT: '99999',
      PUBLIC_URL: `ftp://${CANARY}`,
      DATABASE_URL: `mysql://user:${CANARY}@127.0.0.1/maas`,
      REDIS_URL: `http://${CANARY}`,
      MAAS_DEMO_PASSWORD: 'canary',
      SIMULATOR_URL: CANARY,
      TLS_CERT_FILE: `/${CANARY}`,
      LOG_LEVEL: CANARY,
      TOKEN_MAX_LIFETIME: CANARY,
      ENCRYPTION_KEY: CANARY,
      TRUST_PROXY: CANARY,
      LOGIN_ATTEMPTS_PER_MINUTE: '0',
      MAX_REQUEST_BYTES: CANARY,
      DRAIN_TIMEOUT: '-1s',
      KUBERNETES_AUDIENCES_FILE: `/nowhere/${CANARY}`,
    });
    expect([code, stdout]).toEqual([1, '']);
    const [title, ...problems] = stderr.trimEnd().split('\n');
    expect(title).toBe('The environment is not usable:');
    expect(problems.map((line) => /^ {2}- (\w+) /.exec(line)?.[1] ?? line).sort()).toEqual([
      'DATABASE_URL',
      'DRAIN_TIMEOUT',
      'ENCRYPTION_KEY',
      'KUBERNETES_AUDIENCES_FILE',
      'LOGIN_ATTEMPTS_PER_MINUTE',
      'LOG_LEVEL',
      'MAAS_DEMO_PASSWORD',
      'MAX_REQUEST_BYTES',
      'PORT',
      'PUBLIC_URL',
      'REDIS_URL',
      'SIMULATOR_URL',
      'TLS_CERT_FILE',
      'TOKEN_MAX_LIFETIME',
      'TRUST_PROXY',
    ]);
    expect(stderr).not.toContain('canary');
    expect(stderr).not.toContain('99999');
  });

  it('because its database refuses it says so without the password, and ends with 1', async () => {
    const refused = new URL(database.url);
    refused.password = 'canary-0451';
    const absent = new URL(database.url);
    absent.pathname = '/nowhere';
    for (const [url, said] of [
      [refused, 'password authentication failed'],
      [absent, 'database "nowhere" does not exist'],
    ] as const) {
      const { code, stderr } = await runMaas({ DATABASE_URL: url.href });
      expect(code).toBe(1);
      expect(stderr).toContain('DATABASE_URL');
      expect(stderr).toContain(said);
      expect(stderr).not.toContain('canary');
      expect(stderr).not.toMatch(/^ {4}at /m);
    }
  });

  it('because of a file or a key that cannot be used names the setting, without a stack, and ends with 1', async () => {
    const wrong = [
      { TLS_CERT_FILE: '/nowhere/cert.pem', TLS_KEY_FILE: '/nowhere/key.pem' },
      { KUBERNETES_AUTH: '/nowhere/kubeconfig' },
      { KUBERNETES_AUTH: 'in-cluster' },
      { SIGNING_KEYS_FILE: '/nowhere/keys.json' },
      { ENCRYPTION_KEY: `a:${Buffer.alloc(32, 1).toString('base64')}` },
    ];
    const endings = await Promise.all(wrong.map((fields) => runMaas(environment({ PORT: '0', ...fields }))));
    for (const [index, { code, stderr }] of endings.entries()) {
      const [name] = Object.keys(wrong[index] ?? {});
      expect([name, code, stderr.startsWith(name ?? '?'), stderr.trimEnd().split('\n').length]).toEqual([
        name,
        1,
        true,
        1,
      ]);
    }
  });
});
