import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AuditEntry } from '@maas/contracts/auth';
import type { BackendTest, BackendTransition } from '@maas/contracts/backends';
import type { Backend, Model } from '@maas/contracts/models';
import { DatabaseService } from '../src/database/database.service.js';
import { BackendTransitions } from '../src/models/backend-transitions.service.js';
import { CredentialVault } from '../src/models/credential-vault.js';
import { answerBriefly, type FakeModel, startFakeModel } from './fake-model.js';
import { chat, errorOf, type Harness, startHarness } from './harness.js';

interface Page<Row> {
  data: Row[];
  next_cursor: string | null;
}

const CREDENTIAL = 'sk-test-canary';
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
let maas: Harness;
let fake: FakeModel;

beforeAll(async () => {
  maas = await startHarness();
  fake = await startFakeModel();
  await maas.addModel('org/fake', fake.url, { backends: [{ url: fake.url, credential: CREDENTIAL }] });
});
afterAll(async () => {
  await fake.close();
  await maas.stop();
});

const test = (body: object) => maas.admin<BackendTest>('/backends/test', { body });
const model = async (id: string) => (await maas.admin<Model>(`/models/${encodeURIComponent(id)}`)).body;
const answerWith = (status: number, body: string, headers: Record<string, string> = {}) =>
  fake.behave((_request, response) => void response.writeHead(status, headers).end(body));
const listing = JSON.stringify({ object: 'list', data: [{ id: 'org/fake', owned_by: 'canary' }, { id: 'other' }] });

describe('a backend that is tried', () => {
  it('lists its models, and is asked with the credential that is kept for it', async () => {
    answerWith(200, listing);
    const [backend] = (await model('org/fake')).backends;
    const path = `/models/org%2Ffake/backends/${backend?.id}/test`;
    const { status, body, text } = await maas.admin<BackendTest>(path, { method: 'POST' });
    expect([status, body]).toMatchObject([
      200,
      { object: 'backend_test', ok: true, status: 200, models: ['org/fake', 'other'], listsModel: true },
    ]);
    expect(text).not.toContain('canary');
    expect(fake.seen.at(-1)).toMatchObject({ method: 'GET', url: '/v1/models' });
    expect(fake.seen.at(-1)?.headers.authorization).toBe(`Bearer ${CREDENTIAL}`);
  });

  it('says so when the credential that is kept for it cannot be opened, and asks nobody', async () => {
    await maas.addModel('sealed', fake.url, { backends: [{ url: fake.url, credential: CREDENTIAL }] });
    const [backend] = (await model('sealed')).backends;
    const where = { id: backend?.id ?? '' };
    const elsewhere = new CredentialVault(`elsewhere:${randomBytes(32).toString('base64')}`);
    const sealedCredential = elsewhere.seal(CREDENTIAL, where.id);
    await maas.nest.get(DatabaseService).client.backend.update({ where, data: { sealedCredential } });
    const before = fake.seen.length;
    const { status, body } = await maas.admin<BackendTest>(`/models/sealed/backends/${where.id}/test`, {
      method: 'POST',
    });
    expect([status, body]).toMatchObject([200, { ok: false, status: null, models: [] }]);
    expect(body.error).toContain('enter the credential again');
    expect(fake.seen).toHaveLength(before);
    await maas.admin('/models/sealed', { method: 'DELETE' });
  });

  it('may be one that is not registered', async () => {
    answerWith(200, listing);
    const answer = await test({ url: fake.url, credential: 'sk-new', upstreamModel: 'missing' });
    expect(answer.body).toMatchObject({ ok: true, listsModel: false });
    expect(fake.seen.at(-1)?.headers.authorization).toBe('Bearer sk-new');
    expect((await maas.admin<Page<Model>>('/models')).body.data).toHaveLength(3);
  });

  it('is never followed elsewhere, and its words are not repeated', async () => {
    answerWith(302, 'internal words', { location: `${fake.url}/elsewhere` });
    const before = fake.seen.length;
    const { body, text } = await test({ url: fake.url });
    expect(body).toMatchObject({ ok: false, status: 302, models: [] });
    expect(body.error).toContain('redirect');
    expect([fake.seen.length - before, text.includes('internal'), text.includes('elsewhere')]).toEqual([
      1,
      false,
      false,
    ]);
    answerWith(200, '<html>internal words</html>');
    const page = await test({ url: fake.url });
    expect([page.body.ok, page.text.includes('internal')]).toEqual([false, false]);
  });

  it('that is not there says so in a sentence, with 200', async () => {
    const { status, body } = await test({ url: 'http://127.0.0.1:9/v1' });
    expect([status, body]).toMatchObject([200, { ok: false, status: null, models: [] }]);
    expect(body.error).toContain('refused');
  });

  it('whose answer has no end is cut off', async () => {
    fake.behave((_request, response) => {
      response.writeHead(200);
      const chunk = Buffer.alloc(256 * 1024, 'x');
      const more = () => {
        while (!response.destroyed && response.write(chunk));
      };
      response.on('drain', more);
      more();
    });
    const { body } = await test({ url: fake.url });
    expect(body).toMatchObject({ ok: false, models: [] });
    expect(body.error).toContain('too large');
  });

  it.each([{}, { url: 'ftp://x' }, { url: 'http://a:b@x/' }, { url: 'http://x', key: 'k' }, { url: 'http://x/?a=1' }])(
    'is refused for %j with 400',
    async (body) => expect((await test(body)).status).toBe(400),
  );

  it('is an entry of the audit log, without the credential; and closed to users', async () => {
    const { body, text } = await maas.admin<Page<AuditEntry>>('/audit?action=backend.test');
    expect(body.data.at(-1)).toMatchObject({ actorName: 'admin', targetType: 'model', targetId: 'org/fake' });
    expect(text).not.toMatch(/sk-/);
    const token = await maas.login('free');
    const refused = await maas.call('/maas-api/v1/admin/backends/test', { token, body: { url: fake.url } });
    expect(refused.status).toBe(403);
    const unknown = '/models/org%2Ffake/backends/0198c0de-0000-7000-8000-000000000000/test';
    expect((await maas.admin(unknown, { method: 'POST' })).status).toBe(404);
  });
});

