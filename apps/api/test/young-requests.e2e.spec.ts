import { describe, expect, it } from '@jest/globals';
import { atATime, startCluster } from './cluster.js';
import { answerBriefly, type Behaviour } from './fake-model.js';
import { chunk, DONE, usageChunk } from './streams.js';

const REQUESTS = 600;
/** Of each collection of the young generation: bytes that it found alive for the second time, and made old. */
const promotion = /\bgc=s .*?\bpromoted=(\d+)/g;
/** Has V8 say so, before there is anything to load. */
const traced = `data:text/javascript,import{setFlagsFromString}from'node:v8';setFlagsFromString('--trace-gc-nvp')`;

const streamBriefly: Behaviour = (_request, response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.end([chunk('Hello'), chunk(' there'), usageChunk(5, 2), DONE].join(''));
};

describe.each([
  ['a whole answer', false, answerBriefly],
  ['a stream', true, streamBriefly],
])('what belongs to a request for %s', (_name, stream, behaviour) => {
  it('is freed by the next collections of the young generation, also while nothing is compiled yet', async () => {
    const cluster = await startCluster(1, {
      // The drivers of the shared stores keep what they were asked until the next full collection.
      LIMITS: 'process',
      NODE_OPTIONS: `--max-semi-space-size=2 --import=${traced}`,
    });
    try {
      cluster.backend.behave(behaviour);
      const token = await cluster.member({});
      const ask = async () => expect((await cluster.ask(0, token, { stream })).status).toBe(200);
      const promoted = () =>
        [...cluster.at(0).output().matchAll(promotion)].reduce((sum, [, bytes]) => sum + Number(bytes), 0);
      await atATime(REQUESTS / 3, 4, ask);
      const before = promoted();
      await atATime(REQUESTS, 4, ask);
      const each = (promoted() - before) / REQUESTS;
      // Its row waits for the database, and little else is there. With all that it refers to it would be some 8 KB.
      expect(each).toBeLessThan(2000);
      expect(each).toBeGreaterThan(100);
    } finally {
      await cluster.stop();
    }
  });
});
