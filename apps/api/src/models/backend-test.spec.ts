import { describe, expect, it } from '@jest/globals';
import { judge } from './backend-test.js';

const listing = (...ids: unknown[]) => JSON.stringify({ object: 'list', data: ids.map((id) => ({ id, secret: 'x' })) });
const failure = (code: string) => ({ failure: Object.assign(new Error('10.0.0.1 said something'), { code }) });

describe('a backend that was tried', () => {
  it('is well when it lists models, and says whether ours is among them', () => {
    expect(judge({ status: 200, body: listing('a', 'b') }, 'b')).toEqual({
      ok: true,
      status: 200,
      models: ['a', 'b'],
      listsModel: true,
    });
    expect(judge({ status: 200, body: listing('a') }, 'b')).toMatchObject({ ok: true, listsModel: false });
    expect(judge({ status: 200, body: listing() }, null)).toMatchObject({ ok: true, models: [], listsModel: null });
  });

  it('shows at most a hundred ids, none that could not be one, but looks for ours among all', () => {
    const many = Array.from({ length: 150 }, (_, index) => `m${index}`);
    const found = judge({ status: 200, body: listing(...many) }, 'm149');
    expect([found.models.length, found.listsModel]).toEqual([100, true]);
    const odd = listing('x'.repeat(300), 'a\u0007b', '\u202Egpt', '', 7, null, 'fine');
    expect(judge({ status: 200, body: odd }, null).models).toEqual(['fine']);
  });

  it.each(['', 'not json', 'null', '[]', '{}', '{"data":{}}'])('is not well when it answers %j', (body) => {
    expect(judge({ status: 200, body }, null)).toMatchObject({ ok: false, status: 200, models: [] });
  });

  it.each([301, 302, 307, 401, 403, 404, 429, 500, 503])('that answers %d is told apart in a sentence', (status) => {
    const { ok, error } = judge({ status, body: 'secret words of the server' }, 'm');
    expect(ok).toBe(false);
    expect(error).toContain(String(status));
    expect(error).not.toContain('secret words');
  });

  it.each([
    ['ECONNREFUSED', /refused/],
    ['ENOTFOUND', /name of the host/],
    ['UND_ERR_CONNECT_TIMEOUT', /in time/],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', /TLS certificate/],
    ['UND_ERR_SOCKET', /broke off/],
    ['MAAS_TOO_LARGE', /too large/],
    ['MAAS_SEALED', /enter the credential again/],
  ])('that fails with %s says what to look at, and nothing of the error’s own words', (code, sentence) => {
    const { error } = judge(failure(code), 'm');
    expect(error).toMatch(sentence);
    expect(error).not.toContain('10.0.0.1');
  });
});
