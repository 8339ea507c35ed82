import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ListingController } from '../src/proxy/listing.controller.js';
import { answerBriefly, type Behaviour, type FakeModel, startFakeModel } from './fake-model.js';
import { chat, type Harness, startHarness } from './harness.js';
import { exchange } from './raw-connection.js';
import { type RawRequest, rawRequest } from './raw-request.js';

let maas: Harness;
let backend: FakeModel;
let token: string;

const CREDENTIAL = 'sk-of-the-backend';

beforeAll(async () => {
  maas = await startHarness();
  backend = await startFakeModel();
  await maas.addModel('fake', backend.url);
  await maas.addModel('paid', backend.url, { backends: [{ url: backend.url, credential: CREDENTIAL }] });
  await maas.admin('/tiers/premium', { method: 'PATCH', body: { requestsPerMinute: null, tokensPerMinute: null } });
  token = await maas.accessToken('premium');
});
afterAll(async () => {
  await backend.close();
  await maas.stop();
});
beforeEach(() => {
  backend.behave(answerBriefly);
  backend.seen.length = 0;
});

const ask = (lines: readonly string[], fields: object = {}, request: RawRequest = {}) => {
  const body = JSON.stringify(chat('hi', { model: 'paid', ...fields }));
  return exchange(maas.url, rawRequest({ path: '/v1/chat/completions', token, lines, body, ...request }));
};
/** A model of its own: a backend that fails too often, or asks to be left alone, is not asked any more for a while. */
let models = 0;
async function freshModel(): Promise<string> {
  models += 1;
  await maas.addModel(`fresh-${models}`, backend.url);
  return `fresh-${models}`;
}
const seen = () => backend.seen[0]?.headers ?? {};

/** What undici and we ourselves send to any backend. */
const ours = new Set([
  'accept-encoding',
  'authorization',
  'connection',
  'content-length',
  'content-type',
  'host',
  'user-agent',
  'x-request-id',
]);

