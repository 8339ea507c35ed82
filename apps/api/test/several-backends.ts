import { jest } from '@jest/globals';
import type { Backend, Model, ModelList } from '@maas/contracts/models';
import pg from 'pg';
import { BackendProber } from '../src/proxy/backend-prober.service.js';
import { type FakeBackend, startFakeBackend } from './backends-fake.js';
import { type Answer, chat, type Harness, startHarness } from './harness.js';
import { openAnswer, type OpenAnswer } from './streams.js';

export const TOKENS = 1_000_000;

/** A model that several backends serve, made anew for each test, and a caller whose limits are far away. */
export class SeveralBackends {
  readonly prober: BackendProber;
  model = '';
  backends: FakeBackend[] = [];
  private made = 0;

  private constructor(
    readonly maas: Harness,
    readonly database: pg.Client,
    readonly token: string,
  ) {
    this.prober = maas.nest.get(BackendProber);
  }

  /** @param settings besides those of all, which end what hangs soon */
  static async start(settings: Record<string, string> = {}): Promise<SeveralBackends> {
    // The tests ask for the probes themselves.
    const timer = jest.spyOn(BackendProber.prototype, 'onApplicationBootstrap').mockReturnValue();
    const maas = await startHarness({
      UPSTREAM_FIRST_BYTE_TIMEOUT: '3s',
      UPSTREAM_IDLE_TIMEOUT: '3s',
      UPSTREAM_TOTAL_TIMEOUT: '6s',
      UPSTREAM_CONNECT_TIMEOUT: '500ms',
      ...settings,
    });
    timer.mockRestore();
    const limits = { requestsPerMinute: null, tokensPerMinute: TOKENS, maxConcurrentRequests: null };
    await maas.admin('/tiers/enterprise', { method: 'PATCH', body: limits });
    const database = new pg.Client({ connectionString: maas.databaseUrl });
    await database.connect();
    return new SeveralBackends(maas, database, await maas.accessToken('enterprise'));
  }

  async stop(): Promise<void> {
    await this.database.end();
    await this.maas.stop();
  }

  /** Three backends; of those that are as good the first is chosen. */
  async begin(): Promise<[FakeBackend, FakeBackend, FakeBackend]> {
    this.maas.clock.turn(60_000);
    const three: [FakeBackend, FakeBackend, FakeBackend] = [
      await startFakeBackend(),
      await startFakeBackend(),
      await startFakeBackend(),
    ];
    this.backends = [...three];
    jest.spyOn(Math, 'random').mockReturnValue(0);
    return three;
  }

  async end(): Promise<void> {
    jest.restoreAllMocks();
    await this.maas.admin(`/models/${this.model}`, { method: 'DELETE' });
    for (const backend of this.backends) await backend.goAway();
  }

  /** Registers the model of the test. */
  async serve(...by: FakeBackend[]): Promise<void> {
    this.model = `many-${(this.made += 1)}`;
    const backends = by.map(({ url }) => ({ url }));
    await this.maas.addModel(this.model, by[0]?.url ?? '', { maxOutputTokens: 1000, backends });
  }

  ask(fields: object = {}): Promise<Answer> {
    const { token, model } = this;
    return this.maas.call('/v1/chat/completions', { token, body: chat('hi', { model, ...fields }) });
  }

  /** Asks until the breaker has what it takes. */
  async askOften(times: number): Promise<Answer[]> {
    const answers: Answer[] = [];
    for (let turn = 0; turn < times; turn += 1) answers.push(await this.ask());
    return answers;
  }

  open(): Promise<OpenAnswer> {
    const body = chat('hi', { model: this.model, stream: true });
    return openAnswer(`${this.maas.url}/v1/chat/completions`, this.token, body);
  }

  /** How many requests each backend has seen. */
  seen(): number[] {
    return this.backends.map((backend) => backend.seen.length);
  }

  async shown(): Promise<Model> {
    return (await this.maas.admin<Model>(`/models/${this.model}`)).body;
  }

  async health(): Promise<Backend['health'][]> {
    return (await this.shown()).backends.map((backend) => backend.health);
  }

  async list(): Promise<ModelList['data']> {
    return (await this.maas.call<ModelList>('/v1/models', { token: this.token })).body.data;
  }

  async isListedReady(): Promise<boolean | undefined> {
    return (await this.list()).find(({ id }) => id === this.model)?.ready;
  }

  async remaining(): Promise<string | null> {
    const { token } = this;
    const head = await this.maas.call(`/${this.model}/v1/chat/completions`, { token, method: 'HEAD' });
    return head.headers.get('x-ratelimit-remaining-tokens');
  }

  async rowsOf(requestId: string | null | undefined): Promise<Record<string, unknown>[]> {
    await this.maas.flushUsage();
    const { rows } = await this.database.query('SELECT * FROM usage_event WHERE id = $1', [requestId]);
    return rows as Record<string, unknown>[];
  }
}
