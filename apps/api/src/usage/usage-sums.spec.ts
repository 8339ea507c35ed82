import { describe, expect, it } from '@jest/globals';
import { shownSums } from './usage-sums.js';

const row = {
  requests: 4n,
  errors: 1n,
  refused: 2n,
  prompt_tokens: 3_000_000_000n,
  completion_tokens: 5_000_000_000n,
  duration_ms: 1001n,
  first_byte_ms: 30n,
  first_byte_count: 3n,
};

describe('a row of sums', () => {
  it('adds up tokens beyond 32 bits, and takes averages over what there was', () => {
    expect(shownSums({ day: '2026-01-31', model: 'm', ...row })).toEqual({
      day: '2026-01-31',
      model: 'm',
      requests: 4,
      errors: 1,
      refused: 2,
      promptTokens: 3_000_000_000,
      completionTokens: 5_000_000_000,
      totalTokens: 8_000_000_000,
      averageDurationMs: 250.3,
      averageFirstByteMs: 10,
    });
  });

  it('has no average of nothing', () => {
    const none = shownSums({ hour: new Date(0), ...row, requests: 0n, first_byte_count: 0n });
    expect(none).toMatchObject({ hour: '1970-01-01T00:00:00.000Z', averageDurationMs: null, averageFirstByteMs: null });
    expect(none).not.toHaveProperty('day');
  });
});