describe('a backend that is taken out', () => {
  it('drains until what is under way there has ended', async () => {
    let finish = () => {};
    fake.behave((request, response, message) => {
      finish = () => answerBriefly(request, response, message);
    });
    const token = await maas.accessToken('premium');
    const running = maas.call('/v1/chat/completions', { token, body: chat('hi', { model: 'org/fake' }) });
    const backend = async (): Promise<Backend | undefined> => (await model('org/fake')).backends[0];
    while ((await backend())?.health.outstanding !== 1);
    const { id, state } = (await backend()) ?? { id: '', state: undefined };
    expect(state).toBe('enabled');
    const path = `/models/org%2Ffake/backends/${id}`;
    const out = await maas.admin<Backend>(path, { method: 'PATCH', body: { enabled: false } });
    expect(out.body).toMatchObject({ state: 'draining', health: { outstanding: 1 } });
    finish();
    expect((await running).status).toBe(200);
    expect(await backend()).toMatchObject({ state: 'disabled', health: { outstanding: 0 } });
    await maas.admin(path, { method: 'PATCH', body: { enabled: true } });
    expect((await backend())?.state).toBe('enabled');
  });
});

describe('the health history', () => {
  const history = (query = '') => maas.admin<Page<BackendTransition>>(`/models/org%2Ffake/health${query}`);

  it('tells when a backend went, why, when it came back and how long that took', async () => {
    const token = await maas.accessToken('enterprise');
    const ask = () => maas.call('/v1/chat/completions', { token, body: chat('hi', { model: 'org/fake' }) });
    answerWith(500, 'broken');
    for (let failure = 0; failure < 5; failure += 1) await ask();
    maas.clock.turn(90_000);
    fake.behave(answerBriefly);
    expect((await ask()).status).toBe(200);
    await maas.nest.get(BackendTransitions).flush();
    const { status, body } = await history();
    expect(status).toBe(200);
    expect(body.data.map(({ state, reason }) => [state, reason])).toEqual([
      ['up', null],
      ['down', 'status 500'],
    ]);
    expect(body.data[1]).toMatchObject({ seconds: 90, url: fake.url });
    expect(body.data[0]).toMatchObject({ until: null, seconds: null });
    expect(body.data[1]?.until).toBe(body.data[0]?.at);
  });

  it('comes page by page, and is cut by time and backend', async () => {
    const first = await history('?limit=1');
    const second = await history(`?limit=1&after=${first.body.next_cursor}`);
    expect([...first.body.data, ...second.body.data].map(({ state }) => state)).toEqual(['up', 'down']);
    expect((await history(`?to=${new Date(maas.clock.now() - HOUR).toISOString()}`)).body.data).toEqual([]);
    expect((await history('?backend=0198c0de-0000-7000-8000-000000000000')).body.data).toEqual([]);
    const wrong = await history('?from=yesterday');
    expect([wrong.status, errorOf(wrong).param]).toEqual([400, 'from']);
    expect((await maas.admin('/models/nothing/health')).status).toBe(404);
  });

  it('of the last 30 days is kept', async () => {
    const keeper = maas.nest.get(BackendTransitions);
    maas.clock.turn(29 * DAY);
    await keeper.prune();
    const from = `?from=${new Date(maas.clock.now() - 40 * DAY).toISOString()}`;
    expect((await history(from)).body.data).toHaveLength(2);
    maas.clock.turn(2 * DAY);
    await keeper.prune();
    expect((await history(from)).body.data).toEqual([]);
  });
});

describe('the list of models', () => {
  const found = async (query: string) =>
    (await maas.admin<Page<Model>>(`/models?${query}`)).body.data.map(({ id }) => id);

  it('is searched by id and name, and filtered', async () => {
    expect(await found('search=QWEN')).toEqual(['qwen3']);
    expect(await found('search=fake')).toEqual(['org/fake']);
    expect(await found('search=simulator%20mod')).toEqual(['simulator']);
    expect(await found('search=%25')).toEqual([]);
    expect(await found('tier=free')).toEqual(['org/fake', 'simulator']);
    await maas.admin('/models/qwen3', { method: 'PATCH', body: { enabled: false } });
    expect(await found('enabled=false')).toEqual(['qwen3']);
    expect(await found('enabled=true&tier=premium')).toEqual(['org/fake', 'simulator']);
  });
});
