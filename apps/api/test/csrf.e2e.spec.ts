import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Browser, startBrowser } from './browser.js';
import { errorOf, type Harness, PASSWORD, startHarness } from './harness.js';

const API = '/maas-api/v1';
const PUBLIC = 'https://maas.example.com';
let maas: Harness;

const credentials = { username: 'free', password: PASSWORD };
const NOT_OURS = /^This request did not come from a page of this platform/;

/** A cookie of somebody who is signed in, as a browser would send it along with anything. */
async function cookie(at: Browser = startBrowser(maas.url)): Promise<string> {
  const answer = await at.fetch(`${API}/session`, { body: credentials });
  return answer.headers.getSetCookie()[0]?.split(';')[0] ?? '';
}

/** Mints a token by the cookie alone, with these headers. */
const mint = async (headers: Record<string, string>, body: string | undefined = '{}') =>
  maas.call(`${API}/tokens`, {
    method: 'POST',
    ...(body === undefined ? {} : { body }),
    headers: { cookie: await cookie(), 'content-type': 'application/json', ...headers },
  });

describe('on http://localhost', () => {
  beforeAll(async () => {
    maas = await startHarness();
  });
  afterAll(() => maas.stop());

  it.each([
    ['the browser says that a page of ours sent it', () => ({ 'sec-fetch-site': 'same-origin' })],
    ['a browser that does not say so names our origin', () => ({ origin: maas.url })],
    ['it says so, whatever the origin is', () => ({ 'sec-fetch-site': 'same-origin', origin: 'null' })],
  ])('a change by cookie is made where %s', async (_what, headers) => {
    expect((await mint(headers())).status).toBe(201);
  });

  it.each([
    ['nobody says where it comes from', () => ({})],
    ['another site sent it', () => ({ 'sec-fetch-site': 'cross-site' })],
    ['a neighbouring site sent it', () => ({ 'sec-fetch-site': 'same-site' })],
    ['the person typed the address', () => ({ 'sec-fetch-site': 'none' })],
    ['the browser says something else', () => ({ 'sec-fetch-site': 'same-origin, cross-site' })],
    ['a header that can be set names our origin', () => ({ 'sec-fetch-site': 'cross-site', origin: maas.url })],
    ['the origin is another', () => ({ origin: 'https://evil.example' })],
    ['the origin is hidden', () => ({ origin: 'null' })],
    ['the origin begins as ours does', () => ({ origin: `${maas.url}.evil.example` })],
    ['the origin is another port', () => ({ origin: 'http://127.0.0.1:1' })],
    ['the origin is of another scheme', () => ({ origin: maas.url.replace('http:', 'https:') })],
    ['the page it comes from is ours, but nothing else is', () => ({ referer: `${maas.url}/tokens` })],
  ])('a change by cookie is refused where %s', async (_what, headers) => {
    const answer = await mint(headers());
    expect([answer.status, errorOf(answer).code]).toEqual([403, 'access_denied']);
    expect(errorOf(answer).message).toMatch(NOT_OURS);
  });

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/jsonp',
    '',
  ])('a body that says it is %j is refused, as a form of another site could send it', async (type) => {
    const answer = await mint({ 'sec-fetch-site': 'same-origin', 'content-type': type });
    expect([answer.status, errorOf(answer).code]).toEqual([415, 'unsupported_media_type']);
  });

  it('a change without a body needs no content type', async () => {
    const headers = { cookie: await cookie(), 'sec-fetch-site': 'same-origin' };
    expect((await maas.call(`${API}/tokens`, { method: 'DELETE', headers })).status).toBe(204);
    const typed = { ...headers, 'content-type': 'application/json; charset=utf-8' };
    expect((await maas.call(`${API}/tokens`, { method: 'POST', body: '{}', headers: typed })).status).toBe(201);
  });

  it('reading is free for all, since nobody else can read the answer', async () => {
    const headers = { cookie: await cookie(), 'sec-fetch-site': 'cross-site' };
    const answer = await maas.call(`${API}/me`, { headers });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
    const preflight = await maas.call(`${API}/tokens`, {
      method: 'OPTIONS',
      headers: { origin: 'https://evil.example' },
    });
    expect(preflight.headers.get('access-control-allow-origin')).toBeNull();
  });

  it('a token is not asked where it comes from: no browser sends it by itself', async () => {
    const token = await maas.login('free');
    const headers = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example', 'content-type': 'text/plain' };
    expect((await maas.call(`${API}/tokens`, { method: 'POST', token, headers })).status).toBe(201);
  });

  it.each(['session', 'session/kubernetes', 'setup'])('POST /%s is refused to a page of another site', async (path) => {
    const body = { ...credentials, secret: 'x', token: 'x' };
    for (const headers of [{ 'sec-fetch-site': 'cross-site' }, { origin: 'https://evil.example' }]) {
      const answer = await maas.call(`${API}/${path}`, { body, headers });
      expect([answer.status, answer.headers.getSetCookie()]).toEqual([403, []]);
      expect(errorOf(answer).message).toMatch(NOT_OURS);
    }
    const form = { 'sec-fetch-site': 'same-origin', 'content-type': 'text/plain' };
    const sent = await maas.call(`${API}/${path}`, { method: 'POST', body: JSON.stringify(body), headers: form });
    expect(sent.status).toBe(415);
  });

  it('a program that is no browser may sign in without saying where it comes from', async () => {
    expect((await maas.call(`${API}/session`, { body: credentials })).status).toBe(201);
  });

  it('a page of another site can sign nobody out', async () => {
    const headers = { cookie: await cookie() };
    for (const from of [{ 'sec-fetch-site': 'cross-site' }, { origin: 'https://evil.example' }, {}]) {
      const answer = await maas.call(`${API}/session`, { method: 'DELETE', headers: { ...headers, ...from } });
      expect([answer.status, errorOf(answer).message]).toEqual([403, expect.stringMatching(NOT_OURS)]);
    }
    expect((await maas.call(`${API}/me`, { headers })).status).toBe(200);
  });
});

