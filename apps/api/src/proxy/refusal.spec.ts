import { describe, expect, it } from '@jest/globals';
import { refusalOf } from './refusal.js';

describe('a refusal by a limit', () => {
  const refusal = { limit: 'requests', size: 100, retryAfterMs: 34_100 } as const;

  it('names the limit of the tier', () => {
    expect(refusalOf(refusal).message).toBe(
      'Rate limit exceeded: your tier allows 100 requests per minute; try again in 35 s',
    );
  });

  it.each([
    ['requests', 'allows 1 request per minute;'],
    ['tokens', 'allows 1 token per minute;'],
    ['concurrency', 'allows 1 request at the same time;'],
  ] as const)('speaks of one as of one: %s', (limit, words) => {
    expect(refusalOf({ ...refusal, limit, size: 1 }).message).toContain(words);
  });

  it('says also that it is shared out, where a process that counts alone refuses', () => {
    expect(refusalOf({ ...refusal, isShare: true }).message).toBe(
      'Rate limit exceeded: your tier allows 100 requests per minute, shared out among the server’s processes while they cannot count together; try again in 35 s',
    );
  });
});
