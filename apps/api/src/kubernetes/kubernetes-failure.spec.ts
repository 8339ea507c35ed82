import { describe, expect, it } from '@jest/globals';
import { KubernetesFailure } from './kubernetes-failure.js';

class ApiException extends Error {
  constructor(
    readonly code: number | string,
    readonly headers: Record<string, string> = {},
  ) {
    super('HTTP-Code: 403 Body: {"token":"canary"}');
  }
}

describe('a question that is not answered', () => {
  it.each([
    [new ApiException(403), 403, 'does not let this platform do so (403); ask your administrator'],
    [new ApiException(401), 401, 'does not accept the credential of this platform (401); ask your administrator'],
    [new ApiException(500), 500, 'answered 500; try again shortly'],
    [new ApiException('ECONNREFUSED'), undefined, 'does not answer; try again shortly'],
    [new DOMException('late', 'TimeoutError'), undefined, 'does not answer; try again shortly'],
    ['text', undefined, 'does not answer; try again shortly'],
  ])('%s is %s', (error, code, said) => {
    const failure = KubernetesFailure.ofClient(error);
    expect([failure.code, failure.toPeople]).toEqual([code, `the Kubernetes API server ${said}`]);
    expect(failure.message).not.toContain('canary');
  });

  it.each([
    ['7', 7],
    ['0', 1],
    ['3600', 60],
    ['Sun, 22 Nov 2026 10:00:00 GMT', 5],
    ['-1', 5],
  ])('with Retry-After %s is waited out for %d seconds', (header, seconds) => {
    expect(KubernetesFailure.ofClient(new ApiException(429, { 'retry-after': header })).waitSeconds).toBe(seconds);
  });
});

describe('a list or a watch that is refused', () => {
  it('is told in the words of the API server', () => {
    const body = {
      kind: 'Status',
      apiVersion: 'v1',
      status: 'Failure',
      reason: 'Forbidden',
      message: 'not you',
      code: 403,
    };
    const { code, reason, isGone } = KubernetesFailure.ofAnswer(403, JSON.stringify(body), null);
    expect([code, reason, isGone]).toEqual([403, 'Forbidden: not you', false]);
  });

  it('by something between that is no API server is its status alone', () => {
    const { code, reason } = KubernetesFailure.ofAnswer(502, '<html>Bad Gateway</html>', null);
    expect([code, reason]).toEqual([502, '']);
  });

  it.each([
    ['in the header', '7', {}, 7000],
    ['in the body', null, { details: { retryAfterSeconds: 3 } }, 3000],
    ['by a date, which API servers do not send', 'Wed, 21 Oct 2026 07:28:00 GMT', {}, undefined],
    ['nowhere', null, {}, undefined],
  ])('says %s when to ask again', (_, header, more, expected) => {
    const body = JSON.stringify({ kind: 'Status', code: 429, ...more });
    expect(KubernetesFailure.ofAnswer(429, body, header).retryAfter).toBe(expected);
  });

  it('within a watch says by its code that the position is gone', () => {
    expect(KubernetesFailure.ofEvent({ kind: 'Status', reason: 'Expired', code: 410 }).isGone).toBe(true);
    expect(KubernetesFailure.ofEvent('nonsense').isGone).toBe(false);
  });

  it('is cut to a length that a log can take', () => {
    const body = JSON.stringify({ kind: 'Status', message: 'x'.repeat(10_000) });
    expect(KubernetesFailure.ofAnswer(500, body, null).message.length).toBeLessThan(600);
  });
});