describe('behind a proxy with https', () => {
  beforeAll(async () => {
    maas = await startHarness({ PUBLIC_URL: PUBLIC });
  });
  afterAll(() => maas.stop());

  it('the cookie is one that only https and only this host can set and see', async () => {
    const answer = await maas.call(`${API}/session`, { body: credentials });
    expect(answer.headers.getSetCookie()).toEqual([
      expect.stringMatching(/^__Host-maas_session=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Lax$/),
    ]);
    const [pair = ''] = answer.headers.getSetCookie()[0]?.split(';') ?? [];
    expect((await maas.call(`${API}/me`, { headers: { cookie: pair } })).status).toBe(200);
    // The name that a neighbouring domain, or a page on http, could set is not looked at.
    const plain = pair.replace('__Host-', '');
    expect((await maas.call(`${API}/me`, { headers: { cookie: plain } })).status).toBe(401);
    const headers = { cookie: pair, 'sec-fetch-site': 'same-origin' };
    const gone = await maas.call(`${API}/session`, { method: 'DELETE', headers });
    expect(gone.headers.getSetCookie()[0]).toMatch(/^__Host-maas_session=; Max-Age=0; Path=\/; .*; Secure/);
  });

  it('our origin is the one in the address bar, not the one that the proxy calls', async () => {
    const at = startBrowser(maas.url, { origin: PUBLIC });
    const own = await cookie(at);
    const send = (origin: string) => maas.call(`${API}/tokens`, { method: 'POST', headers: { cookie: own, origin } });
    expect((await send(PUBLIC)).status).toBe(201);
    expect((await send(maas.url)).status).toBe(403);
    expect((await send('http://maas.example.com')).status).toBe(403);
  });

  it('browsers are told to come by https alone', async () => {
    const { headers } = await maas.call('/healthz');
    expect(headers.get('strict-transport-security')).toBe('max-age=31536000');
  });
});

describe('with a proxy that says by what it was reached', () => {
  beforeAll(async () => {
    maas = await startHarness({ TRUST_PROXY: '127.0.0.1' });
  });
  afterAll(() => maas.stop());

  it('the cookie and the origin follow it', async () => {
    const headers = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'maas.example.com' };
    const answer = await maas.call(`${API}/session`, { body: credentials, headers: { ...headers, origin: PUBLIC } });
    expect(answer.status).toBe(201);
    expect(answer.headers.getSetCookie()[0]).toMatch(/^__Host-maas_session=.*; Secure/);
    const plain = await maas.call(`${API}/session`, { body: credentials });
    expect(plain.headers.getSetCookie()[0]).toMatch(/^maas_session=/);
    expect(plain.headers.get('strict-transport-security')).toBeNull();
  });
});
