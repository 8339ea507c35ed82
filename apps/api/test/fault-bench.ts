import pg from 'pg';
import { BackendProber } from '../src/proxy/backend-prober.service.js';
import { jest } from '@jest/globals';
import type { Backend, Model } from '@maas/contracts/models';
import { type Answer, chat, type Harness, startHarness } from './harness.js';
import { openAnswer, type OpenAnswer } from './streams.js';

export const BUDGET = 1_000_000;

/** What a test of a fault looks at: a caller with a large budget, the rows of usage, and what is still held. */
export interface FaultBench {
  readonly maas: Harness;
  readonly token: string;
  ask(model: string, fields?: object, token?: string): Promise<Answer>;
  stream(model: string, fields?: object): Promise<OpenAnswer>;
  /** All rows of a request: exactly one is right. */
  rows(requestId: unknown): Promise<Record<string, unknown>[]>;
  /** How many rows there are of all requests to a model. */
  rowsOf(model: string): Promise<Record<string, unknown>[]>;
  /** What is left of the caller's tokens: the budget but for what was used and what is held. */
  remaining(model: string): Promise<number>;
  health(model: string): Promise<Backend['health'] | undefined>;
  stop(): Promise<void>;
}

export async function startFaultBench(environment: Record<string, string>): Promise<FaultBench> {
  // A probe would count as somebody's being there.
  const timer = jest.spyOn(BackendProber.prototype, 'onApplicationBootstrap').mockReturnValue();
  const maas = await startHarness(environment);
  timer.mockRestore();
  const limits = { requestsPerMinute: null, tokensPerMinute: BUDGET, maxConcurrentRequests: null };
  await maas.admin('/tiers/enterprise', { method: 'PATCH', body: limits });
  const token = await maas.accessToken('enterprise');
  const database = new pg.Client({ connectionString: maas.databaseUrl });
  await database.connect();
  const select = async (where: string, value: unknown) => {
    await maas.flushUsage();
    const { rows } = await database.query(`SELECT * FROM usage_event WHERE ${where} = $1`, [value]);
    return rows as Record<string, unknown>[];
  };
  return {
    maas,
    token,
    ask: (model, fields = {}, as = token) =>
      maas.call('/v1/chat/completions', { token: as, body: chat('hi', { model, ...fields }) }),
    stream: (model, fields = {}) =>
      openAnswer(`${maas.url}/v1/chat/completions`, token, chat('hi', { model, stream: true, ...fields })),
    rows: (requestId) => select('id', requestId),
    rowsOf: (model) => select('model_id', model),
    remaining: async (model) => {
      const head = await maas.call(`/${model}/v1/chat/completions`, { token, method: 'HEAD' });
      return Number(head.headers.get('x-ratelimit-remaining-tokens'));
    },
    health: async (model) => (await maas.admin<Model>(`/models/${model}`)).body.backends[0]?.health,
    stop: async () => {
      await database.end();
      await maas.stop();
    },
  };
}

/** The id of an answer that is read as it comes. */
export function idOf(answer: OpenAnswer): string {
  return String(answer.message.headers['x-request-id']);
}
