import { describe, expect, it } from '@jest/globals';
import { ApiFailure } from './api-failure.js';

describe('a refusal of the API server', () => {
  it('is told in its own words', () => {
    const body = {
      kind: 'Status',
      apiVersion: 'v1',
      status: 'Failure',
      reason: 'Forbidden',
      message: 'not you',
      code: 403,
    };
    const failure = ApiFailure.of(403, JSON.stringify(body), null);
    expect([failure.code, failure.message, failure.isGone]).toEqual([403, 'status 403, Forbidden: not you', false]);
  });

  it('of something between that is no API server is its status alone', () => {
    expect(ApiFailure.of(502, '<html>Bad Gateway</html>', null).message).toBe('status 502');
  });

  it.each([
    ['in the header', '7', {}, 7000],
    ['in the body', null, { details: { retryAfterSeconds: 3 } }, 3000],
    ['by a date, which API servers do not send', 'Wed, 21 Oct 2026 07:28:00 GMT', {}, undefined],
    ['nowhere', null, {}, undefined],
  ])('says %s when to ask again', (_, header, more, expected) => {
    const body = JSON.stringify({ kind: 'Status', code: 429, ...more });
    expect(ApiFailure.of(429, body, header).retryAfter).toBe(expected);
  });

  it('within a watch says by its code that the position is gone', () => {
    expect(ApiFailure.ofEvent({ kind: 'Status', reason: 'Expired', code: 410 }).isGone).toBe(true);
    expect(ApiFailure.ofEvent('nonsense').isGone).toBe(false);
  });

  it('is cut to a length that a log can take', () => {
    const body = JSON.stringify({ kind: 'Status', message: 'x'.repeat(10_000) });
    expect(ApiFailure.of(500, body, null).message.length).toBeLessThan(600);
  });
});
