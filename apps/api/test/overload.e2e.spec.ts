import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { atATime, type Cluster, later, startCluster } from './cluster.js';
import { answerBriefly } from './fake-model.js';
import { call, killAll, type MaasProcess } from './process-maas.js';
import { openAnswer, type OpenAnswer } from './streams.js';

const dataDir = mkdtempSync(join(tmpdir(), 'maas-overload-'));
afterAll(async () => {
  killAll();
  await rm(dataDir, { recursive: true });
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
    const open: OpenAnswer[] = [];
    cluster.backend.behave((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(': waiting\n\n');
    });
    const body = { model: 'of-tier-1', stream: true, messages: [{ role: 'user', content: 'x'.repeat(200_000) }] };
    let refused = 0;
    await atATime(1000, 8, async () => {
      if (refused > 20) return;
      const answer = await openAnswer(`${maas.url}/v1/chat/completions`, token, body).catch(() => undefined);
      // Who was refused while still writing may see the end of the connection before the answer.
      if (!answer) return void (refused += 1);
      if (answer.message.statusCode === 200) return void open.push(answer);
      expect(answer.message.statusCode).toBe(503);
      expect(await answer.rest()).toContain('The service is overloaded at the moment; try again shortly');
      expect(Number(answer.message.headers['retry-after'])).toBeGreaterThanOrEqual(1);
      refused += 1;
    });
    expect(refused).toBeGreaterThan(20);
    expect(open.length).toBeGreaterThanOrEqual(4);
    expect((await call(maas, '/readyz').catch(() => ({ status: maas.output() }))).status).toBe(200);
    expect((await call(maas, '/v1/models', { token })).status).toBe(200);
    while (!maas.output().includes(reason)) await later(100);
    cluster.backend.behave(answerBriefly);
    for (const answer of open) answer.abandon();
    while ((await cluster.ask(0, token)).status !== 200) await later(100);
  });
});
