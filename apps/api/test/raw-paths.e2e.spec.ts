import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { answerBriefly, type FakeModel, startFakeModel } from './fake-model.js';
import { chat, errorOf, type Harness, startHarness } from './harness.js';
import { flawsOfError } from './raw-answer.js';
import { exchange } from './raw-connection.js';
import { rawRequest } from './raw-request.js';

let maas: Harness;
let open: FakeModel;
let closed: FakeModel;
let token: string;

const SLASHED = 'org/family/model-7b:q4';
const LONGEST = `${'a/'.repeat(63)}zz`;

beforeAll(async () => {
  maas = await startHarness();
  open = await startFakeModel();
  closed = await startFakeModel();
  await maas.addModel('fake', open.url);
  await maas.addModel(SLASHED, open.url);
  await maas.addModel(LONGEST, open.url);
  await maas.addModel('closed', closed.url, { tiers: ['enterprise'] });
  await maas.admin('/tiers/premium', { method: 'PATCH', body: { requestsPerMinute: null, tokensPerMinute: null } });
  token = await maas.accessToken('premium');
});
afterAll(async () => {
  await open.close();
  await closed.close();
  await maas.stop();
});
beforeEach(() => {
  open.behave(answerBriefly);
  open.seen.length = 0;
});

/** Characters that stand for the bytes of a text in UTF-8. */
const bytesOf = (text: string) => Buffer.from(text).toString('latin1');
const ask = (path: string, model: unknown = 'fake', method = 'POST') => {
  const body = bytesOf(JSON.stringify({ ...chat('hi'), model }));
  return exchange(maas.url, rawRequest({ method, path, token, body }), method);
};
const urlsSeen = () => open.seen.map(({ url }) => url);

describe('an id with a slash', () => {
  it.each([
    ['raw', `/${SLASHED}/v1/chat/completions`],
    ['as %2F', `/${SLASHED.replaceAll('/', '%2F')}/v1/chat/completions`],
    ['as %2f, and a colon as %3A', `/${SLASHED.replaceAll('/', '%2f').replace(':', '%3A')}/v1/chat/completions`],
    ['once raw, once as %2F', `/${SLASHED.replace('/', '%2F')}/v1/chat/completions`],
    ['in a path that repeats itself', `/${SLASHED}/v1/chat/completions/v1/chat/completions`],
    ['in a path that repeats itself otherwise', `/${SLASHED}/v1/completions/v1/chat/completions`],
    ['with a slash at the end', `/${SLASHED}/v1/chat/completions/`],
    ['with a query', `/${SLASHED}/v1/chat/completions?api-version=1&x=%2F..%2F`],
  ])('is found in the path, %s', async (_how, path) => {
    expect((await ask(path))?.status).toBe(200);
    expect(urlsSeen()).toEqual([`/v1/chat/completions${path.split('?')[1] ? '?api-version=1&x=%2F..%2F' : ''}`]);
    expect(JSON.parse(open.seen[0]?.body ?? '')).toMatchObject({ model: SLASHED });
  });

  it.each([SLASHED, LONGEST, 'fake'])('is found by GET /v1/models/%s, raw or as %2F', async (id) => {
    for (const path of [
      `/v1/models/${id}`,
      `/v1/models/${id.replaceAll('/', '%2F')}`,
      `/maas-api/v1/models/${encodeURIComponent(id)}`,
    ]) {
      const answer = await exchange(maas.url, rawRequest({ path, token }));
      expect([answer?.status, JSON.parse(answer?.body ?? '')]).toMatchObject([200, { id }]);
    }
  });
});

