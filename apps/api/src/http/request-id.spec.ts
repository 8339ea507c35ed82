import { describe, expect, it } from '@jest/globals';
import { validate, version } from 'uuid';
import { newRequestId } from './request-id.js';

describe('a request id', () => {
  it('is a UUIDv7 of its instant', () => {
    for (let time = 0; time < 1000; time += 1) {
      const before = Date.now();
      const id = newRequestId();
      expect([validate(id), version(id)]).toEqual([true, 7]);
      const instant = Number.parseInt(id.replace('-', '').slice(0, 12), 16);
      expect(instant).toBeGreaterThanOrEqual(before);
      expect(instant).toBeLessThanOrEqual(Date.now());
    }
  });

  it('never comes twice, and each of its random digits is drawn', () => {
    const ids = Array.from({ length: 5000 }, () => newRequestId().replaceAll('-', ''));
    expect(new Set(ids).size).toBe(ids.length);
    const seen = Array.from({ length: 20 }, (_, at) => new Set(ids.map((id) => id.charAt(12 + at))).size);
    // The version is one, the variant one of four, all others are any.
    expect(seen).toEqual([1, 16, 16, 16, 4, ...Array.from({ length: 15 }, () => 16)]);
  });
});
