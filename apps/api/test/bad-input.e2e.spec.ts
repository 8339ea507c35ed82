import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { answerBriefly, type FakeModel, startFakeModel } from './fake-model.js';
import { type Answer, type CallOptions, chat, errorOf, type Harness, startHarness } from './harness.js';
import { flawsOfError } from './raw-answer.js';
import { otherJson, unreadableBodies } from './raw-bodies.js';
import { anyRequest } from './raw-fuzz.js';
import { controllerRoutes } from './route-table.js';

let maas: Harness;
let backend: FakeModel;
let closed: FakeModel;
let token: string;
let identity: string;
let freeIdentity: string;
let admin: string;

const LIMIT = 4_000_000;

beforeAll(async () => {
  maas = await startHarness({ MAX_REQUEST_BYTES: String(LIMIT) });
  backend = await startFakeModel();
  closed = await startFakeModel();
  await maas.addModel('fake', backend.url);
  await maas.addModel('renamed', backend.url, { backends: [{ url: backend.url, upstreamModel: 'Their/Name "1"' }] });
  await maas.addModel('closed', closed.url, { tiers: ['enterprise'] });
  await maas.admin('/tiers/premium', { method: 'PATCH', body: { requestsPerMinute: null, tokensPerMinute: null } });
  token = await maas.accessToken('premium');
  identity = await maas.login('premium');
  // Whoever revokes all tokens of theirs in what follows has none.
  freeIdentity = await maas.login('free');
  admin = await maas.login('admin');
});
afterAll(async () => {
  await backend.close();
  await closed.close();
  await maas.stop();
});
beforeEach(() => {
  backend.behave(answerBriefly);
  backend.seen.length = 0;
});

type Body = NonNullable<CallOptions['body']>;
const infer = (body: Body, path = '/v1/chat/completions', headers: Record<string, string> = {}) =>
  maas.call(path, { method: 'POST', token, body, headers });
const flawsOf = ({ status, headers, text }: Answer) => flawsOfError(status, headers, text);

describe('C7: a body that cannot be read', () => {
  it.each(unreadableBodies)(
    'is refused by inference, with 400, before any backend hears of it: %s',
    async (_what, body) => {
      for (const path of [
        '/v1/chat/completions',
        '/fake/v1/chat/completions',
        '/v1/completions',
        '/v1/embeddings',
        '/v1/responses',
        '/fake/v1/rerank',
      ]) {
        const answer = await infer(body, path);
        expect([path, flawsOf(answer)]).toEqual([path, []]);
        expect(errorOf(answer)).toMatchObject({ type: 'invalid_request_error', code: 'invalid_json' });
      }
      expect(backend.seen).toEqual([]);
    },
  );

  it.each(unreadableBodies)('is refused by the control plane, with 400: %s', async (_what, body) => {
    const calls: [string, string][] = [
      ['/maas-api/v1/tokens', identity],
      ['/maas-api/v1/login', ''],
      ['/maas-api/v1/tiers/lookup', identity],
      ['/maas-api/v1/admin/tiers', admin],
    ];
    for (const [path, as] of calls) {
      const answer = await maas.call(path, { method: 'POST', body, ...(as ? { token: as } : {}) });
      expect([path, flawsOf(answer)]).toEqual([path, []]);
      expect(errorOf(answer)).toMatchObject({ type: 'invalid_request_error', code: 'invalid_json' });
    }
  });

  it.each(unreadableBodies.slice(0, 4))(
    'is nothing that somebody without a token learns of: %s',
    async (_what, body) => {
      for (const path of ['/v1/chat/completions', '/maas-api/v1/tokens', '/maas-api/v1/admin/models']) {
        expect((await maas.call(path, { method: 'POST', body })).status).toBe(401);
      }
    },
  );

  it.each(otherJson)('is one that is no object: %s', async (body) => {
    expect([flawsOf(await infer(body)), flawsOf(await infer(body, '/fake/v1/chat/completions'))]).toEqual([[], []]);
    for (const path of ['/tiers', '/models', '/users']) {
      const answer = await maas.admin(path, { method: 'POST', body });
      expect(flawsOf(answer)).toEqual([]);
      // As no body does, it stands for an empty one.
      const why = body === 'null' ? /^\w+ is missing$/ : /^The request body must be an object$/;
      expect(errorOf(answer).message).toMatch(why);
    }
    expect(backend.seen).toEqual([]);
  });

  it('is none at all, where the body has to name the model', async () => {
    for (const body of ['', ' ', '{}', '{"model":""}']) expect([body, flawsOf(await infer(body))]).toEqual([body, []]);
  });

  it.each(['gzip', 'BR', 'x-gzip, deflate', 'zstd'])(
    'is one that is compressed with %s: 415 says so',
    async (coding) => {
      const headers = { 'content-encoding': coding };
      const bytes = new Uint8Array(gzipSync(JSON.stringify(chat('hi', { model: 'fake' }))));
      const answers = [
        await infer(bytes, undefined, headers),
        await infer('', undefined, headers),
        await maas.call('/maas-api/v1/tokens', { token: identity, body: bytes, headers }),
      ];
      for (const answer of answers) {
        expect([answer.status, errorOf(answer).code]).toEqual([415, 'unsupported_media_type']);
        expect(errorOf(answer).message).toContain('send it as it is');
        expect(answer.headers.get('accept-encoding')).toBe('identity');
      }
      expect(backend.seen).toEqual([]);
    },
  );

  it.each(['identity', 'utf-8', 'none'])(
    'is not one that is said to be encoded as %s, which is none',
    async (coding) => {
      const headers = { 'content-encoding': coding };
      expect((await infer(JSON.stringify(chat('hi', { model: 'fake' })), undefined, headers)).status).toBe(200);
      expect(backend.seen[0]?.headers['content-encoding']).toBeUndefined();
    },
  );
});

