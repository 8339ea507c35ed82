import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MetricsServer } from '../src/metrics/metrics-server.service.js';
import { parseExposition } from './exposition.js';
import { chat, type Harness, startHarness } from './harness.js';
import { eventually } from './streams.js';

let maas: Harness;

const scrape = async () => {
  const answer = await fetch(`${maas.nest.get(MetricsServer).url}/metrics`);
  return parseExposition(await answer.text());
};

describe('a process that cannot reach where limits are counted', () => {
  beforeAll(async () => {
    // Nothing listens there.
    maas = await startHarness({ METRICS_PORT: '0', REDIS_URL: 'redis://127.0.0.1:9', LIMITS_WHEN_UNAVAILABLE: 'open' });
  });
  afterAll(() => maas.stop());

  it('says that it is in the fallback, and how many it let in without counting them', async () => {
    const token = await maas.accessToken('free');
    const ask = () => maas.call('/v1/chat/completions', { token, body: chat('hi') });
    const answers = [await ask(), await ask(), await ask()];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    const state = { mode: 'redis', state: 'fallback' };
    await eventually(async () => (await scrape()).value('maas_limiter_state', state) === 1, 'it is in the fallback');
    const said = await scrape();
    expect(said.value('maas_limiter_state', { ...state, state: 'shared' })).toBe(0);
    expect(said.value('maas_limiter_uncounted_admissions_total')).toBe(3);
    const probe = await fetch(`${maas.nest.get(MetricsServer).url}/readyz`);
    expect(await probe.json()).toMatchObject({ status: 'ready', limits: { state: 'fallback' } });
  });
});
