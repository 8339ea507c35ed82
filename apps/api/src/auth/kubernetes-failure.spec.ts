import { describe, expect, it } from '@jest/globals';
import { failureOfKubernetes } from './kubernetes-failure.js';

class ApiException extends Error {
  constructor(
    readonly code: number | string,
    readonly headers: Record<string, string> = {},
  ) {
    super('HTTP-Code: 403 Body: {"token":"canary"}');
  }
}

describe('a failure of the API server', () => {
  it.each([
    [new ApiException(403), 403, 'does not let this platform do so (403); ask your administrator'],
    [new ApiException(401), 401, 'does not accept the credential of this platform (401); ask your administrator'],
    [new ApiException(500), 500, 'answered 500; try again shortly'],
    [new ApiException('ECONNREFUSED'), undefined, 'does not answer; try again shortly'],
    [new DOMException('late', 'TimeoutError'), undefined, 'does not answer; try again shortly'],
    ['text', undefined, 'does not answer; try again shortly'],
  ])('%s is %s', (error, code, said) => {
    const failure = failureOfKubernetes(error);
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
    expect(failureOfKubernetes(new ApiException(429, { 'retry-after': header })).retryAfter).toBe(seconds);
  });
});
