import { describe, expect, it } from '@jest/globals';
import { codeLabel, endpointLabel, troubleLabel } from './request-labels.js';

describe('the labels of a request', () => {
  it('name the endpoints that are known, and one for all others', () => {
    expect(endpointLabel('chat/completions')).toBe('chat/completions');
    expect(endpointLabel('chat/completions/of-somebody')).toBe('other');
    expect(endpointLabel(undefined)).toBe('other');
  });

  it('name the statuses that the platform has, and the class of what a backend invents', () => {
    expect([200, 429, 499, 504].map(codeLabel)).toEqual(['200', '429', '499', '504']);
    expect([226, 418, 599].map(codeLabel)).toEqual(['2xx', '4xx', '5xx']);
  });

  it('say in which trouble a backend was', () => {
    expect(['connect', 'status 500', 'status 521'].map(troubleLabel)).toEqual(['connect', 'status_500', 'status_5xx']);
  });
});
