import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isModelId, ModelId, reservedSegments } from '@maas/contracts/models';
import { ApiError } from '../http/api-error.js';
import { destinationOf, type InferenceTarget, noSuchModel } from './inference-path.js';

function targetOf(url: string): InferenceTarget {
  const destination = destinationOf(url);
  if ('inference' in destination) return destination.inference;
  throw new Error(`${url} is the route ${destination.route}`);
}

function refusalOf(url: string): ApiError {
  try {
    destinationOf(url);
  } catch (error) {
    if (error instanceof ApiError) return error;
    throw error;
  }
  throw new Error(`${url} is not refused`);
}

const CHAT = 'chat/completions';

describe('destinationOf', () => {
  it.each([
    ['/v1/chat/completions', undefined, CHAT],
    ['/v1/embeddings', undefined, 'embeddings'],
    ['/v1/chat/completions/', undefined, CHAT],
    ['/v1/responses/resp_1/cancel', undefined, 'responses/resp_1/cancel'],
    ['/v1/v1/chat/completions', undefined, CHAT],
    ['/simulator/v1/chat/completions', 'simulator', CHAT],
    ['/simulator/v1/audio/speech', 'simulator', 'audio/speech'],
    ['/org/model/v1/chat/completions', 'org/model', CHAT],
    ['/org%2Fmodel/v1/chat/completions', 'org/model', CHAT],
    ['/org%2fa%2Fb/v1/chat/completions', 'org/a/b', CHAT],
    ['/qwen3%3A8b/v1/chat/completions', 'qwen3:8b', CHAT],
    ['/%73imulator/v1/chat/completions', 'simulator', CHAT],
    ['/V2/v1/x', 'V2', 'x'],
    ['http://maas.test/simulator/v1/chat/completions', 'simulator', CHAT],
    ['HTTPS://maas.test:8443/v1/chat/completions', undefined, CHAT],
  ])('finds the model and the endpoint in %s', (url, model, endpoint) => {
    expect(targetOf(url)).toEqual({ model, endpoint, query: '' });
    expect(targetOf(`${url}?a=/v1/models&b`)).toEqual({ model, endpoint, query: '?a=/v1/models&b' });
  });

  it.each([
    ['/simulator/v1/chat/completions/v1/chat/completions', CHAT],
    ['/simulator/v1/chat/completions/v1/completions', 'completions'],
    ['/simulator/v1/v1/chat/completions', CHAT],
    ['/simulator/v1/chat/completions/v1/chat/completions/v1/embeddings', 'embeddings'],
  ])('takes a path that repeats itself for its last part: %s', (url, endpoint) => {
    expect(targetOf(url)).toEqual({ model: 'simulator', endpoint, query: '' });
  });

  it.each([
    ['/v1/models', '/v1/models'],
    ['/v1/models/', '/v1/models'],
    ['/v1/models?x', '/v1/models?x'],
    ['/v1/models/simulator', '/v1/models/simulator'],
    ['/v1/models/org/model', '/v1/models/org%2Fmodel'],
    ['/v1/models/org%2Fmodel?x', '/v1/models/org%2Fmodel?x'],
    ['/v1/tokens', '/v1/tokens'],
    ['/v1/tokens/0198', '/v1/tokens/0198'],
    ['/simulator/v1/models', '/v1/models'],
    ['/simulator/v1/chat/completions/v1/models', '/v1/models'],
    ['/maas-api/v1/tokens', '/maas-api/v1/tokens'],
    ['/maas-api/v1/x/v1/chat/completions', '/maas-api/v1/x/v1/chat/completions'],
    ['/MaaS-API/v1/me', '/MaaS-API/v1/me'],
    ['/docs/v1/chat/completions', '/docs/v1/chat/completions'],
    ['/healthz', '/healthz'],
    ['/', '/'],
    ['*', '*'],
    ['http://maas.test', '/'],
    ['http://maas.test?x', '/?x'],
    ['http://maas.test/healthz', '/healthz'],
    ['http://maas.test/maas-api/v1/me?x', '/maas-api/v1/me?x'],
    ['/x?y=/v1/chat/completions', '/x?y=/v1/chat/completions'],
    ['/V1/chat/completions', '/V1/chat/completions'],
  ])('leaves %s to the route %s', (url, route) => {
    expect(destinationOf(url)).toEqual({ route });
  });

  it.each([
    '/v1/', '/v1//', '/v1/.', '/v1/..', '/v1/./x', '/v1/../x', '/v1/x/..', '/v1/x/../y', '/v1//x', '/v1/x//y', '/v1/x//', '/v1/.x', '/v1/~x', '/v1/x;y',
    '/v1/x y', '/v1/x%2Fy', '/v1/%78', '/v1/x#y', '/v1/x\\y', '/v1/x\0', '/v1/x&y', '/v1/é', `/v1/${'x'.repeat(257)}`, '/v1/v1/', '/m/v1/v1/',
    '/v1/../v1/x', '/m/v1/../v1/x', '/m/v1//v1/x',
  ])('finds no endpoint in %j', (url) => {
    expect([refusalOf(url).status, refusalOf(url).code]).toEqual([404, 'not_found']);
  }); // prettier-ignore

  it.each([
    '//v1/x', '///v1/x', '/./v1/x', '/../v1/x', '/a/../v1/x', '/a/./v1/x', '/a//b/v1/x', '/a/%2E%2E/b/v1/x', '/a%2F..%2Fb/v1/x', '/a%2F%2Fb/v1/x', '/%2Fa/v1/x',
    '/a%2F/v1/x', '/.a/v1/x', '/-a/v1/x', '/a%20/v1/x', '/a%00/v1/x', '/a%0A/v1/x', '/a%3Fb/v1/x', '/a%23b/v1/x', '/a%5Cb/v1/x', '/a;b/v1/x', '/a%252Fb/v1/x',
    '/%/v1/x', '/%zz/v1/x', '/%c0%ae/v1/x', '/%ff/v1/x', '/%D0%B0/v1/x', '/%EF%BD%81/v1/x', '/a@b/v1/x', `/${'a'.repeat(129)}/v1/x`, `/${'a'.repeat(10_000)}/v1/x`,
  ])('finds no model in %s', (url) => {
    expect([refusalOf(url).status, refusalOf(url).code]).toEqual([404, 'model_not_found']);
    expect(refusalOf(url).message.length).toBeLessThan(300);
  }); // prettier-ignore

  it('finds every id that can be registered, with its slashes raw or as %2F', () => {
    const id = fc
      .stringMatching(/^[A-Za-z0-9][A-Za-z0-9._:/-]{0,60}$/)
      .filter((text) => ModelId.safeParse(text).success);
    fc.assert(
      fc.property(id, fc.boolean(), (model, raw) => {
        const path = raw ? model : encodeURIComponent(model);
        expect(targetOf(`/${path}/v1/${CHAT}`)).toEqual({ model, endpoint: CHAT, query: '' });
      }),
    );
  });

  it('finds nothing in what does not begin with a slash', () => {
    expect(destinationOf('av1/v1/chat/completions')).toEqual({ route: 'av1/v1/chat/completions' });
  });

  it('never finds anything but an id, and an endpoint that no path can leave, whatever the URL', () => {
    const piece = fc.constantFrom('/', '/v1/', 'v1', 'a', 'maas-api', '..', '.', '%2e', '%2F', '%00', '%', '?', '#', ';', '\\', '@', 'http://h', '*', ' ');
    const url = fc.oneof(fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join('')), fc.webUrl(), fc.string({ unit: 'binary-ascii' }));
    fc.assert(
      fc.property(url, (text) => {
        let found;
        try {
          found = destinationOf(text);
        } catch (error) {
          expect(error).toBeInstanceOf(ApiError);
          return;
        }
        if ('route' in found) return;
        const { model, endpoint, query } = found.inference;
        expect(endpoint).toMatch(/^[\w-][\w.:@~-]*(\/[\w-][\w.:@~-]*)*$/);
        expect(query).toMatch(/^(\?|$)/);
        if (model === undefined) return;
        expect(isModelId(model)).toBe(true);
        expect(reservedSegments.has(model.split('/')[0]?.toLowerCase() ?? '')).toBe(false);
      }),
      { numRuns: 3000 },
    );
  }); // prettier-ignore
});

describe('noSuchModel', () => {
  it('names the model, or the beginning of it', () => {
    expect(noSuchModel('x').message).toContain('The model `x` does not exist');
    expect(noSuchModel('x'.repeat(1000)).message.length).toBeLessThan(300);
    expect(noSuchModel('x').param).toBe('model');
  });
});