const lookalikes: [string, string][] = [
  ['another case', 'Fake'],
  ['a space behind', 'fake '],
  ['a space before', ' fake'],
  ['a tab behind', 'fake\t'],
  ['a line end behind', 'fake\n'],
  ['a NUL behind', 'fake\0'],
  ['a NUL and more behind', 'fake\0x'],
  ['a Cyrillic а', 'f\u0430ke'],
  ['full-width letters', '\uff46\uff41\uff4b\uff45'],
  ['a soft hyphen', 'fa\u00adke'],
  ['a zero-width space', 'fake\u200b'],
  ['a combining mark', 'fake\u0301'],
  ['a byte order mark', '\ufefffake'],
  ['half of a surrogate pair', 'fake\ud800'],
  ['a slash behind', 'fake/'],
  ['a slash before', '/fake'],
  ['a segment ..', 'x/../fake'],
  ['a segment .', './fake'],
  ['an empty segment', 'fake//x'],
  ['a backslash', 'x\\..\\fake'],
  ['a question mark', 'fake?x'],
  ['a hash', 'fake#x'],
  ['a semicolon', 'fake;x'],
  ['a percent sign', 'f%61ke'],
  ['an ampersand', 'fake&model=closed'],
  ['ten thousand letters', 'f'.repeat(10_000)],
  ['a property of every object', '__proto__'],
  ['another property of every object', 'constructor'],
  ['a route of ours', 'maas-api/v1/me'],
];

