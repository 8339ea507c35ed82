import dns from 'node:dns';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { BackendTest } from '@maas/contracts/backends';
import { BUDGET, type FaultBench, startFaultBench } from './fault-bench.js';
import { answerWell, type FaultyBackend, startFaultyBackend } from './faulty-backend.js';
import { errorOf } from './harness.js';
import { eventually } from './streams.js';

let bench: FaultBench;
let backend: FaultyBackend;
let made = 0;

beforeAll(async () => {
  bench = await startFaultBench({
    UPSTREAM_CONNECT_TIMEOUT: '2s',
    UPSTREAM_CA_FILE: new URL('fixtures/test-authority.cert.pem', import.meta.url).pathname,
    UPSTREAM_ALLOWED_NETWORKS: '169.254.7.7',
  });
  backend = await startFaultyBackend();
});
afterAll(async () => {
  await backend.close();
  await bench.stop();
});
beforeEach(() => {
  bench.maas.clock.turn(60_000);
});
afterEach(() => {
  jest.restoreAllMocks();
});

async function serve(url: string): Promise<string> {
  const model = `connections-${(made += 1)}`;
  await bench.maas.addModel(model, url, { maxOutputTokens: 1000 });
  return model;
}

const save = (url: string) =>
  bench.maas.admin('/models', {
    method: 'POST',
    body: { id: `refused-${(made += 1)}`, name: 'x', backends: [{ url }] },
  });
const test = async (url: string) =>
  (await bench.maas.admin<BackendTest>('/backends/test', { method: 'POST', body: { url } })).body;

/** What the machine's name servers say of the names of this test; all others are asked as ever. */
function resolve(names: Record<string, () => string[]>): void {
  const real = dns.lookup;
  jest.spyOn(dns, 'lookup').mockImplementation(((hostname: string, options: object, callback: never) => {
    const addresses = names[hostname]?.();
    if (addresses === undefined) return real(hostname, options, callback);
    const answer = callback as (error: Error | null, found?: { address: string; family: number }[]) => void;
    const found = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
    if (found.length > 0) return process.nextTick(answer, null, found);
    return process.nextTick(answer, Object.assign(new Error('not found'), { code: 'ENOTFOUND' }));
  }) as typeof dns.lookup);
}

