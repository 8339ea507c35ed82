import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { LoginResult } from '@maas/contracts/auth';
import type { CreatedToken } from '@maas/contracts/tokens';
import { dropTestDatabase } from '@maas/database/test-database';
import { createSimulator, type Simulator } from '@maas/simulator/server';
import { PASSWORD } from './harness.js';
import { call, createEmptyDatabase, killAll, type MaasProcess, startMaas } from './process-maas.js';
import { eventually, openAnswer } from './streams.js';

const haproxy = process.env['MAAS_TEST_HAPROXY'];
const REPLICAS = 3;
const STREAM_TOKENS = 60;
const TOKEN_MILLISECONDS = 50;

let simulator: Simulator;
let databaseUrl: string;
let folder: string;
let ports: number[];
let replicas: MaasProcess[];
let balancer: ChildProcess;
let front: string;
let token: string;

/** Ports that are free now; each process keeps its own over its restarts, as a pod keeps its service. */
async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return server;
    }),
  );
  const found = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return found;
}

const startReplica = (port: number | undefined) =>
  startMaas({
    PORT: String(port),
    DATABASE_URL: databaseUrl,
    MAAS_DATA_DIR: folder,
    SIMULATOR_URL: simulator.url,
    // Longer than it takes the balancer to see it.
    DRAIN_DELAY: '1500ms',
    DRAIN_TIMEOUT: '20s',
  });

/** As an operator would write it: health from /readyz, a refused connection is tried elsewhere. */
function configuration(frontPort: number | undefined): string {
  const servers = ports.map((port, index) => `  server maas${index} 127.0.0.1:${port} check inter 200 fall 1 rise 1`);
  return `global
  maxconn 1000
defaults
  mode http
  timeout connect 2s
  timeout client 60s
  timeout server 60s
  retries 3
  option redispatch
frontend maas
  bind 127.0.0.1:${frontPort}
  default_backend replicas
backend replicas
  balance roundrobin
  option httpchk GET /readyz
  http-check expect status 200
${servers.join('\n')}
`;
}

beforeAll(async () => {
  if (haproxy === undefined) return;
  simulator = createSimulator();
  await simulator.listen();
  databaseUrl = await createEmptyDatabase(process.env['MAAS_TEST_POSTGRES'] ?? '');
  folder = mkdtempSync(join(tmpdir(), 'maas-rolling-'));
  const [frontPort, ...others] = await freePorts(REPLICAS + 1);
  ports = others;
  replicas = [];
  for (const port of ports) replicas.push(await startReplica(port));
  const file = join(folder, 'haproxy.cfg');
  writeFileSync(file, configuration(frontPort));
  balancer = spawn(haproxy, ['-db', '-f', file], { stdio: 'ignore' });
  front = `http://127.0.0.1:${frontPort}`;
  await eventually(
    async () => (await fetch(`${front}/readyz`).catch(() => undefined))?.status === 200,
    'the balancer serves',
  );
  token = await enterpriseToken();
}, 60_000);

afterAll(async () => {
  if (haproxy === undefined) return;
  killAll();
  balancer.kill();
  await dropTestDatabase(databaseUrl);
  await simulator.close();
  await rm(folder, { recursive: true });
});

async function enterpriseToken(): Promise<string> {
  const [first] = replicas;
  if (!first) throw new Error('no replica');
  const secret = first.setupSecret;
  const made = await call<LoginResult>(first, '/maas-api/v1/setup', {
    body: { secret, username: 'root', password: PASSWORD },
  });
  const identity = made.body.token;
  const admin = (path: string, method: string, body: object) =>
    call(first, `/maas-api/v1/admin${path}`, { token: identity, method, body });
  await admin('/tiers/free', 'PATCH', { requestsPerMinute: null, tokensPerMinute: null });
  return (await call<CreatedToken>(first, '/maas-api/v1/tokens', { method: 'POST', token: identity })).body.token;
}

interface Stream {
  readonly status: number;
  readonly pieces: number;
  readonly isWhole: boolean;
}

async function stream(): Promise<Stream> {
  const answer = await openAnswer(`${front}/v1/chat/completions`, token, {
    model: 'simulator',
    stream: true,
    messages: [{ role: 'user', content: 'Go on' }],
    simulator: { tokens: STREAM_TOKENS, token_ms: TOKEN_MILLISECONDS },
  });
  const text = await answer.rest();
  return {
    status: answer.message.statusCode ?? 0,
    pieces: text.match(/"delta":\{"content":"[^"]/g)?.length ?? 0,
    isWhole: text.trimEnd().endsWith('data: [DONE]'),
  };
}

async function ask(): Promise<number> {
  const response = await fetch(`${front}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'simulator', messages: [{ role: 'user', content: 'Hi' }], max_tokens: 5 }),
  });
  await response.arrayBuffer();
  return response.status;
}

(haproxy === undefined ? describe.skip : describe)('a rolling restart of three behind a load balancer', () => {
  it('cuts no stream and refuses no request', async () => {
    const streams: Promise<Stream>[] = [];
    const answers: Promise<number | string>[] = [];
    // Twenty requests a second, and four streams of three seconds at any time, whatever the replicas do.
    const asking = setInterval(() => answers.push(ask().catch(String)), 50);
    const streaming = setInterval(() => streams.push(stream()), 750);
    try {
      for (const [index, port] of ports.entries()) {
        const replica = replicas[index];
        replica?.signal('SIGTERM');
        expect((await replica?.ended)?.code).toBe(0);
        replicas[index] = await startReplica(port);
        const { url } = replicas[index];
        await eventually(async () => (await fetch(`${url}/readyz`)).status === 200, 'the new one is ready');
      }
    } finally {
      clearInterval(asking);
      clearInterval(streaming);
    }
    const statuses = await Promise.all(answers);
    expect(statuses.filter((status) => status !== 200)).toEqual([]);
    expect(statuses.length).toBeGreaterThan(100);
    const ended = await Promise.all(streams);
    expect(ended).toEqual(ended.map(() => ({ status: 200, pieces: STREAM_TOKENS, isWhole: true })));
    expect(ended.length).toBeGreaterThan(5);
  }, 120_000);
});