describe('C9: what looks like an id', () => {
  it.each(lookalikes)('is no model, named in the body: %s', async (_what, model) => {
    const answer = await ask('/v1/chat/completions', model);
    expect(answer && flawsOfError(answer.status, answer.headers, answer.body)).toEqual([]);
    expect([answer?.status, JSON.parse(answer?.body ?? '')]).toMatchObject([
      404,
      { error: { code: 'model_not_found', param: 'model' } },
    ]);
    expect(answer?.body.length).toBeLessThan(1000);
    expect(urlsSeen()).toEqual([]);
  });

  it.each(lookalikes)('is no model, as %% escapes in the path: %s', async (_what, model) => {
    const escaped = [...Buffer.from(model)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
    for (const id of [escaped, escaped.replaceAll('%', '%25')]) {
      const answer = await ask(`/${id}/v1/chat/completions`);
      expect(answer && flawsOfError(answer.status, answer.headers, answer.body)).toEqual([]);
      // Longer than all that a client may send ahead of the body: 431.
      expect([404, 431]).toContain(answer?.status);
    }
    expect(urlsSeen()).toEqual([]);
  });
});

describe('C9, C11: paths', () => {
  it.each([
    '//v1/chat/completions',
    '/v1//chat/completions',
    '/v1/chat//completions',
    '/v1/chat/completions//',
    '/v1/./chat/completions',
    '/v1/../v1/chat/completions',
    '/v1/chat/../completions',
    '/v1/chat/%2e%2e/completions',
    '/v1/chat%2Fcompletions',
    '/v1/chat/completions%00',
    '/v1/chat/completions;x',
    '/v1/chat/completions#x',
    '/v1/chat\\completions',
    '/v1/%63hat/completions',
    '/v1/',
    '/v1/.',
    '/v1/..',
    '/v1/~root',
    '//fake/v1/chat/completions',
    '/fake//v1/chat/completions',
    '/fake/./v1/chat/completions',
    '/fake/../fake/v1/chat/completions',
    '/fake/v1/../../secret/v1/../admin',
    '/fake/v1/../admin',
    '/fake/v1/%2e%2e/admin',
    '/fake/v1/..%2fadmin',
    '/fake/v1/..\\admin',
    '/fake/v1/chat/completions/..',
    '/fake;x/v1/chat/completions',
    '/fake%2Fv1/chat/completions',
    '/fake/V1/chat/completions',
    '/V1/chat/completions',
    '/fake%3Fx/v1/chat/completions',
    '/fake#/v1/chat/completions',
    '/fake?/v1/chat/completions',
    '/%66ak%65%00/v1/chat/completions',
    '/%/v1/chat/completions',
    '/%zz/v1/chat/completions',
    '/%c0%ae%c0%ae/v1/chat/completions',
    '/%ff/v1/chat/completions',
    `/${'../'.repeat(50)}etc/passwd/v1/chat/completions`,
    `/fake/v1/${'a'.repeat(300)}`,
    `/${'a'.repeat(10_000)}/v1/chat/completions`,
    '/maas-api/v1/chat/completions',
    '/MAAS-API/v1/chat/completions',
    '/docs/v1/chat/completions',
    '/_next/v1/chat/completions',
    '/closed/v1/chat/completions',
    '/fake/v1/chat/completions/closed/v1/..',
  ])('that mean no endpoint of a model are refused, and no backend hears of them: %s', async (path) => {
    const answer = await ask(path);
    expect(answer && flawsOfError(answer.status, answer.headers, answer.body)).toEqual([]);
    expect([...urlsSeen(), ...closed.seen]).toEqual([]);
  });

  it('whatever they are made of, lead to the backend only by the path that was meant', async () => {
    // prettier-ignore
    const piece = fc.constantFrom(
      '/', '//', 'v1', '/v1/', 'fake', 'closed', '/fake/v1/', '/closed/v1/', 'chat/completions', '/embeddings', 'models', 'tokens',
      '.', '..', '/../', '/./', '%2e', '%2E%2e', '%2f', '%2F', '%252F', '%5c', '\\', ';', ':', '@', '~', '#', '?', '&', '%', '%00', '%zz',
      'maas-api', 'docs', '%c0%af', '*', ',', '+', '%20', '%0d%0a',
    );
    const before = fc.constantFrom('', '', '/fake', '/fake', '/closed', '/', 'http://fake', '/maas-api', '/fake/v1/x');
    const pieces = fc.array(piece, { maxLength: 3 });
    const endpoint = fc.constantFrom('chat/completions', 'embeddings', 'x');
    const path = fc
      .tuple(before, fc.array(piece, { maxLength: 1 }), fc.constantFrom('/v1/', '/v1/', '/V1/', '/'), endpoint, pieces)
      .map(([start, middle, version, name, end]) => `${start}${middle.join('')}${version}${name}${end.join('')}`);
    let reached = 0;
    await fc.assert(
      fc.asyncProperty(path, fc.constantFrom('POST', 'GET', 'DELETE', 'HEAD'), async (url, method) => {
        open.seen.length = 0;
        const answer = await ask(url, 'fake', method);
        expect(answer?.status).toBeLessThan(500);
        const meant = /^[^?#]*\/v1\/((?:[\w-][\w.:@~-]*\/)*[\w-][\w.:@~-]*)\/?(\?.*)?$/.exec(url);
        for (const seen of urlsSeen()) expect(seen).toBe(`/v1/${meant?.[1]}${meant?.[2] ?? ''}`);
        if (urlsSeen().length > 0) expect(url).toMatch(/^(http:\/\/[^/?#]*)?(\/fake)?\/v1\//);
        reached += urlsSeen().length;
      }),
      { numRuns: 1000, seed: 20261121 },
    );
    expect(closed.seen).toEqual([]);
    expect(reached).toBeGreaterThan(20);
  });
});

describe('C9: registering a model', () => {
  const register = (id: unknown) => maas.admin('/models', { method: 'POST', body: { id, name: 'A model' } });

  it.each([
    ...lookalikes.filter(([, id]) => !['Fake', 'constructor'].includes(id)).map(([, id]) => id),
    '', '.', '..', '.hidden', '-x', ':x', 'x/.', 'x/..', 'x/v1', 'v1/x', 'x/v1/y', 'a'.repeat(129), null, 7, true, {}, ['x'],
  ])('refuses the id %j', async (id) => {
    const answer = await register(id);
    expect([answer.status, errorOf(answer)]).toMatchObject([400, { code: expect.stringMatching(/^invalid_(request|json)$/) }]);
  }); // prettier-ignore

  it.each([
    'maas-api',
    'v1',
    'healthz',
    'readyz',
    'health',
    'metrics',
    'docs',
    'login',
    'setup',
    'assets',
    '_next',
    '.well-known',
  ])('refuses the route of ours %s, in any case and with anything behind it', async (name) => {
    for (const id of [name, name.toUpperCase(), `${name}/x`]) expect((await register(id)).status).toBe(400);
  });

  it('takes no id that is taken', async () => {
    expect([(await register('fake')).status, (await register('simulator')).status]).toEqual([409, 409]);
  });

  it('takes ids that differ in their case as two', async () => {
    expect([(await register('Case/Y')).status, (await register('case/Y')).status]).toEqual([201, 201]);
  });
});
