import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Backend, ListedModel, Model, ModelList } from '@maas/contracts/models';
import { DatabaseService } from '../src/database/database.service.js';
import { answerBriefly, type FakeModel, startFakeModel } from './fake-model.js';
import { chat, errorOf, type Harness, startHarness } from './harness.js';

let maas: Harness;
let fake: FakeModel;
let free: string;
let enterprise: string;

const SECRET = 'sk-canary-5d0f7b1e';
const ALL = ['free', 'premium', 'enterprise'];
const create = (body: object) => maas.admin<Model>('/models', { method: 'POST', body });
const path = (id: string) => `/models/${encodeURIComponent(id)}`;
const get = (id: string) => maas.admin<Model>(path(id));
const change = (id: string, body: object) => maas.admin<Model>(path(id), { method: 'PATCH', body });
const remove = (id: string) => maas.admin(path(id), { method: 'DELETE' });
const addBackend = (id: string, body: object) => maas.admin<Backend>(`${path(id)}/backends`, { method: 'POST', body });
const changeBackend = (id: string, backend: string, body: object) =>
  maas.admin<Backend>(`${path(id)}/backends/${backend}`, { method: 'PATCH', body });
const removeBackend = (id: string, backend: string) =>
  maas.admin(`${path(id)}/backends/${backend}`, { method: 'DELETE' });
const use = (model: string, token = enterprise) =>
  maas.call('/v1/chat/completions', { token, body: chat('Hello', { model }) });
const list = async (token = enterprise) => (await maas.call<ModelList>('/v1/models', { token })).body.data;
const ids = async (token = enterprise) => (await list(token)).map(({ id }) => id);

beforeAll(async () => {
  maas = await startHarness();
  fake = await startFakeModel();
  free = await maas.accessToken('free');
  enterprise = await maas.accessToken('enterprise');
  // The tests make more requests than a tier of the first installation allows in a minute.
  for (const tier of ALL) {
    await maas.admin(`/tiers/${tier}`, {
      method: 'PATCH',
      body: { requestsPerMinute: null, tokensPerMinute: null },
    });
  }
});
afterEach(() => {
  fake.seen.length = 0;
  fake.behave(answerBriefly);
  jest.restoreAllMocks();
});
afterAll(async () => {
  await maas.stop();
  await fake.close();
});