describe('B13: where a backend leads', () => {
  it.each([
    'http://169.254.169.254/latest/meta-data',
    'http://169.254.0.1:8000/v1',
    'http://2852039166/v1',
    'http://0xA9FEA9FE/v1',
    'http://0251.0376.0251.0376/v1',
    'http://[fe80::1]/v1',
    'http://[::ffff:169.254.169.254]/v1',
    'http://[::ffff:a9fe:a9fe]/v1',
    'http://[64:ff9b::a9fe:a9fe]/v1',
    'http://[fd00:ec2::254]/v1',
    'http://100.100.100.200/v1',
    'http://168.63.129.16/v1',
    'http://224.0.0.1/v1',
    'http://[ff02::1]/v1',
    'http://metadata.google.internal/computeMetadata/v1',
    'http://METADATA.google.internal./v1',
  ])('B13: is no metadata service and no link-local address: %s is refused when it is saved', async (url) => {
    const answer = await save(url);
    expect([answer.status, errorOf(answer).param]).toEqual([400, 'url']);
    expect(errorOf(answer).message).toContain('link-local');
  });

  it('B13: is not connected to when it is tried, either', async () => {
    for (const url of ['http://169.254.169.254/v1', 'http://[fe80::1]/v1', 'http://2852039166/v1']) {
      expect(await test(url)).toMatchObject({ ok: false, error: expect.stringContaining('UPSTREAM_ALLOWED_NETWORKS') });
    }
  });

  it('B13: is refused for a change, too', async () => {
    const id = await serve(backend.url);
    const body = { url: 'http://169.254.169.254/v1' };
    const shown = await bench.maas.admin<{ backends: { id: string }[] }>(`/models/${id}`);
    const path = `/models/${id}/backends`;
    const changed = await bench.maas.admin(`${path}/${shown.body.backends[0]?.id}`, { method: 'PATCH', body });
    expect([changed.status, (await bench.maas.admin(path, { method: 'POST', body })).status]).toEqual([400, 400]);
  });

  it('B13: may be private, loopback, or what the operator allows', async () => {
    for (const host of ['10.0.0.1', '172.16.0.1', '192.168.1.1', '127.0.0.1', '[::1]', '[fd00::1]', '169.254.7.7']) {
      expect([host, (await save(`http://${host}:8000/v1`)).status]).toEqual([host, 201]);
    }
  });

  it('B13: is checked at every connection: a name that turns to the metadata service leads nowhere', async () => {
    let turned = false;
    let release: (() => void) | undefined;
    resolve({ 'rebinding.test': () => (turned ? ['169.254.169.254'] : ['127.0.0.1']) });
    const model = await serve(`http://rebinding.test:${backend.port}/v1`);
    backend.play((...exchange) => void (release = () => answerWell(...exchange)));
    const first = bench.ask(model);
    await eventually(() => release !== undefined, 'the first has a connection');
    turned = true;
    // The connection that there is was checked, and is in use. For the second one there has to be another.
    const second = await bench.ask(model);
    expect([second.status, errorOf(second).code]).toEqual([502, 'upstream_error']);
    expect(second.text).not.toContain('169.254');
    expect((await bench.health(model))?.lastError).toBe('address');
    const id = second.headers.get('x-request-id');
    expect(await bench.rows(id)).toEqual([expect.objectContaining({ status: 502, prompt_tokens: 0 })]);
    release?.();
    expect((await first).status).toBe(200);
    backend.play(answerWell);
    expect((await test(`http://rebinding.test:${backend.port}/v1`)).error).toContain('UPSTREAM_ALLOWED_NETWORKS');
  });

  it('B13: is the address that was checked, where a name has several', async () => {
    resolve({ 'several.test': () => ['169.254.169.254', '127.0.0.1', 'fe80::1'] });
    const model = await serve(`http://several.test:${backend.port}/v1`);
    expect((await bench.ask(model)).status).toBe(200);
  });

  it('B13: is nowhere, where a name is not known: a 503, and nothing is charged', async () => {
    resolve({ 'unknown.test': () => [] });
    const model = await serve('http://unknown.test:8000/v1');
    const answer = await bench.ask(model);
    expect([answer.status, errorOf(answer).code]).toEqual([503, 'upstream_unavailable']);
    expect((await bench.health(model))?.lastError).toBe('dns');
  });
});

describe('B14: the certificate of a backend', () => {
  it.each([
    ['expired', 'test-expired.cert.pem', /expired/],
    ['for another host', 'test-elsewhere.cert.pem', /elsewhere\.test|altnames/i],
    ['signed by itself', 'test-server.cert.pem', /self[- ]signed/],
  ])('B14: that is %s is a 502 that says so, a line in the log, and no request there', async (_what, file, reason) => {
    const warn = jest.spyOn(Logger.prototype, 'warn').mockReturnValue();
    const theirs = await startFaultyBackend(file);
    const model = await serve(theirs.url);
    const answer = await bench.ask(model);
    expect([answer.status, errorOf(answer).code]).toEqual([502, 'upstream_error']);
    expect(errorOf(answer).message).toContain('TLS certificate');
    expect(answer.text).not.toContain('127.0.0.1');
    expect([theirs.requests, (await bench.health(model))?.lastError]).toEqual([[], 'tls']);
    const id = answer.headers.get('x-request-id') ?? '';
    expect(warn.mock.calls.map(([line]) => String(line)).filter((line) => line.includes(id))).toEqual([
      expect.stringMatching(reason),
    ]);
    expect(await bench.rows(id)).toEqual([expect.objectContaining({ status: 502, prompt_tokens: 0 })]);
    expect((await test(theirs.url)).error).toContain('TLS certificate');
    await theirs.close();
  });

  it('B14: is accepted where the authority in UPSTREAM_CA_FILE signed it', async () => {
    const theirs = await startFaultyBackend('test-signed.cert.pem');
    const model = await serve(theirs.url);
    const answer = await bench.ask(model);
    expect([answer.status, theirs.requests.length]).toEqual([200, 1]);
    expect(await bench.remaining(model)).toBe(BUDGET - 7);
    await theirs.close();
  });
});
