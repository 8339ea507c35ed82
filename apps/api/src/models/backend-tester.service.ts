import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Agent, request } from 'undici';
import type { BackendTest } from '@maas/contracts/backends';
import type { TestBackend } from '@maas/contracts/models';
import { type Actor, AuditService } from '../auth/audit.service.js';
import { CONFIG, type Config } from '../config.js';
import { UUID } from '../database/cursor.js';
import { DatabaseService } from '../database/database.service.js';
import { ApiError } from '../http/api-error.js';
import { Clock } from '../http/clock.js';
import { backendConnector } from './backend-connector.js';
import { type Asked, judge } from './backend-test.js';
import { CredentialVault } from './credential-vault.js';

/** Nobody waits longer in front of a form, however long models may take. */
const LONGEST_MILLISECONDS = 10_000;
const LARGEST_LIST = 4 * 1024 * 1024;

/** Asks backends for their models when an administrator wants to know, as the gateway would reach them. */
@Injectable()
export class BackendTester implements OnApplicationShutdown {
  private readonly agent: Agent;

  constructor(
    @Inject(CONFIG) config: Config,
    @Inject(DatabaseService) private readonly database: DatabaseService,
    @Inject(AuditService) private readonly audit: AuditService,
    @Inject(CredentialVault) private readonly vault: CredentialVault,
    @Inject(Clock) private readonly clock: Clock,
  ) {
    this.agent = new Agent({
      connect: backendConnector(config),
      headersTimeout: Math.min(config.UPSTREAM_FIRST_BYTE_TIMEOUT, LONGEST_MILLISECONDS),
      bodyTimeout: Math.min(config.UPSTREAM_IDLE_TIMEOUT, LONGEST_MILLISECONDS),
      pipelining: 0,
    });
  }

  async onApplicationShutdown(): Promise<void> {
    await this.agent.destroy();
  }

  /** Tries a backend that is not registered. */
  async test(actor: Actor, { url, credential, upstreamModel }: TestBackend): Promise<BackendTest> {
    const result = await this.ask(url, () => credential ?? null, upstreamModel ?? null);
    await this.record(actor, { targetType: 'backend', targetId: url }, url, result);
    return result;
  }

  /** @throws ApiError 404 when the model has no such backend */
  async testKnown(actor: Actor, modelId: string, id: string): Promise<BackendTest> {
    const backend = UUID.test(id) ? await this.database.client.backend.findFirst({ where: { id, modelId } }) : null;
    if (!backend) throw new ApiError('not_found', { message: 'This model has no such backend' });
    const { url, sealedCredential, upstreamModel } = backend;
    const result = await this.ask(url, () => this.opened(sealedCredential, id), upstreamModel ?? modelId);
    await this.record(actor, { targetType: 'model', targetId: modelId }, url, result);
    return result;
  }

  private opened(sealedCredential: string | null, id: string): string | null {
    if (sealedCredential === null) return null;
    try {
      return this.vault.open(sealedCredential, id);
    } catch (error) {
      throw Object.assign(error as Error, { code: 'MAAS_SEALED' });
    }
  }

  private async ask(url: string, credential: () => string | null, wanted: string | null): Promise<BackendTest> {
    const began = this.clock.monotonic();
    const asked = await this.send(url, credential);
    const latencyMs = Math.round(this.clock.monotonic() - began);
    return { object: 'backend_test', latencyMs, ...judge(asked, wanted) };
  }

  /** Redirects are not followed: undici does so only when told to. */
  private async send(url: string, credential: () => string | null): Promise<Asked> {
    try {
      const shown = credential();
      const { statusCode, body } = await request(`${url.replace(/\/+$/, '')}/models`, {
        dispatcher: this.agent,
        signal: AbortSignal.timeout(LONGEST_MILLISECONDS),
        headers: {
          'user-agent': 'maas-test',
          accept: 'application/json',
          'accept-encoding': 'identity',
          ...(shown === null ? {} : { authorization: `Bearer ${shown}` }),
        },
      });
      const chunks: Buffer[] = [];
      let size = 0;
      for await (const chunk of body as AsyncIterable<Buffer>) {
        chunks.push(chunk);
        size += chunk.length;
        if (size > LARGEST_LIST) throw Object.assign(new Error('the answer is too large'), { code: 'MAAS_TOO_LARGE' });
      }
      return { status: statusCode, body: Buffer.concat(chunks).toString() };
    } catch (error) {
      return { failure: error as Error };
    }
  }

  private async record(
    actor: Actor,
    target: { targetType: string; targetId: string },
    url: string,
    { ok, status }: BackendTest,
  ): Promise<void> {
    await this.audit.recordAlone(actor, { action: 'backend.test', ...target, after: { url, ok, status } });
  }
}