describe('the administration of models', () => {
  it('registers a model that answers the next request, and deletes it again', async () => {
    const created = await create({ id: 'new', name: 'New', tiers: ['premium'], backends: [{ url: fake.url }] });
    const at = new Date(maas.clock.now()).toISOString();
    expect(created.status).toBe(201);
    expect(created.body).toMatchObject({
      object: 'model',
      id: 'new',
      name: 'New',
      description: null,
      ownedBy: 'maas',
      contextWindow: null,
      maxOutputTokens: null,
      capabilities: [],
      sessionAffinity: 'none',
      enabled: true,
      tiers: ['premium'],
      ready: true,
      version: 1,
      createdAt: at,
      updatedAt: at,
      backends: [
        {
          object: 'backend',
          id: expect.any(String),
          url: fake.url,
          upstreamModel: null,
          weight: 1,
          enabled: true,
          bundled: false,
          hasCredential: false,
          createdAt: at,
          updatedAt: at,
        },
      ],
    });
    expect((await get('new')).body).toEqual(created.body);
    expect((await use('new')).status).toBe(403);
    await change('new', { tiers: ['enterprise', 'premium'] });
    expect((await use('new')).status).toBe(200);
    expect(fake.seen).toHaveLength(1);
    const removed = await remove('new');
    expect([removed.status, removed.text]).toEqual([204, '']);
    const missing = await use('new');
    expect(missing.status).toBe(404);
    expect(errorOf(missing)).toMatchObject({ code: 'model_not_found' });
    expect(await ids()).not.toContain('new');
    expect([(await get('new')).status, (await remove('new')).status, (await change('new', {})).status]).toEqual([
      404, 404, 404,
    ]);
    const { client } = maas.nest.get(DatabaseService);
    expect(await client.backend.count({ where: { modelId: 'new' } })).toBe(0);
  });

  it('changes what is named and nothing else, and counts the versions', async () => {
    await create({ id: 'patched', name: 'Before', description: 'Kept.', tiers: ALL, contextWindow: 1024 });
    maas.clock.turn(1000);
    const changed = await change('patched', { name: 'After', contextWindow: null, version: 1 });
    expect(changed.body).toMatchObject({
      name: 'After',
      description: 'Kept.',
      contextWindow: null,
      tiers: ['enterprise', 'free', 'premium'],
      version: 2,
      updatedAt: new Date(maas.clock.now()).toISOString(),
    });
    const late = await change('patched', { name: 'Late', version: 1 });
    expect(late.status).toBe(409);
    expect(errorOf(late)).toMatchObject({ type: 'invalid_request_error', code: 'conflict', param: 'version' });
    expect((await list()).find(({ id }) => id === 'patched')).toMatchObject({ name: 'After', ready: false });
    await remove('patched');
  });

  it('refuses an id that is taken with 409', async () => {
    const answer = await create({ id: 'simulator', name: 'Other' });
    expect(answer.status).toBe(409);
    expect(errorOf(answer)).toMatchObject({ code: 'conflict', param: 'id' });
    expect((await get('simulator')).body.name).toBe('Simulator Model');
  });

  it.each(['a', 'A.b_c:d-e', 'org/name', 'a/b/c', 'x'.repeat(128), 'v10', 'v1.5', 'adminx', 'org/models', '0'])(
    'takes the id %s',
    async (id) => {
      expect((await create({ id, name: 'Any', tiers: ALL, backends: [{ url: fake.url }] })).status).toBe(201);
      expect((await use(id)).status).toBe(200);
      const found = await maas.call<ListedModel>(`/v1/models/${id}`, { token: free });
      expect([found.status, found.body.id]).toEqual([200, id]);
      const byPath = await maas.call(`/${id}/v1/chat/completions`, {
        token: enterprise,
        body: chat('Hello', { model: id }),
      });
      expect(byPath.status).toBe(200);
      expect((await get(id)).status).toBe(200);
      expect((await remove(id)).status).toBe(204);
    },
  );

  it.each([
    'maas-api',
    'v1',
    'V1',
    'metrics',
    'healthz',
    'docs',
    'login',
    'admin',
    'Admin',
    'admin/x',
    '_next',
    'usage',
  ])('refuses the id %s, which would hide a route or a page', async (id) => {
    const answer = await create({ id, name: 'Any' });
    expect(answer.status).toBe(400);
    expect(errorOf(answer)).toMatchObject({ code: 'invalid_request', param: 'id' });
  });

  it.each([
    '',
    ' ',
    '-a',
    '.a',
    '/a',
    'a/',
    'a//b',
    'a/./b',
    'a/../b',
    '..',
    'a/v1/b',
    'a b',
    'a%2Fb',
    'ä',
    'а',
    'a?b',
    'a*',
    'a\nb',
    'y'.repeat(129),
    7,
    null,
  ])('refuses the id %j', async (id) => {
    const answer = await create({ id, name: 'Any' });
    expect(answer.status).toBe(400);
    expect(errorOf(answer)).toMatchObject({ code: 'invalid_request', param: 'id' });
  });

  it('finds a model whose id has a slash, raw or as %2F', async () => {
    await create({ id: 'org/name:7b', name: 'Slashed', tiers: ALL, backends: [{ url: fake.url }] });
    for (const at of [
      '/v1/models/org/name:7b',
      '/v1/models/org%2Fname:7b',
      '/v1/models/org%2fname%3A7b',
      '/maas-api/v1/models/org/name:7b',
      '/maas-api/v1/models/org%2Fname:7b',
      '/any/v1/models/org/name:7b',
    ]) {
      const answer = await maas.call<ListedModel>(at, { token: free });
      expect([at, answer.status, answer.body.id]).toEqual([at, 200, 'org/name:7b']);
      expect(answer.body.base_url).toBe(`${maas.url}/org/name:7b/v1`);
    }
    for (const at of ['/org/name:7b/v1/chat/completions', '/org%2Fname:7b/v1/chat/completions']) {
      expect((await maas.call(at, { token: free, body: chat('Hello') })).status).toBe(200);
    }
    await remove('org/name:7b');
  });

  it.each([
    [{ tiers: ['nowhere'] }, 'tiers'],
    [{ tiers: ['free', 'nowhere'] }, 'tiers'],
    [{ tiers: 'free' }, 'tiers'],
    [{ name: '' }, 'name'],
    [{ name: 'two\nlines' }, 'name'],
    [{ contextWindow: 0 }, 'contextWindow'],
    [{ maxOutputTokens: 1.5 }, 'maxOutputTokens'],
    [{ enabled: 'yes' }, 'enabled'],
    [{ capabilities: [''] }, 'capabilities.0'],
  ])('refuses %j with a 400 that names %s, when registering and when changing', async (fields, param) => {
    const created = await create({ id: 'refused', name: 'Refused', ...fields });
    const changed = await change('qwen3', fields);
    for (const answer of [created, changed]) {
      expect(answer.status).toBe(400);
      expect(errorOf(answer)).toMatchObject({ type: 'invalid_request_error', code: 'invalid_request', param });
    }
    expect((await get('refused')).status).toBe(404);
    expect((await get('qwen3')).body.tiers).toEqual(['enterprise', 'premium']);
  });

  it('takes a tier that is named twice as named once', async () => {
    const answer = await create({ id: 'twice', name: 'Twice', tiers: ['free', 'free'] });
    expect([answer.status, answer.body.tiers]).toEqual([201, ['free']]);
    const changed = await change('twice', { tiers: ['premium', 'premium'] });
    expect([changed.status, changed.body.tiers]).toEqual([200, ['premium']]);
    await remove('twice');
  });

  it('makes a disabled model vanish for everybody but administrators, until it is enabled again', async () => {
    await create({ id: 'hidden', name: 'Hidden', tiers: ALL, backends: [{ url: fake.url }] });
    await change('hidden', { enabled: false });
    expect(await ids()).not.toContain('hidden');
    expect((await use('hidden')).status).toBe(404);
    expect((await maas.call('/v1/models/hidden', { token: free })).status).toBe(404);
    expect((await get('hidden')).body).toMatchObject({ enabled: false, ready: false });
    await change('hidden', { enabled: true });
    expect(await ids()).toContain('hidden');
    expect((await use('hidden')).status).toBe(200);
    await remove('hidden');
  });

  it('lists ready models first, then by the level of the lowest tier, then by id', async () => {
    const served = { backends: [{ url: fake.url }] };
    await create({ id: 'zz', name: 'Z', tiers: ['enterprise', 'free'], ...served });
    await create({ id: 'aa', name: 'A', tiers: ['enterprise'], ...served });
    await create({ id: 'mm', name: 'M', tiers: ['premium', 'enterprise'], ...served });
    await create({ id: '00', name: '0', tiers: ALL });
    await create({ id: 'BB', name: 'B', tiers: ALL, ...served });
    expect(await ids()).toEqual(['BB', 'simulator', 'zz', 'mm', 'qwen3', 'aa', '00']);
    expect((await list()).map(({ tier }) => tier)).toEqual([
      'free',
      'free',
      'free',
      'premium',
      'premium',
      'enterprise',
      'free',
    ]);
    // The order follows the levels of the tiers as they are now.
    await maas.admin('/tiers/premium', { method: 'PATCH', body: { level: -10 } });
    await change('simulator', { tiers: ['free', 'enterprise'] });
    expect((await ids()).slice(0, 4)).toEqual(['BB', 'mm', 'qwen3', 'simulator']);
    await maas.admin('/tiers/premium', { method: 'PATCH', body: { level: 10 } });
    await change('simulator', { tiers: ALL });
    for (const id of ['zz', 'aa', 'mm', '00', 'BB']) await remove(id);
  });

  describe('of their backends', () => {
    let id: string;
    let other: FakeModel;
    let backend: string;

    beforeAll(async () => {
      other = await startFakeModel();
      id = 'served/twice';
      const { body } = await create({ id, name: 'Served twice', tiers: ALL, backends: [{ url: fake.url }] });
      backend = body.backends[0]?.id ?? '';
    });
    afterEach(() => {
      other.seen.length = 0;
    });
    afterAll(() => other.close());

    it('adds one that takes its share of the next requests, by its weight', async () => {
      const added = await addBackend(id, { url: other.url, weight: 3 });
      expect(added.status).toBe(201);
      expect(added.body).toMatchObject({ object: 'backend', url: other.url, weight: 3, enabled: true });
      for (let eighth = 0; eighth < 8; eighth += 1) {
        jest.spyOn(Math, 'random').mockReturnValue((eighth + 0.5) / 8);
        expect((await use(id)).status).toBe(200);
      }
      expect([fake.seen.length, other.seen.length]).toEqual([2, 6]);
      expect((await get(id)).body.backends.map(({ weight }) => weight)).toEqual([1, 3]);
    });

    it('sends no request to one without weight, or that is disabled', async () => {
      const [, second] = (await get(id)).body.backends;
      for (const fields of [{ weight: 0 }, { weight: 3, enabled: false }]) {
        expect((await changeBackend(id, second?.id ?? '', fields)).body).toMatchObject(fields);
        for (let turn = 0; turn < 5; turn += 1) expect((await use(id)).status).toBe(200);
        expect(other.seen).toHaveLength(0);
      }
      // Without any backend the model is still listed, last, and says that it is not available.
      await changeBackend(id, backend, { enabled: false });
      expect((await list()).at(-1)).toMatchObject({ id, ready: false });
      const unavailable = await use(id);
      expect(unavailable.status).toBe(503);
      expect(errorOf(unavailable)).toMatchObject({ type: 'server_error', code: 'upstream_unavailable' });
      expect(Number(unavailable.headers.get('retry-after'))).toBeGreaterThan(0);
      await changeBackend(id, backend, { enabled: true });
      expect((await use(id)).status).toBe(200);
    });

    it('names the model as the backend knows it', async () => {
      await changeBackend(id, backend, { upstreamModel: 'org/other-name' });
      const answer = await use(id);
      expect(answer.status).toBe(200);
      expect(JSON.parse(fake.seen[0]?.body ?? '{}')).toMatchObject({ model: 'org/other-name' });
      await changeBackend(id, backend, { upstreamModel: null });
      await use(id);
      expect(JSON.parse(fake.seen[1]?.body ?? '{}')).toMatchObject({ model: id });
    });

    it('removes one, which gets no request any more', async () => {
      const [, second] = (await get(id)).body.backends;
      await changeBackend(id, second?.id ?? '', { enabled: true, weight: 1000 });
      expect((await removeBackend(id, second?.id ?? '')).status).toBe(204);
      for (let turn = 0; turn < 5; turn += 1) await use(id);
      expect([fake.seen.length, other.seen.length]).toEqual([5, 0]);
      expect((await removeBackend(id, second?.id ?? '')).status).toBe(404);
    });

    it('answers 404 for one of another model, of no model, and for junk', async () => {
      for (const [model, wrong] of [
        ['simulator', backend],
        ['nowhere', backend],
        [id, 'junk'],
        [id, '0198c0de-0000-7000-8000-000000000000'],
      ] as const) {
        expect((await changeBackend(model, wrong, { weight: 5 })).status).toBe(404);
        expect((await removeBackend(model, wrong)).status).toBe(404);
      }
      expect((await addBackend('nowhere', { url: fake.url })).status).toBe(404);
      expect((await get(id)).body.backends).toHaveLength(1);
    });

    it.each([
      [{}, 'url'],
      [{ url: '' }, 'url'],
      [{ url: 'not a url' }, 'url'],
      [{ url: 'file:///etc/passwd' }, 'url'],
      [{ url: 'ftp://models.example.com/v1' }, 'url'],
      [{ url: 'javascript:alert(1)' }, 'url'],
      [{ url: 'http://user:pass@models.example.com/v1' }, 'url'],
      [{ url: 'http://models.example.com/v1?key=x' }, 'url'],
      [{ url: 'http://models.example.com/v1#x' }, 'url'],
      [{ url: 'http://models.example.com/v1', weight: -1 }, 'weight'],
      [{ url: 'http://models.example.com/v1', weight: 1001 }, 'weight'],
      [{ url: 'http://models.example.com/v1', weight: 0.5 }, 'weight'],
      [{ url: 'http://models.example.com/v1', credential: '' }, 'credential'],
      [{ url: 'http://models.example.com/v1', credential: 'two words' }, 'credential'],
      [{ url: 'http://models.example.com/v1', credential: 'a\r\nx-admin: 1' }, 'credential'],
      [{ url: 'http://models.example.com/v1', credential: 'ключ' }, 'credential'],
    ])('refuses %j with a 400 that names %s and repeats no value', async (body, param) => {
      const answer = await addBackend(id, body);
      expect(answer.status).toBe(400);
      expect(errorOf(answer)).toMatchObject({ code: 'invalid_request', param });
      expect(answer.text).not.toMatch(/pass@|two words|ключ/);
    });

    it.each([
      ['http://127.0.0.1:8000', 'http://127.0.0.1:8000/v1'],
      ['http://127.0.0.1:8000/', 'http://127.0.0.1:8000/v1'],
      ['http://127.0.0.1:8000/v1/', 'http://127.0.0.1:8000/v1'],
      ['HTTPS://Models.Example.com:443/openai/v1', 'https://models.example.com/openai/v1'],
    ])('keeps the URL %s as %s', async (url, kept) => {
      const { body } = await addBackend(id, { url, enabled: false });
      expect(body.url).toBe(kept);
      await removeBackend(id, body.id);
    });
  });

  describe('of a backend’s credential', () => {
    const id = 'secretive';
    let backend: string;
    const answers: string[] = [];

    const sent = async () => {
      fake.seen.length = 0;
      expect((await use(id)).status).toBe(200);
      return fake.seen[0]?.headers.authorization;
    };

    beforeAll(async () => {
      const backends = [{ url: fake.url, credential: SECRET }];
      const created = await create({ id, name: 'Secretive', tiers: ALL, backends });
      answers.push(created.text);
      backend = created.body.backends[0]?.id ?? '';
    });

    it('sends it to the backend, and never the caller’s token', async () => {
      expect(await sent()).toBe(`Bearer ${SECRET}`);
      expect(JSON.stringify(fake.seen)).not.toContain(enterprise);
    });

    it('says that there is one and never what it is', async () => {
      answers.push((await get(id)).text, (await maas.admin('/models')).text, (await maas.admin('/audit')).text);
      expect((await get(id)).body.backends[0]).toMatchObject({ hasCredential: true });
      answers.push((await use(id)).text, JSON.stringify(await list()));
    });

    it('changes it, keeps it through other changes, and removes it', async () => {
      const changed = await changeBackend(id, backend, { credential: `${SECRET}-2` });
      expect(changed.body.hasCredential).toBe(true);
      expect(await sent()).toBe(`Bearer ${SECRET}-2`);
      const kept = await changeBackend(id, backend, { weight: 2 });
      expect(kept.body.hasCredential).toBe(true);
      expect(await sent()).toBe(`Bearer ${SECRET}-2`);
      const added = await addBackend(id, { url: fake.url, credential: `${SECRET}-3`, enabled: false });
      answers.push(changed.text, kept.text, added.text);
      const removed = await changeBackend(id, backend, { credential: null });
      expect(removed.body.hasCredential).toBe(false);
      expect(await sent()).toBeUndefined();
      const audit = await maas.admin(`/audit?targetId=${id}&limit=100`);
      answers.push(removed.text, audit.text);
      expect(audit.text).toContain('credentialChanged');
    });

    it('does not send it to another address than the one that it was given for', async () => {
      await changeBackend(id, backend, { credential: SECRET });
      const moved = await changeBackend(id, backend, { url: 'https://elsewhere.example.com/v1' });
      expect(moved.status).toBe(400);
      expect(errorOf(moved)).toMatchObject({ code: 'invalid_request', param: 'credential' });
      expect((await changeBackend(id, backend, { url: `${fake.url}/` })).status).toBe(200);
      expect(await sent()).toBe(`Bearer ${SECRET}`);
      for (const credential of [null, SECRET]) {
        expect((await changeBackend(id, backend, { url: 'https://elsewhere.example.com/v1', credential })).status).toBe(
          200,
        );
        expect((await changeBackend(id, backend, { url: fake.url, credential })).status).toBe(200);
      }
    });

    it('keeps it sealed in the database, bound to its row', async () => {
      await changeBackend(id, backend, { credential: SECRET });
      const { client } = maas.nest.get(DatabaseService);
      const rows = await client.backend.findMany({ where: { modelId: id }, orderBy: { id: 'asc' } });
      for (const row of rows) expect(row.sealedCredential).toMatch(/^v1\.local\.[\w-]+$/);
      // Moved to another row it opens for nobody, and that backend alone is left out.
      const [first, second] = rows;
      await client.backend.update({
        where: { id: second?.id ?? '' },
        data: { sealedCredential: first?.sealedCredential ?? '', enabled: true, weight: 1000 },
      });
      await change(id, { description: 'Read again.' });
      for (let turn = 0; turn < 5; turn += 1) expect(await sent()).toBe(`Bearer ${SECRET}`);
      const kept = JSON.stringify([
        await client.backend.findMany(),
        await client.auditEntry.findMany(),
        (await client.configChange.findMany()).map(({ topic, key }) => [topic, key]),
      ]);
      for (const secret of [SECRET, Buffer.from(SECRET).toString('base64url').slice(0, -2)]) {
        expect(kept).not.toContain(secret);
        for (const answer of answers) expect(answer).not.toContain(secret);
      }
    });
  });
});