describe('C6: a body that is too large', () => {
  it.each([
    ['/v1/chat/completions', LIMIT, () => token],
    ['/fake/v1/audio/transcriptions', LIMIT, () => token],
    ['/maas-api/v1/tokens', 1024 * 1024, () => identity],
  ])('is refused with 413 at %s, and one of %i bytes is not', async (path, limit, as) => {
    const start = '{"model":"fake","x":"';
    const bodyOf = (length: number) => `${start}${'x'.repeat(length - start.length - 2)}"}`;
    expect((await maas.call(path, { token: as(), body: bodyOf(limit) })).status).toBeLessThan(300);
    const answer = await maas.call(path, { token: as(), body: bodyOf(limit + 1) });
    expect(flawsOf(answer)).toEqual([]);
    expect([answer.status, errorOf(answer).code]).toEqual([413, 'request_too_large']);
    expect(errorOf(answer).message).toBe(`The request body is too large; the largest is ${limit} bytes`);
  });
});

describe('a body that is too large hides nothing that is wrong before it:', () => {
  const body = ' '.repeat(1024 * 1024 + 1);

  it.each([
    ['/v1/chat/completions', 'x', 401],
    ['/maas-api/v1/tokens', 'x', 401],
    ['/maas-api/v1/admin/tiers', 'x', 401],
    ['/maas-api/v1/nowhere', 'x', 404],
  ])('%s as %s is %i', async (path, as, status) => {
    const answer = await maas.call(path, { method: 'POST', token: as, body });
    expect([answer.status, answer.headers.get('connection')]).toEqual([status, 'close']);
    expect(flawsOf(answer)).toEqual([]);
  });
});

