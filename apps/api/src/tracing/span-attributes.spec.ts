import { describe, expect, it } from '@jest/globals';
import type { EndedRequest } from '../proxy/gateway.service.js';
import { attemptAttributes, clientSpan, methodOf, serverSpan } from './span-attributes.js';

const request = (endpoint: string | undefined, method = 'POST'): EndedRequest => ({
  id: 'id',
  method,
  endpoint,
  client: undefined,
  error: undefined,
  status: 200,
  duration: 5,
  trace: undefined,
});
const outcome = { status: 200, trouble: undefined, isLast: true, responseModel: undefined, finishReasons: [] };

describe('a span is named', () => {
  it.each([
    ['chat/completions', 'POST /v1/chat/completions', 'chat', 'openai'],
    ['completions', 'POST /v1/completions', 'text_completion', 'openai'],
    ['responses', 'POST /v1/responses', 'chat', 'openai'],
    ['messages', 'POST /v1/messages', 'chat', 'anthropic'],
    ['embeddings', 'POST /v1/embeddings', 'embeddings', 'openai'],
    ['what/somebody/made/up', 'POST', 'other', 'openai'],
  ])('by the endpoint %s', (endpoint, server, client, provider) => {
    expect(serverSpan(request(endpoint)).name).toBe(server);
    const { name, attributes } = clientSpan(request(endpoint), outcome);
    expect([name, attributes['gen_ai.provider.name']]).toEqual([client, provider]);
  });

  it('by a method that there is', () => {
    expect([methodOf('POST'), methodOf('BREW'), methodOf(undefined)]).toEqual(['POST', '_OTHER', '_OTHER']);
  });
});

it('an attempt has failed by its status or its trouble, and not because its client went away', () => {
  const failure = (fields: object) => {
    const { attributes, hasFailed } = clientSpan(request('embeddings'), { ...outcome, ...fields });
    return [attributes['error.type'], hasFailed];
  };
  expect(failure({})).toEqual([undefined, false]);
  expect(failure({ status: 400 })).toEqual(['400', true]);
  expect(failure({ status: 503, trouble: 'status 503' })).toEqual(['status_503', true]);
  expect(failure({ status: undefined, trouble: 'connect' })).toEqual(['connect', true]);
  expect(failure({ trouble: 'abandoned' })).toEqual(['abandoned', false]);
});

it('an attempt says where it went, with the port that the protocol implies', () => {
  const at = (origin: string) => attemptAttributes({ id: 'b', origin } as never, 0);
  expect(at('https://models.example.com')).toEqual({
    'server.address': 'models.example.com',
    'server.port': 443,
    'maas.backend.id': 'b',
  });
  expect(at('http://[::1]:8000')).toMatchObject({ 'server.address': '[::1]', 'server.port': 8000 });
});
