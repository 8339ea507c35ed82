import { describe, expect, it } from '@jest/globals';
import { hasJsonBodyOrNone, isFromBrowser, isFromOurPages, isUnsafe } from './csrf.js';

const OURS = 'https://maas.example.com';

describe('a request', () => {
  it.each([
    [{ 'sec-fetch-site': 'same-origin' }, true],
    [{ 'sec-fetch-site': 'same-origin', origin: 'https://evil.example' }, true],
    [{ 'sec-fetch-site': 'cross-site', origin: OURS }, false],
    [{ 'sec-fetch-site': 'same-site' }, false],
    [{ 'sec-fetch-site': 'none' }, false],
    [{ 'sec-fetch-site': '' }, false],
    [{ origin: OURS }, true],
    [{ origin: 'https://MAAS.example.com' }, false],
    [{ origin: `${OURS}/` }, false],
    [{ origin: 'null' }, false],
    [{}, false],
  ])('with %j comes from our pages: %s', (headers, ours) => {
    expect(isFromOurPages(headers, OURS)).toBe(ours);
    expect(isFromBrowser(headers)).toBe(Object.keys(headers).length > 0);
  });

  it.each([
    [{}, true],
    [{ 'content-length': '0' }, true],
    [{ 'content-length': '2' }, false],
    [{ 'transfer-encoding': 'chunked' }, false],
    [{ 'content-type': 'application/json', 'content-length': '2' }, true],
    [{ 'content-type': 'Application/JSON; charset=utf-8' }, true],
    [{ 'content-type': 'application/json ;x' }, true],
    [{ 'content-type': 'application/json-patch+json' }, false],
    [{ 'content-type': 'text/plain; application/json' }, false],
    [{ 'content-type': 'text/plain' }, false],
    [{ 'content-type': '' }, false],
  ])('with %j has a body that no form of another site can send: %s', (headers, json) => {
    expect(hasJsonBodyOrNone(headers)).toBe(json);
  });

  it('may change something unless its method only reads', () => {
    expect(['GET', 'HEAD', 'OPTIONS'].some(isUnsafe)).toBe(false);
    expect(['POST', 'PUT', 'PATCH', 'DELETE', 'get', 'PROPFIND', ''].every(isUnsafe)).toBe(true);
  });
});