describe('C7: a body that passes', () => {
  const tricky = {
    'big integers': '{"model":"fake","seed":12345678901234567890,"x":-9007199254740993}',
    'numbers beyond any': '{"model":"fake","temperature":1e999,"x":-1E+400,"y":1e-999}',
    'numbers written otherwise': '{"model":"fake","x":[1.0,1e2,0.10,-0,1E0,100000000000000000000000]}',
    'keys in their order': '{"z":1,"model":"fake","2":2,"1":1,"b":{"10":1,"9":2}}',
    'escapes as they are': '{"model":"f\\u0061ke","x":"\\u00e9\\/\\ud83d\\ude00\\ud800","\\u0078\\u0079":"\\b\\f"}',
    'raw characters': '{"model":"fake","x":"é😀\u2028\u2029\u007f\ufeff"}',
    'white space': ' \t\r\n{ "model" :\t"fake" ,\n"x" : [ 1 , 2 ] }\r\n ',
    'keys that are properties of every object':
      '{"model":"fake","constructor":{"prototype":{"x":1}},"toString":1,"hasOwnProperty":null}',
    'keys that only look alike':
      '{"model":"fake","mоdel":"closed","model ":"closed","m\\u0000odel":"closed","":"closed"}',
    'the same key at different places': '{"model":"fake","a":{"model":"closed"},"b":[{"model":"closed"}]}',
    '64 levels': `{"model":"fake","a":${'['.repeat(63)}${']'.repeat(63)}}`,
    '100,000 keys': `{"model":"fake",${Array.from({ length: 100_000 }, (_, index) => `"k${index}":${index}`).join()}}`,
    '100,000 keys that are numbers': `{"model":"fake",${Array.from({ length: 100_000 }, (_, index) => `"${index * 65_536}":1`).join()}}`,
    'a text of three million characters': `{"model":"fake","x":"${'\\"'.repeat(1_500_000)}"}`,
  };

  it.each(Object.entries(tricky))('reaches the backend byte by byte: %s', async (_what, body) => {
    expect((await infer(body)).status).toBe(200);
    expect(backend.seen[0]?.body === body).toBe(true);
  });

  it('has the model of the path, and no other, whatever it names', async () => {
    for (const model of ['closed', 'nobody', '', 'fa\\u006be']) {
      backend.seen.length = 0;
      const answer = await infer(
        `{"a":{"model":"x"},"model": "${model}" ,"seed":12345678901234567890}`,
        '/fake/v1/chat/completions',
      );
      expect(answer.status).toBe(200);
      const named = model.startsWith('fa') ? model : 'fake';
      expect(backend.seen[0]?.body).toBe(`{"a":{"model":"x"},"model": "${named}" ,"seed":12345678901234567890}`);
    }
    expect(closed.seen).toEqual([]);
  });

  it('has the name by which the backend knows the model', async () => {
    expect((await infer('{"x":1e400,"model":"renamed","y":[]}')).status).toBe(200);
    expect(backend.seen[0]?.body).toBe('{"x":1e400,"model":"Their/Name \\"1\\"","y":[]}');
  });

  it.each([
    [
      'a stream asks for its usage',
      '{"model":"fake","stream":true,"x":12345678901234567890}',
      '{"stream_options":{"include_usage":true},"model":"fake","stream":true,"x":12345678901234567890}',
    ],
    [
      'and keeps its other options',
      '{"model":"fake","stream":true,"stream_options":{"x":12345678901234567890,"2":1e400,"1":[]}}',
      '{"model":"fake","stream":true,"stream_options":{"include_usage":true,"x":12345678901234567890,"2":1e400,"1":[]}}',
    ],
    [
      'also where it did not want it',
      '{"model":"fake","stream":true,"stream_options": {"include_usage": false , "x":1e400}}',
      '{"model":"fake","stream":true,"stream_options": {"include_usage": true , "x":1e400}}',
    ],
    [
      'and where it has none',
      '{"model":"fake","stream":true,"stream_options":null}',
      '{"model":"fake","stream":true,"stream_options":{"include_usage":true}}',
    ],
    [
      'but leaves a mistake to the backend',
      '{"model":"fake","stream":true,"stream_options":[1]}',
      '{"model":"fake","stream":true,"stream_options":[1]}',
    ],
  ])('is changed only where it must be: %s', async (_what, sent, seen) => {
    expect((await infer(sent)).status).toBe(200);
    expect(backend.seen[0]?.body).toBe(seen);
  });
});

