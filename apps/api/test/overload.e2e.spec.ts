import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { atATime, type Cluster, later, startCluster } from './cluster.js';
import { answerBriefly } from './fake-model.js';
import { call, killAll, type MaasProcess } from './process-maas.js';
import { chunk, openAnswer, type OpenAnswer } from './streams.js';

const dataDir = mkdtempSync(join(tmpdir(), 'maas-overload-'));
afterAll(async () => {
  killAll();
  await rm(dataDir, { recursive: true });
});

const longPrompt = (characters: number, user?: string) => ({
  model: 'of-tier-1',
  stream: true,
  user,
  messages: [{ role: 'user', content: 'x'.repeat(characters) }],
});

const environments: Record<string, Record<string, string>> = {
  'as many requests run as may at once': { MAX_INFLIGHT_REQUESTS: '6' },
  'request bodies fill the memory set aside for them': { MAX_INFLIGHT_BYTES: String(2 ** 20) },
  'memory is almost full': { NODE_OPTIONS: '--max-old-space-size=128', MAX_INFLIGHT_BYTES: String(2 ** 30) },
};

describe.each(Object.entries(environments))('a process in which %s', (reason, environment) => {
  let cluster: Cluster;
  let maas: MaasProcess;
  let token: string;
  beforeEach(async () => {
    cluster = await startCluster(1, environment);
    maas = cluster.at(0);
    token = await cluster.member({});
  });
  afterEach(() => cluster.stop());

  it('refuses more inference with 503, serves all else, lives, and takes requests again', async () => {
    // A backend that answers nobody, so that all that is let in stays; bodies that take room.
    const letIn = new Map<string, () => void>();
    const waiting: (() => void)[] = [];
    cluster.backend.behave(({ body }, response) => {
      waiting.push(() => response.end());
      letIn.get((JSON.parse(body) as { user: string }).user)?.();
    });
    let refused = 0;
    const fill = async (index: number) => {
      if (refused > 20) return;
      const seen = new Promise<undefined>((resolve) => letIn.set(String(index), () => resolve(undefined)));
      // Who was refused while still writing may see the end of the connection before the answer.
      const asked = openAnswer(`${maas.url}/v1/chat/completions`, token, longPrompt(200_000, String(index))).catch(
        () => 'cut off' as const,
      );
      const answer = await Promise.race([seen, asked]);
      if (answer === undefined) return;
      refused += 1;
      if (answer === 'cut off') return;
      expect(answer.message.statusCode).toBe(503);
      expect(await answer.rest()).toContain('The service is overloaded at the moment; try again shortly');
      expect(Number(answer.message.headers['retry-after'])).toBeGreaterThanOrEqual(1);
    };
    // Bodies that come at once may keep each other from being let in; there is room for four.
    await atATime(4, 1, fill);
    await atATime(1000, 8, (index) => fill(4 + index));
    expect(refused).toBeGreaterThan(20);
    expect(waiting.length).toBeGreaterThanOrEqual(4);
    expect((await call(maas, '/readyz').catch(() => ({ status: maas.output() }))).status).toBe(200);
    expect((await call(maas, '/v1/models', { token })).status).toBe(200);
    while (!maas.output().includes(reason)) await later(100);
    cluster.backend.behave(answerBriefly);
    for (const answer of waiting) answer();
    while ((await cluster.ask(0, token)).status !== 200) await later(100);
  });
});

describe('a prompt whose answer has begun', () => {
  it('takes no memory: streams can be open whose prompts together would not fit', async () => {
    const cluster = await startCluster(1, {
      NODE_OPTIONS: '--max-old-space-size=128',
      MAX_INFLIGHT_BYTES: String(20 * 2 ** 20),
    });
    try {
      cluster.backend.behave((_request, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write(chunk('one'));
      });
      const token = await cluster.member({});
      const url = `${cluster.at(0).url}/v1/chat/completions`;
      const open: OpenAnswer[] = [];
      await atATime(100, 2, async () => void open.push(await openAnswer(url, token, longPrompt(1_500_000))));
      expect(new Set(open.map(({ message }) => message.statusCode))).toEqual(new Set([200]));
      expect(await open[0]?.nextFrame()).toBe(chunk('one'));
      for (const answer of open) answer.abandon();
    } finally {
      await cluster.stop();
    }
  });
});
