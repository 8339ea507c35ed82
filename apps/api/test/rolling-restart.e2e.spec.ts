import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { BalancedReplicas, type BalancedStream } from './balanced-replicas.js';
import { hasBalancer } from './compose-balancer.js';

const STREAM_TOKENS = 60;
const TOKEN_MILLISECONDS = 50;

(hasBalancer ? describe : describe.skip)('a rolling restart of three behind a load balancer', () => {
  let replicas: BalancedReplicas;
  beforeAll(async () => {
    replicas = await BalancedReplicas.start(3, '20s');
  });
  afterAll(() => replicas.stop());

  it('cuts no stream and refuses no request', async () => {
    const streams: Promise<BalancedStream>[] = [];
    const answers: Promise<number | string>[] = [];
    // Twenty requests a second, and four streams of three seconds at any time, whatever the replicas do.
    const asking = setInterval(() => answers.push(replicas.ask().catch(String)), 50);
    const streaming = setInterval(() => streams.push(replicas.stream(STREAM_TOKENS, TOKEN_MILLISECONDS)), 750);
    try {
      expect(await replicas.restartAll()).toEqual([0, 0, 0]);
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
  });
});