describe('C7, C10: a field that decides', () => {
  it.each([
    ['model', ['7', 'null', 'true', '[]', '{}', '["fake"]', '{"id":"fake"}']],
    ['stream', ['"true"', '1', '0', '""', '[]', '{}', '[true]']],
    ['max_tokens', ['"12"', '1.5', '-1', '1e999', '-1e999', '1e10', '2147483648', 'true', '[]', '{}', '[12]', '""']],
    ['max_completion_tokens', ['"12"', '1.5', '-1', '1e999', 'true', '[12]']],
    ['n', ['"2"', '0', '-1', '1.5', '129', '1e999', 'true', '[2]', '{}']],
    ['best_of', ['"2"', '0', '-1', '1.5', '129', '1e999']],
  ])('is refused with 400 that names it, when it has another type or cannot be meant: %s', async (name, values) => {
    for (const value of values) {
      const answer = await infer(`{${name === 'model' ? '' : '"model":"fake",'}"${name}":${value}}`);
      expect([value, flawsOf(answer)]).toEqual([value, []]);
      expect([answer.status, errorOf(answer)]).toMatchObject([400, { code: 'invalid_request', param: name }]);
      expect(errorOf(answer).message).toContain(name);
    }
    expect(backend.seen).toEqual([]);
  });

  it.each(['null', '1', '1.0', '1e2', '0', '2147483647'])(
    'may be %s where a number of tokens is meant',
    async (value) => {
      expect((await infer(`{"model":"fake","max_tokens":${value}}`)).status).toBe(200);
    },
  );

  it('may not be written in a way that only some take for it', async () => {
    for (const name of [
      'Model',
      'MODEL',
      'ſtream',
      'Stream',
      'MAX_TOKENS',
      'max_to\u212aens',
      'Stream_Options',
      'N',
      '\\u004dodel',
    ]) {
      const answer = await infer(`{"model":"fake","${name}":1}`);
      expect([name, flawsOf(answer)]).toEqual([name, []]);
    }
    expect(backend.seen).toEqual([]);
  });

  it.each([
    'application/octet-stream',
    'audio/wav',
    'multipart/form-data; boundary=x',
    'image/png',
    'x',
    'text/plain',
    '',
  ])('is seen in JSON that is called %j', async (type) => {
    const headers = { 'content-type': type };
    expect((await infer('{"model":"closed"}', '/v1/chat/completions', headers)).status).toBe(403);
    expect((await infer('{"model":"closed","max_tokens":-1}', '/fake/v1/chat/completions', headers)).status).toBe(400);
    expect((await infer('{"model":"closed"}', '/fake/v1/rerank', headers)).status).toBe(200);
    expect(backend.seen.map(({ body }) => body)).toEqual(['{"model":"fake"}']);
  });
});