describe('C8: what a backend sees of a request', () => {
  it.each([
    [
      'credentials',
      [
        'x-api-key: stolen',
        'api-key: stolen',
        'proxy-authorization: Basic c3RvbGVu',
        'x-auth-token: stolen',
        'cookie: session=stolen',
        'cookie2: stolen',
        'authentication: stolen',
      ],
    ],
    [
      'who forwarded it',
      [
        'x-forwarded-for: 10.0.0.1',
        'x-forwarded-host: stolen',
        'x-forwarded-proto: https',
        'x-forwarded-user: admin',
        'x-forwarded-email: a@b',
        'x-forwarded-access-token: stolen',
        'forwarded: for=10.0.0.1',
        'x-real-ip: 10.0.0.1',
        'via: 1.1 stolen',
        'true-client-ip: 10.0.0.1',
        'x-remote-user: admin',
        'remote-user: admin',
        'impersonate-user: admin',
        'x-maas-user: admin',
        'x-ssl-client-cert: stolen',
      ],
    ],
    [
      'names with underscores',
      [
        'x_api_key: stolen',
        'x_forwarded_for: 10.0.0.1',
        'authorization_: stolen',
        'content_type: stolen',
        'x_request_id: stolen',
        '__proto__: stolen',
        'constructor: stolen',
      ],
    ],
    [
      'what is for the next hop',
      [
        'keep-alive: timeout=1',
        'te: trailers',
        'trailer: authorization',
        'proxy-connection: keep-alive',
        'upgrade: h2c',
        'http2-settings: AAMAAABkAAQAAP__',
        'expect: 100-continue',
      ],
    ],
    [
      'names that are declared to be for this hop',
      ['connection: authorization, content-type, x-request-id, host, content-length, x-api-key'],
    ],
    [
      'a method for another day',
      [
        'x-http-method-override: DELETE',
        'x-method-override: DELETE',
        'x-original-url: /admin',
        'x-rewrite-url: /admin',
      ],
    ],
    [
      'where it comes from',
      [
        'origin: https://stolen.test',
        'referer: https://stolen.test',
        'sec-fetch-site: cross-site',
        'user-agent: stolen',
        'accept-language: de',
        'accept-encoding: gzip, br',
        'if-none-match: "stolen"',
        'range: bytes=0-1',
        'content-encoding: identity',
        'content-md5: stolen',
        'x-request-id: stolen',
        'x-stainless-os: stolen',
        'openai-organization: stolen',
        'openai-project: stolen',
      ],
    ],
  ])('has nothing of %s', async (_what, lines) => {
    expect((await ask(lines))?.status).toBe(200);
    expect(Object.keys(seen()).filter((name) => !ours.has(name))).toEqual([]);
    expect(JSON.stringify(seen())).not.toMatch(/stolen|10\.0\.0\.1|DELETE/);
    expect(seen()).toMatchObject({
      authorization: `Bearer ${CREDENTIAL}`,
      'accept-encoding': 'identity',
      'content-type': 'application/json',
      host: new URL(backend.url).host,
      'user-agent': 'maas',
    });
  });

  it('is the caller’s token nowhere, however it was shown, and the backend’s own only where it has one', async () => {
    for (const model of ['fake', 'paid']) {
      for (const lines of [[`authorization: Bearer ${token}`], [`x-api-key: ${token}`], [`api-key: ${token}`]]) {
        backend.seen.length = 0;
        const body = JSON.stringify(chat('hi', { model }));
        const request = `POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\n${lines.join('\r\n')}\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
        expect((await exchange(maas.url, request))?.status).toBe(200);
        expect(JSON.stringify(backend.seen)).not.toContain(token.slice(0, 20));
        expect(seen().authorization).toBe(model === 'paid' ? `Bearer ${CREDENTIAL}` : undefined);
      }
    }
  });

  it('is what the API defines, and the id that the answer has', async () => {
    const lines = [
      'accept: text/event-stream',
      'openai-beta: assistants=v2',
      'traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      'tracestate: a=b',
    ];
    const answer = await ask(lines);
    expect(seen()).toMatchObject(Object.fromEntries(lines.map((line) => line.split(': '))));
    expect(seen()['x-request-id']).toBe(answer?.headers.get('x-request-id'));
  });

  it.each([
    'application/x-www-form-urlencoded',
    'text/plain',
    'application/json; charset=utf-16',
    'application/octet-stream',
    'multipart/form-data; boundary=x',
    undefined,
  ])('is JSON by its type where it was read as JSON, whatever the client called it: %s', async (type) => {
    expect((await ask(type === undefined ? [] : [`content-type: ${type}`], { n: 1 }))?.status).toBe(200);
    expect(seen()['content-type']).toBe('application/json');
  });

  it('is a body of another kind as it came, with its type', async () => {
    const form =
      '--x\r\ncontent-disposition: form-data; name="file"; filename="a.wav"\r\n\r\n\x00\xff\xfe{\r\n--x--\r\n';
    const lines = ['content-type: multipart/form-data; boundary=x'];
    expect((await ask(lines, {}, { path: '/paid/v1/audio/transcriptions', body: form }))?.status).toBe(200);
    expect(seen()['content-type']).toBe('multipart/form-data; boundary=x');
    expect(backend.seen[0]?.body).toBe(Buffer.from(form, 'latin1').toString());
  });
});

describe('a list of models for a Host of thousands of characters', () => {
  it('is answered, and not kept', async () => {
    const lists = Reflect.get(maas.nest.get(ListingController), 'lists') as Map<string, string>;
    for (const host of ['maas.test', 'h'.repeat(20_000)]) {
      const request = `GET /v1/models HTTP/1.1\r\nhost: ${host}\r\nauthorization: Bearer ${token}\r\n\r\n`;
      const answer = await exchange(maas.url, request);
      expect(answer?.status).toBe(200);
      expect(answer?.body).toContain(`"base_url":"http://${host}/fake/v1"`);
    }
    expect([...lists.keys()].filter((key) => key.length > 1000)).toEqual([]);
    expect([...lists.keys()].filter((key) => key.includes('maas.test'))).toHaveLength(1);
  });
});

describe('C8: what a client sees of an answer', () => {
  const tellTales = {
    'set-cookie': ['session=secret', 'b=secret'],
    server: 'secret/1.0',
    'x-powered-by': 'secret',
    location: 'http://secret.internal/',
    'content-location': 'http://secret.internal/',
    link: '<http://secret.internal/>',
    refresh: '0; url=http://secret.internal/',
    'www-authenticate': 'Basic realm="secret"',
    authorization: 'Bearer secret',
    'access-control-allow-origin': 'https://secret.test',
    'access-control-allow-credentials': 'true',
    'strict-transport-security': 'max-age=1',
    'alt-svc': 'h3="secret:443"',
    via: '1.1 secret',
    'x-request-id': 'secret',
    'x-ratelimit-limit-requests': '999',
    'x-ratelimit-remaining-tokens': '999',
    'x-odhu-usage-total-tokens': '999',
    'retry-after': '999',
    'cache-control': 'public, max-age=999',
    etag: '"secret"',
    'keep-alive': 'timeout=999',
    'x-envoy-upstream-service-time': '999',
    'openai-organization': 'secret',
    'clear-site-data': '"*"',
    'service-worker-allowed': '/',
  };
  /** What came through of the backend's headers: by name and value, as an id of ours may hold any digits. */
  const backendsOwn = (headers: Iterable<[string, string]> = []) =>
    [...headers].filter(
      ([name, value]) =>
        value.includes('secret') || new Map<string, unknown>(Object.entries(tellTales)).get(name) === value,
    );
  const answering =
    (status: number, type: string, text: string): Behaviour =>
    (_request, response) => {
      response.writeHead(status, { ...tellTales, 'content-type': type }).end(text);
    };

  it.each([
    ['an answer', 200, 'application/json', '{"choices":[]}'],
    ['a refusal of the backend', 400, 'application/json', '{"error":{"message":"no"}}'],
    ['a refusal for too many requests', 429, 'application/json', '{"error":{"message":"no"}}'],
    ['a stream', 200, 'text/event-stream', 'data: [DONE]\n\n'],
    ['bytes', 200, 'audio/wav', 'RIFF'],
    ['an answer without a body', 204, 'text/plain', ''],
  ])('has no header of the backend’s own: %s', async (_what, status, type, text) => {
    backend.behave(answering(status, type, text));
    const answer = await ask([], { model: await freshModel(), stream: type === 'text/event-stream' });
    expect([answer?.status, answer?.headers.get('content-type')]).toEqual([status, type]);
    expect(backendsOwn(answer?.headers)).toEqual([]);
    for (const name of Object.keys(tellTales)) {
      const allowed = [
        'x-request-id',
        'cache-control',
        'keep-alive',
        'retry-after',
        'x-odhu-usage-total-tokens',
      ].includes(name);
      if (!allowed) expect([name, answer?.headers.get(name)]).toEqual([name, undefined]);
    }
    expect(answer?.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it.each([301, 302, 303, 307, 308, 401, 403, 407, 500, 503, 599])(
    'is our own error, without a word of the backend, where it answers %i',
    async (status) => {
      backend.behave(
        answering(status, 'text/html', '<h1>secret of http://secret.internal at node_modules/x.js:1:1</h1>'),
      );
      const answer = await ask([], { model: await freshModel() });
      expect(answer?.status).toBe(status === 503 ? 503 : 502);
      expect(JSON.parse(answer?.body ?? '')).toMatchObject({ error: { type: 'server_error' } });
      expect(answer?.body).not.toMatch(/secret|node_modules|127\.0\.0\.1/);
      expect(backendsOwn(answer?.headers)).toEqual([]);
      expect(new Set(backend.seen.map(({ url }) => url))).toEqual(new Set(['/v1/chat/completions']));
    },
  );
});
