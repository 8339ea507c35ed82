import { describe, expect, it } from '@jest/globals';
import { CreateToken } from '@maas/contracts/tokens';
import { tokenConfig } from './token-config.js';

describe('what a form for a token is told', () => {
  it('ends with the longest lifetime of the server', () => {
    const { presets, longestSeconds } = tokenConfig(30 * 86_400, 'maas');
    expect(presets.map(({ expiration }) => expiration)).toEqual(['1h', '4h', '12h', '1d', '7d', '30d']);
    expect([presets.at(-1)?.seconds, longestSeconds]).toEqual([30 * 86_400, 30 * 86_400]);
    expect(tokenConfig(36 * 3600, 'maas').presets.at(-1)).toEqual({ expiration: '36h0m0s', seconds: 36 * 3600 });
  });

  it('names no lifetime that the server would refuse, and none otherwise than it is read', () => {
    for (const longest of [60, 1800, 4 * 3600, 86_400, 3650 * 86_400]) {
      const { presets, defaultSeconds } = tokenConfig(longest, 'maas');
      expect(defaultSeconds).toBeLessThanOrEqual(longest);
      for (const { expiration, seconds } of presets) {
        expect(seconds).toBeLessThanOrEqual(longest);
        if (seconds >= 600) expect(CreateToken.parse({ expiration }).expiration).toBe(seconds);
      }
    }
  });
});