describe('the control plane', () => {
  const characters = ['a\\u0000b', '\\ud800', 'x\\udc00'];
  it.each([
    ['/maas-api/v1/tokens', (text: string) => `{"name":"${text}"}`],
    ['/maas-api/v1/tokens', (text: string) => `{"description":"${text}"}`],
    ['/maas-api/v1/login', (text: string) => `{"username":"${text}","password":"x"}`],
    ['/maas-api/v1/login', (text: string) => `{"username":"x","password":"${text}"}`],
    ['/maas-api/v1/setup', (text: string) => `{"secret":"${text}","username":"x","password":"xxxxxxxxxxxx"}`],
    ['/maas-api/v1/tiers/lookup', (text: string) => `{"groups":["${text}"]}`],
    ['/maas-api/v1/admin/users', (text: string) => `{"username":"u","password":"xxxxxxxxxxxx","groups":["${text}"]}`],
    ['/maas-api/v1/admin/tiers', (text: string) => `{"name":"t","displayName":"${text}","features":["${text}"]}`],
    ['/maas-api/v1/admin/models', (text: string) => `{"id":"m","name":"${text}","capabilities":["${text}"]}`],
  ])('refuses text that no database keeps at %s', async (path, bodyOf) => {
    for (const text of characters)
      expect([text, flawsOf(await maas.call(path, { token: admin, body: bodyOf(text) }))]).toEqual([text, []]);
  });

  it.each([
    '/maas-api/v1/tokens?limit=0', '/maas-api/v1/tokens?limit=-1', '/maas-api/v1/tokens?limit=101', '/maas-api/v1/tokens?limit=1.5',
    '/maas-api/v1/tokens?limit=x', '/maas-api/v1/tokens?limit=', '/maas-api/v1/tokens?limit=1e999', '/maas-api/v1/tokens?limit=1&limit=2',
    '/maas-api/v1/tokens?after=x', '/maas-api/v1/tokens?after=%00', '/maas-api/v1/tokens?after=AA', '/maas-api/v1/tokens?after=x&after=y',
    `/maas-api/v1/tokens?after=${'a'.repeat(600)}`, '/maas-api/v1/admin/tokens?user=x', '/maas-api/v1/admin/tokens?status=gone',
    '/maas-api/v1/admin/users?search=%00', '/maas-api/v1/admin/users?search=a&search=b', `/maas-api/v1/admin/users?search=${'a'.repeat(300)}`,
    '/maas-api/v1/admin/audit?action=%00', '/maas-api/v1/admin/audit?actorId=x', '/maas-api/v1/admin/models?after=%ff',
    '/maas-api/v1/usage?from=x', '/maas-api/v1/usage?from=0000-01-01T00:00:00Z', '/maas-api/v1/usage?from=0000-01-01T00:00:00%2B23:59',
    '/maas-api/v1/usage?from=2026-02-30T00:00:00Z', '/maas-api/v1/usage?from=-271821-04-20T00:00:00Z', '/maas-api/v1/usage?to=1969-12-31T23:59:59Z',
    '/maas-api/v1/usage?from=9999-12-31T23:59:59-23:59', '/maas-api/v1/usage?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z',
    '/maas-api/v1/usage?groupBy=x', '/maas-api/v1/usage?groupBy=', '/maas-api/v1/usage?groupBy=day&groupBy=day', '/maas-api/v1/usage?groupBy=constructor',
    '/maas-api/v1/usage?groupBy=day;DROP', '/maas-api/v1/usage?model=%00', `/maas-api/v1/usage?model=${'a'.repeat(200)}`,
    '/maas-api/v1/admin/usage?user=x', '/maas-api/v1/admin/usage?tier=%00', '/maas-api/v1/admin/models/%00', '/maas-api/v1/admin/models/%ff',
    '/maas-api/v1/admin/tiers/%00', '/maas-api/v1/admin/tiers/%', '/maas-api/v1/admin/users/%00', `/maas-api/v1/admin/models/${'a'.repeat(600)}`,
    `/maas-api/v1/admin/models/${'a'.repeat(20_000)}`, '/v1/models/%00', '/v1/models/%ff', `/v1/models/${'a'.repeat(600)}`, '/v1/models/%E0%A4%A',
    '/maas-api/v1/nothing', '/nothing', '/%00', '/%', '/maas-api', '/maas-api/v1', '/maas-api/v2/me', '/v1', '/v2/models',
  ])('refuses %s', async (path) => {
    expect(flawsOf(await maas.call(path, { token: admin }))).toEqual([]);
  }); // prettier-ignore

  it.each([
    '/maas-api/v1/usage?to=9999-12-31T23:59:59Z',
    '/maas-api/v1/usage?from=1970-01-01T00:00:00Z',
    '/maas-api/v1/usage?from=9999-12-31T00:00:00Z&to=9999-12-31T23:59:59-23:59',
    '/maas-api/v1/admin/users?search=%25_%5C%27%22%ED%A0%80',
  ])('takes %s', async (path) => {
    expect((await maas.call(path, { token: admin })).status).toBe(200);
  });

  it('refuses an end of an override that no calendar has', async () => {
    const { body } = await maas.admin<{ data: { id: string; username: string }[] }>('/users?search=free');
    for (const value of [
      '0000-01-01T00:00:00Z',
      '1969-12-31T23:59:59Z',
      '+275760-09-13T00:00:00Z',
      '2026-02-30T00:00:00Z',
      'never',
      7,
    ]) {
      const answer = await maas.admin(`/users/${body.data[0]?.id}`, {
        method: 'PATCH',
        body: { tierOverrideExpiresAt: value },
      });
      expect([value, flawsOf(answer)]).toEqual([value, []]);
    }
  });
});

describe('whatever is asked', () => {
  it('is never answered with a 5xx, and every error has the error shape: 1,500 requests', async () => {
    const document = (await maas.call<object>('/docs/openapi.json')).body;
    const credentials = { token, identity: freeIdentity, admin };
    const statuses = new Map<number, number>();
    await fc.assert(
      fc.asyncProperty(anyRequest(controllerRoutes(maas.nest), document), async ({ path, as, ...options }) => {
        const answer = await maas.call(path, { ...options, token: credentials[as] });
        statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
        if (answer.status >= 400 && options.method !== 'HEAD') expect(flawsOf(answer)).toEqual([]);
        expect(answer.status).toBeLessThan(500);
        expect(answer.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
      }),
      { numRuns: 1500, seed: 20261121 },
    );
    // Not all was refused at the door.
    for (const status of [200, 201, 204, 400, 401, 403, 404])
      expect([status, (statuses.get(status) ?? 0) > 5]).toEqual([status, true]);
  });
});
