import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AuditEntry, User } from '@maas/contracts/auth';
import type { Model } from '@maas/contracts/models';
import type { CreatedToken } from '@maas/contracts/tokens';
import { DatabaseService } from '../src/database/database.service.js';
import { type Answer, type Harness, PASSWORD, startHarness } from './harness.js';

interface Page<Row> {
  data: Row[];
}

let maas: Harness;
let administrator: User;

beforeAll(async () => {
  maas = await startHarness();
  administrator = await userNamed('admin');
});
afterAll(() => maas.stop());

const client = () => maas.nest.get(DatabaseService).client;
const NOWHERE = '0198c0de-0000-7000-8000-000000000000';

async function userNamed(username: string): Promise<User> {
  const { body } = await maas.admin<Page<User>>(`/users?search=${username}`);
  const user = body.data.find((one) => one.username === username);
  if (!user) throw new Error(`${username} is not listed`);
  return user;
}

async function mint(identity: string): Promise<CreatedToken> {
  const body = { name: 'audited' };
  return (await maas.call<CreatedToken>('/maas-api/v1/tokens', { method: 'POST', token: identity, body })).body;
}

describe('the audit log', () => {
  interface Change {
    action: string;
    target: () => string;
    make: () => Promise<Answer>;
  }
  const CREDENTIAL = 'sk-audit-canary';
  const NEW_PASSWORD = 'another-password-canary';
  let subject: User;
  let identity: string;
  let jti: string;
  let backend: string;
  let backendAdded: string;

  const put = (path: string, method: string, body?: object) => maas.admin(path, { method, ...(body ? { body } : {}) });
  const backendOf = (answer: Answer) => ((answer.body ?? {}) as { id?: string }).id ?? '';

  /** One change of each kind, in an order in which each can be made. */
  const changes: Change[] = [
    {
      action: 'tier.create',
      target: () => 'audited',
      make: () => put('/tiers', 'POST', { name: 'audited', displayName: 'A' }),
    },
    {
      action: 'tier.update',
      target: () => 'premium',
      make: () => put('/tiers/premium', 'PATCH', { description: 'Audited.' }),
    },
    { action: 'tier.delete', target: () => 'audited', make: () => put('/tiers/audited', 'DELETE') },
    {
      action: 'model.create',
      target: () => 'audited/model',
      make: () =>
        put('/models', 'POST', {
          id: 'audited/model',
          name: 'A',
          tiers: ['free'],
          backends: [{ url: 'http://127.0.0.1:9/v1', credential: CREDENTIAL }],
        }),
    },
    {
      action: 'model.update',
      target: () => 'qwen3',
      make: () => put('/models/qwen3', 'PATCH', { description: 'Audited.' }),
    },
    {
      action: 'backend.create',
      target: () => 'qwen3',
      make: async () => {
        const answer = await put('/models/qwen3/backends', 'POST', {
          url: 'http://127.0.0.1:9',
          credential: CREDENTIAL,
        });
        backendAdded = backendOf(answer) || backendAdded;
        return answer;
      },
    },
    {
      action: 'backend.update',
      target: () => 'simulator',
      make: () => put(`/models/simulator/backends/${backend}`, 'PATCH', { credential: CREDENTIAL }),
    },
    {
      action: 'backend.delete',
      target: () => 'qwen3',
      make: () => put(`/models/qwen3/backends/${backendAdded}`, 'DELETE'),
    },
    { action: 'model.delete', target: () => 'audited/model', make: () => put('/models/audited%2Fmodel', 'DELETE') },
    {
      action: 'user.create',
      target: () => '',
      make: () => put('/users', 'POST', { username: 'audited', password: NEW_PASSWORD }),
    },
    {
      action: 'user.update',
      target: () => subject.id,
      make: () =>
        put(`/users/${subject.id}`, 'PATCH', { tierOverride: 'premium', groups: ['audited'], password: NEW_PASSWORD }),
    },
    {
      action: 'token.create',
      target: () => '',
      make: () => maas.call('/maas-api/v1/tokens', { method: 'POST', token: identity }),
    },
    { action: 'token.revoke', target: () => jti, make: () => put(`/tokens/${jti}`, 'DELETE') },
    { action: 'token.revoke_all', target: () => subject.id, make: () => put(`/users/${subject.id}/tokens`, 'DELETE') },
  ];
  const rest = new Set(['tier.delete', 'model.delete', 'backend.delete']);

  const kept = async () =>
    JSON.stringify(
      await Promise.all([
        client().user.findMany({ orderBy: { id: 'asc' }, omit: { lastSeenAt: true } }),
        client().tier.findMany({ orderBy: { name: 'asc' } }),
        client().model.findMany({ orderBy: { id: 'asc' } }),
        client().modelTier.findMany({ orderBy: [{ modelId: 'asc' }, { tierName: 'asc' }] }),
        client().backend.findMany({ orderBy: { id: 'asc' } }),
        client().issuedToken.findMany({ orderBy: { jti: 'asc' } }),
        client().revocation.count(),
        client().configChange.count(),
      ]),
    );

  beforeAll(async () => {
    subject = (await maas.admin<User>('/users', { method: 'POST', body: { username: 'subject', password: PASSWORD } }))
      .body;
    const ofSubject = await maas.login('subject');
    jti = (await mint(ofSubject)).jti;
    await mint(ofSubject);
    identity = await maas.login('premium');
    backend = (await maas.admin<Model>('/models/simulator')).body.backends[0]?.id ?? '';
    backendAdded = (await maas.admin<Model>('/models/qwen3')).body.backends[0]?.id ?? '';
  });

  it('takes no change without its entry: when that cannot be written, nothing was changed', async () => {
    // What is deleted later is there already for this test.
    await put('/tiers', 'POST', { name: 'audited', displayName: 'A' });
    await put('/models', 'POST', { id: 'audited/model', name: 'A' });
    const creating = changes.filter(({ action }) => action !== 'tier.create' && action !== 'model.create');
    const before = await kept();
    await client().$executeRaw`ALTER TABLE audit_entry RENAME TO audit_entry_away`;
    try {
      for (const { action, make } of creating) expect([action, (await make()).status]).toEqual([action, 500]);
    } finally {
      await client().$executeRaw`ALTER TABLE audit_entry_away RENAME TO audit_entry`;
    }
    expect(await kept()).toBe(before);
    for (const path of ['/tiers/audited', '/models/audited%2Fmodel']) {
      expect((await put(path, 'DELETE')).status).toBe(204);
    }
    await client().$executeRaw`ALTER TABLE audit_entry RENAME TO audit_entry_away`;
    const absent = await kept();
    try {
      for (const { action, make } of changes.filter((one) => !creating.includes(one))) {
        expect([action, (await make()).status]).toEqual([action, 500]);
      }
    } finally {
      await client().$executeRaw`ALTER TABLE audit_entry_away RENAME TO audit_entry`;
    }
    expect(await kept()).toBe(absent);
  });

  it('has exactly one entry for each change, which says who, what, where and in which request', async () => {
    for (const { action, target, make } of changes) {
      const count = await client().auditEntry.count();
      const answer = await make();
      expect([action, answer.status < 300]).toEqual([action, true]);
      expect(await client().auditEntry.count()).toBe(count + 1);
      const { body } = await maas.admin<Page<AuditEntry>>('/audit?limit=1');
      const actor = action === 'token.create' ? 'premium' : 'admin';
      expect(body.data[0]).toMatchObject({
        object: 'audit_entry',
        action,
        at: new Date(maas.clock.now()).toISOString(),
        actorName: actor,
        actorId: (await userNamed(actor)).id,
        targetId: target() === '' ? expect.any(String) : target(),
        targetType: action.startsWith('backend.')
          ? 'model'
          : action === 'token.revoke_all'
            ? 'user'
            : action.split('.')[0],
        address: '127.0.0.1',
        requestId: answer.headers.get('x-request-id'),
      });
      const { before, after } = body.data[0] ?? {};
      expect([before !== null, after !== null]).toEqual([
        rest.has(action) || action.endsWith('.update'),
        !rest.has(action),
      ]);
    }
  });

  it('has none for what was refused, or changed nothing', async () => {
    const count = await client().auditEntry.count();
    await put('/tiers', 'POST', { name: 'premium', displayName: 'Taken' });
    await put('/tiers/premium', 'PATCH', { level: 1, version: 0 });
    await put(`/users/${administrator.id}`, 'PATCH', { suspended: true });
    await put('/models', 'POST', { id: 'v1', name: 'Reserved' });
    await put(`/tokens/${jti}`, 'DELETE');
    await put(`/users/${subject.id}/tokens`, 'DELETE');
    await put(`/users/${subject.id}/tokens?dryRun=true`, 'DELETE');
    await maas.call('/maas-api/v1/admin/tiers/free', { method: 'DELETE', token: identity });
    expect(await client().auditEntry.count()).toBe(count);
  });

  it('shows how it was before and after, and no secret of anybody', async () => {
    const latest = async (action: string) =>
      (await maas.admin<Page<AuditEntry>>(`/audit?action=${action}&limit=1`)).body.data[0];
    expect(await latest('tier.update')).toMatchObject({
      before: { name: 'premium', description: 'For teams that build on the models.' },
      after: { name: 'premium', description: 'Audited.' },
    });
    expect((await latest('token.revoke'))?.after).toEqual({ name: 'audited', owner: 'subject', revoked: [jti] });
    expect((await latest('token.revoke_all'))?.after).toMatchObject({ username: 'subject' });
    expect(await latest('user.update')).toMatchObject({
      before: { username: 'subject', groups: ['system:authenticated'], tierOverride: null },
      after: { groups: ['audited', 'system:authenticated'], tierOverride: 'premium', passwordChanged: true },
    });
    expect(await latest('backend.update')).toMatchObject({
      before: { hasCredential: false },
      after: { hasCredential: true, credentialChanged: true },
    });
    const all = JSON.stringify(await client().auditEntry.findMany());
    for (const secret of [PASSWORD, NEW_PASSWORD, CREDENTIAL, '$argon2', 'eyJ', 'v1.local.']) {
      expect([secret, all.includes(secret)]).toEqual([secret, false]);
    }
  });

  it('is filtered by action, actor and target', async () => {
    const count = async (query: string) =>
      (await maas.admin<Page<AuditEntry>>(`/audit?${query}&limit=100`)).body.data.length;
    expect(await count('action=tier.delete&targetId=audited')).toBe(2);
    expect(await count('targetType=tier&targetId=premium')).toBe(await count('targetId=premium'));
    expect(await count(`actorId=${administrator.id}&action=user.update&targetId=${subject.id}`)).toBe(1);
    expect(await count(`actorId=${NOWHERE}`)).toBe(0);
    expect(await count('action=tier')).toBe(0);
    expect((await maas.admin('/audit?actorId=junk')).status).toBe(400);
  });

  it('refuses to be changed or cut, in the database itself', async () => {
    const count = await client().auditEntry.count();
    const { client: database } = maas.nest.get(DatabaseService);
    for (const tamper of [
      database.$executeRaw`UPDATE audit_entry SET actor_name = 'nobody'`,
      database.$executeRaw`UPDATE audit_entry SET actor_name = 'nobody' WHERE false`,
      database.$executeRaw`DELETE FROM audit_entry`,
      database.$executeRaw`TRUNCATE audit_entry`,
      database.$executeRaw`TRUNCATE audit_entry CASCADE`,
      database.$executeRaw`INSERT INTO audit_entry SELECT * FROM audit_entry ON CONFLICT (id) DO UPDATE SET action = 'x'`,
    ]) {
      await expect(tamper).rejects.toThrow('append-only');
    }
    expect(await client().auditEntry.count()).toBe(count);
  });

  it('can be neither written nor read over HTTP but by administrators', async () => {
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
      expect((await maas.admin('/audit', { method })).status).toBe(404);
    }
    expect((await maas.call('/maas-api/v1/admin/audit')).status).toBe(401);
    expect((await maas.call('/maas-api/v1/admin/audit', { token: identity })).status).toBe(403);
  });
});
