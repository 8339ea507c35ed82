import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LoginResult } from '@maas/contracts/auth';
import type { CreatedToken } from '@maas/contracts/tokens';
import { dropTestDatabase } from '@maas/database/test-database';
import { createSimulator, type Simulator } from '@maas/simulator/server';
import { freePorts } from './free-ports.js';
import { PASSWORD } from './harness.js';
import {
  call,
  createEmptyDatabase,
  eventuallyUnlimited,
  killAll,
  type MaasProcess,
  startMaas,
} from './process-maas.js';
import { eventually, openAnswer } from './streams.js';

const haproxy = process.env['MAAS_TEST_HAPROXY'];

/** What became of one stream. */
export interface BalancedStream {
  readonly status: number;
  readonly pieces: number;
  readonly isWhole: boolean;
}

/** Several processes behind a load balancer, that are restarted one after the other. */
export class BalancedReplicas {
  private readonly simulator: Simulator = createSimulator();
  private readonly folder = mkdtempSync(join(tmpdir(), 'maas-rolling-'));
  private readonly replicas: MaasProcess[] = [];
  private databaseUrl = '';
  private ports: number[] = [];
  private balancer: ChildProcess | undefined;
  private front = '';
  private token = '';

  /** @param drainTimeout for streams that are under way, such as `20s` */
  private constructor(private readonly drainTimeout: string) {}

  static async start(count: number, drainTimeout: string): Promise<BalancedReplicas> {
    const started = new BalancedReplicas(drainTimeout);
    await started.launch(count);
    return started;
  }

  private async launch(count: number): Promise<void> {
    await this.simulator.listen();
    this.databaseUrl = await createEmptyDatabase(process.env['MAAS_TEST_POSTGRES'] ?? '');
    const [frontPort, ...others] = await freePorts(count + 1);
    this.ports = others;
    for (const port of this.ports) this.replicas.push(await this.startReplica(port));
    const file = join(this.folder, 'haproxy.cfg');
    writeFileSync(file, configuration(frontPort, this.ports));
    this.balancer = spawn(haproxy ?? 'haproxy', ['-db', '-f', file], { stdio: 'ignore' });
    this.front = `http://127.0.0.1:${frontPort}`;
    await eventually(
      async () => (await fetch(`${this.front}/readyz`).catch(() => undefined))?.status === 200,
      'the balancer serves',
    );
    this.token = await unlimitedToken(this.replicas[0]);
    await eventuallyUnlimited(this.replicas, this.token);
  }

  private startReplica(port: number): Promise<MaasProcess> {
    return startMaas({
      PORT: String(port),
      DATABASE_URL: this.databaseUrl,
      MAAS_DATA_DIR: this.folder,
      SIMULATOR_URL: this.simulator.url,
      // Longer than it takes the balancer to see it.
      DRAIN_DELAY: '1500ms',
      DRAIN_TIMEOUT: this.drainTimeout,
    });
  }

  /** Ends each as its service manager would, and starts it again, one after the other. @returns their exit codes */
  async restartAll(): Promise<(number | null)[]> {
    const codes: (number | null)[] = [];
    for (const [index, port] of this.ports.entries()) {
      const replica = this.replicas[index];
      replica?.signal('SIGTERM');
      codes.push((await replica?.ended)?.code ?? null);
      const next = await this.startReplica(port);
      this.replicas[index] = next;
      await eventually(async () => (await fetch(`${next.url}/readyz`)).status === 200, 'the new one is ready');
    }
    return codes;
  }

  /** Asks the balancer for a stream and reads it to its end. */
  async stream(tokens: number, tokenMilliseconds: number): Promise<BalancedStream> {
    const answer = await openAnswer(`${this.front}/v1/chat/completions`, this.token, {
      model: 'simulator',
      stream: true,
      messages: [{ role: 'user', content: 'Go on' }],
      simulator: { tokens, token_ms: tokenMilliseconds },
    });
    const text = await answer.rest();
    return {
      status: answer.message.statusCode ?? 0,
      pieces: text.match(/"delta":\{"content":"[^"]/g)?.length ?? 0,
      isWhole: text.trimEnd().endsWith('data: [DONE]'),
    };
  }

  /** Asks the balancer for a short answer. @returns its status */
  async ask(): Promise<number> {
    const response = await fetch(`${this.front}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${this.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'simulator', messages: [{ role: 'user', content: 'Hi' }], max_tokens: 5 }),
    });
    await response.arrayBuffer();
    return response.status;
  }

  async stop(): Promise<void> {
    killAll();
    this.balancer?.kill();
    await dropTestDatabase(this.databaseUrl);
    await this.simulator.close();
    await rm(this.folder, { recursive: true });
  }
}

/** As an operator would write it: health from /readyz, a refused connection is tried elsewhere. */
function configuration(frontPort: number | undefined, ports: readonly number[]): string {
  const servers = ports.map((port, index) => `  server maas${index} 127.0.0.1:${port} check inter 200 fall 1 rise 1`);
  return `global
  maxconn 1000
defaults
  mode http
  timeout connect 2s
  timeout client 60s
  timeout server 60s
  # A replica that is busy is not dead: without this it would have the 200 ms between two checks to answer one.
  timeout check 10s
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

async function unlimitedToken(replica: MaasProcess | undefined): Promise<string> {
  if (!replica) throw new Error('no replica');
  const made = await call<LoginResult>(replica, '/maas-api/v1/setup', {
    body: { secret: replica.setupSecret, username: 'root', password: PASSWORD },
  });
  const identity = made.body.token;
  await call(replica, '/maas-api/v1/admin/tiers/free', {
    token: identity,
    method: 'PATCH',
    body: { requestsPerMinute: null, tokensPerMinute: null },
  });
  return (await call<CreatedToken>(replica, '/maas-api/v1/tokens', { method: 'POST', token: identity })).body.token;
}
