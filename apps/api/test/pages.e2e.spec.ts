import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { brotliCompressSync, brotliDecompressSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { errorOf, type Harness, startHarness } from './harness.js';
import { exchange } from './raw-connection.js';
import { rawRequest } from './raw-request.js';

let maas: Harness;
const folder = mkdtempSync(join(tmpdir(), 'maas-pages-'));
const script = (text: string) => `<script>${text}</script>`;
const page = (title: string, ...scripts: string[]) =>
  `<!doctype html><title>${title}</title><script src="/_next/static/chunks/a-1.js" async></script>${scripts.join('')}`;
const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
const html = { accept: 'text/html,application/xhtml+xml;q=0.9,*/*;q=0.8' };
const chunk = 'console.log("chunk");'.repeat(100);

const files: Record<string, string | Buffer> = {
  'index.html': page('Home', script('self.home=1'), script('self.both=1')),
  'tokens.html': page('Tokens', script('self.tokens=1'), script('self.both=1')),
  'tokens.txt': 'flight data',
  'tokens/__next._tree.txt': 'segment',
  'admin/tiers.html': page('Tiers'),
  'setup.html': page('Set up'),
  '404.html': page('Not found'),
  // Names that would hide routes, if pages could.
  'healthz.html': page('No'),
  'maas-api/v1/me.html': page('No'),
  'v1/models.html': page('No'),
  'docs.html': page('No'),
  'favicon.ico': Buffer.from([0, 0, 1, 0]),
  '_next/static/chunks/a-1.js': chunk,
  '_next/static/chunks/a-1.js.br': brotliCompressSync(chunk),
  '_next/static/chunks/a-1.js.gz': gzipSync(chunk),
  '_next/static/chunks/app/[id]/(group)/b:2*.js': 'special',
};

const get = (path: string, headers: Record<string, string> = html, method = 'GET') =>
  maas.call(path, { headers, method });
/** As it is on the wire: `fetch` decompresses. */
const raw = (path: string, encoding: string) =>
  exchange(maas.url, rawRequest({ path, lines: [`accept-encoding: ${encoding}`] }), 'GET');

beforeAll(async () => {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  maas = await startHarness({ DASHBOARD_DIR: folder });
});
afterAll(async () => {
  await maas.stop();
  rmSync(folder, { recursive: true });
});

describe('a page', () => {
  it.each([
    ['/', 'Home'],
    ['/tokens', 'Tokens'],
    ['/tokens?new=1', 'Tokens'],
    ['/%74okens', 'Tokens'],
    ['/admin/tiers', 'Tiers'],
    ['/setup', 'Set up'],
  ])('is served at %s, without a redirect', async (path, title) => {
    const { status, text, headers } = await get(path);
    expect([status, headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(text).toContain(`<title>${title}</title>`);
  });

  it.each([
    ['/tokens/', '/tokens'],
    ['/tokens/?new=1', '/tokens?new=1'],
    ['/admin/tiers/', '/admin/tiers'],
    ['/setup/', '/setup'],
  ])('has one address: %s leads to %s', async (path, location) => {
    const answer = await get(path);
    expect([answer.status, answer.headers.get('location')]).toEqual([308, location]);
  });

  it('is asked about again each time, and sent again only when it changed', async () => {
    const { headers } = await get('/tokens');
    expect(headers.get('cache-control')).toBe('no-cache');
    const etag = headers.get('etag') ?? '';
    expect(etag).not.toBe('');
    // By hand: `fetch` asks for a fresh answer where it is given a condition.
    const again = await exchange(maas.url, rawRequest({ path: '/tokens', lines: [`if-none-match: ${etag}`] }), 'GET');
    expect([again?.status, again?.body]).toEqual([304, '']);
    expect(again?.headers.get('content-security-policy')).toBe(headers.get('content-security-policy'));
  });

  it('answers HEAD as GET, without the page', async () => {
    const [head, full] = [await get('/tokens', html, 'HEAD'), await get('/tokens')];
    expect([head.status, head.text]).toEqual([200, '']);
    for (const name of ['content-length', 'etag', 'content-type', 'content-security-policy']) {
      expect([name, head.headers.get(name)]).toEqual([name, full.headers.get(name)]);
    }
  });

  it('may run its own inline scripts, those of no other page, and nothing else', async () => {
    const policyOf = async (path: string) => (await get(path)).headers.get('content-security-policy') ?? '';
    const home = await policyOf('/');
    expect(home).toContain(`script-src 'self' ${hash('self.home=1')} ${hash('self.both=1')};`);
    expect(await policyOf('/tokens')).toContain(`script-src 'self' ${hash('self.tokens=1')} ${hash('self.both=1')};`);
    expect(await policyOf('/admin/tiers')).toContain("script-src 'self';");
    for (const rule of [
      "default-src 'none'",
      "style-src 'self' 'unsafe-inline'",
      "img-src 'self' data:",
      "connect-src 'self'",
      "frame-ancestors 'none'",
      "base-uri 'none'",
      "form-action 'self'",
    ]) {
      expect(home.split('; ')).toContain(rule);
    }
    expect(home.replace("style-src 'self' 'unsafe-inline'", '')).not.toContain('unsafe');
  });

  it('has the headers that keep it apart from other sites', async () => {
    const { headers } = await get('/');
    expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
    expect(headers.get('permissions-policy')).toContain('camera=()');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    expect(headers.get('strict-transport-security')).toBeNull();
  });
});

describe('a file', () => {
  it.each([
    ['/_next/static/chunks/a-1.js', 'public, max-age=31536000, immutable'],
    ['/tokens.txt', 'no-cache'],
    ['/tokens/__next._tree.txt', 'no-cache'],
    ['/favicon.ico', 'no-cache'],
  ])('%s may be kept: %s', async (path, caching) => {
    const { status, headers } = await get(path, {});
    expect([status, headers.get('cache-control')]).toEqual([200, caching]);
  });

  it('whose name has characters of routes is found', async () => {
    const path = `/_next/static/chunks/app/${encodeURIComponent('[id]')}/(group)/${encodeURIComponent('b:2*.js')}`;
    expect((await get(path)).text).toBe('special');
  });

  it.each([
    ['br', 'br'],
    ['gzip', 'gzip'],
    ['gzip, deflate, br', 'br'],
    ['identity', undefined],
    ['', undefined],
  ])('is sent compressed to whoever takes it: %j', async (accepted, used) => {
    const answer = await raw('/_next/static/chunks/a-1.js', accepted);
    expect([answer?.status, answer?.headers.get('content-encoding') ?? undefined]).toEqual([200, used]);
    expect(answer?.headers.get('content-type')).toMatch(/javascript/);
    expect(answer?.headers.get('vary')).toMatch(/accept-encoding/i);
    expect(answer?.headers.get('cache-control')).toContain('immutable');
  });

  it('that is compressed is what it was', async () => {
    expect((await get('/_next/static/chunks/a-1.js', { 'accept-encoding': 'br' })).text).toBe(chunk);
    expect(brotliDecompressSync(files['_next/static/chunks/a-1.js.br'] as Buffer).toString()).toBe(chunk);
    expect((await get('/_next/static/chunks/a-1.js.br')).status).toBe(404);
  });
});

describe('what is not there', () => {
  it.each(['/nothing', '/tokens/nothing', '/admin', '/..%2fpackage.json', '/tokens//', '//tokens'])(
    'is a page that says so, with 404, for a browser at %s',
    async (path) => {
      const answer = await get(path);
      expect([answer.status, answer.headers.get('content-type')]).toEqual([404, 'text/html; charset=utf-8']);
      expect(answer.text).toContain('<title>Not found</title>');
      expect(answer.headers.get('cache-control')).toBe('no-cache');
    },
  );

  it.each([
    ['/nothing', { accept: 'application/json' }, 'GET'],
    ['/nothing', {}, 'GET'],
    ['/nothing', html, 'POST'],
    ['/tokens', html, 'POST'],
    ['/maas-api/v1/nothing', html, 'GET'],
    ['/maas-api', html, 'GET'],
    ['/docs/nothing', html, 'GET'],
    ['/.well-known/nothing', html, 'GET'],
    ['/_next/static/nothing.js', html, 'GET'],
  ])('is JSON for a program: %s %j %s', async (path, headers, method) => {
    const answer = await get(path, headers, method);
    expect([answer.status, errorOf(answer).code]).toEqual([404, 'not_found']);
  });
});

describe('routes of the API', () => {
  it('are hidden by no page', async () => {
    expect((await get('/healthz')).body).toEqual({ status: 'healthy' });
    expect((await get('/maas-api/v1/me')).status).toBe(401);
    expect((await get('/v1/models')).status).toBe(401);
    expect((await get('/simulator/v1/models')).status).toBe(401);
    expect((await get('/docs')).text).toContain('swagger');
  });
});

describe('a folder', () => {
  it('that has no pages stops the start', async () => {
    const start = startHarness({ DASHBOARD_DIR: join(folder, 'admin') });
    await expect(start).rejects.toThrow('DASHBOARD_DIR names a folder without an index.html');
  });
});
