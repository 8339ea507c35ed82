import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AuditEntry, User } from '@maas/contracts/auth';
import type { SystemHealth } from '@maas/contracts/health';
import type { CreatedToken, RevokeAllResult } from '@maas/contracts/tokens';
import { DatabaseService } from '../src/database/database.service.js';
import { errorOf, type Harness, PASSWORD, startHarness } from './harness.js';
import { eventually } from './streams.js';

interface Page<Row> {
  data: Row[];
  has_more: boolean;
  next_cursor: string | null;
}

const DAY = 86_400_000;
const NOWHERE = '0198c0de-0000-7000-8000-000000000000';
let maas: Harness;

beforeAll(async () => {
  maas = await startHarness();
  await create('ada', { email: 'ada@lovelace.example', groups: ['premium-users'] });
  await create('bob', { email: 'b@ada-lovers.example', groups: ['premium-users', 'enterprise-users'] });
  await create('cyd', { role: 'admin' });
});
afterAll(() => maas.stop());

async function create(username: string, fields: object): Promise<void> {
  const answer = await maas.admin('/users', { body: { username, password: PASSWORD, ...fields } });
  if (answer.status !== 201) throw new Error(answer.text);
}
async function found(query: string): Promise<string[]> {
  const { body } = await maas.admin<Page<User>>(`/users?${query}`);
  return body.data.map(({ username }) => username);
}
async function userNamed(username: string): Promise<User> {
  const { body } = await maas.admin<Page<User>>(`/users?search=${username}`);
  const user = body.data.find((one) => one.username === username);
  if (!user) throw new Error(`${username} is not listed`);
  return user;
}
async function change(username: string, body: object) {
  return maas.admin(`/users/${(await userNamed(username)).id}`, { method: 'PATCH', body });
}

describe('users', () => {
  it('are found by name and e-mail address', async () => {
    expect(await found('search=ADA')).toEqual(['ada', 'bob']);
    expect(await found('search=lovelace')).toEqual(['ada']);
  });

  it('are filtered by role, provider and suspension', async () => {
    expect(await found('role=admin')).toEqual(['admin', 'cyd']);
    expect(await found('provider=kubernetes')).toEqual([]);
    expect(await found('provider=local&role=user&search=bob')).toEqual(['bob']);
    await change('bob', { suspended: true });
    expect(await found('suspended=true')).toEqual(['bob']);
    expect(await found('suspended=false&search=b')).not.toContain('bob');
    await change('bob', { suspended: false });
  });

  it('are filtered by the tier that they really have', async () => {
    expect(await found('tier=free')).toEqual(['free', 'cyd']);
    expect(await found('tier=premium')).toEqual(['premium', 'ada']);
    expect(await found('tier=enterprise')).toEqual(['enterprise', 'admin', 'bob']);
    expect(await found('tier=')).toEqual([]);
    const tierOverrideExpiresAt = new Date(maas.clock.now() + DAY).toISOString();
    await change('bob', { tierOverride: 'free', tierOverrideExpiresAt });
    expect(await found('tier=free&search=bob')).toEqual(['bob']);
    expect(await found('tier=enterprise')).toEqual(['enterprise', 'admin']);
    maas.clock.turn(2 * DAY);
    expect(await found('tier=enterprise')).toEqual(['enterprise', 'admin', 'bob']);
    expect(await found('tier=free')).toEqual(['free', 'cyd']);
    await maas.admin('/tiers/free', { method: 'PATCH', body: { groups: [] } });
    expect(await found('tier=')).toEqual(['free', 'cyd']);
    expect(await found('tier=free')).toEqual([]);
    await maas.admin('/tiers/free', { method: 'PATCH', body: { groups: ['system:authenticated'] } });
  });

  it.each(['role=root', 'suspended=perhaps', 'provider=ldap', 'tier=nothing'])(
    'refuse the filter %s',
    async (query) => {
      const answer = await maas.admin(`/users?${query}`);
      expect(answer.status).toBe(400);
      expect(query).toContain(errorOf(answer).param);
    },
  );
});

describe('the deletion of a user', () => {
  it('ends their tokens and sign-ins at once, and is in the audit log', async () => {
    await create('gone', {});
    const { id } = await userNamed('gone');
    const identity = await maas.login('gone');
    const minted = await maas.call<CreatedToken>('/maas-api/v1/tokens', { method: 'POST', token: identity });
    expect((await maas.call('/v1/models', { token: minted.body.token })).status).toBe(200);
    const counted = await maas.admin<RevokeAllResult>(`/users/${id}/tokens?dryRun=true`, { method: 'DELETE' });
    expect(counted.body).toEqual({ revoked: 1, dryRun: true });
    expect((await maas.admin(`/users/${id}`, { method: 'DELETE' })).status).toBe(204);
    expect((await maas.call('/v1/models', { token: minted.body.token })).status).toBe(401);
    expect((await maas.call('/maas-api/v1/me', { token: identity })).status).toBe(401);
    expect((await maas.admin(`/users/${id}`)).status).toBe(404);
    const { body } = await maas.admin<Page<AuditEntry>>(`/audit?action=user.delete&targetId=${id}`);
    expect(body.data).toMatchObject([{ actorName: 'admin', before: { username: 'gone' }, after: null }]);
  });

  it('is refused for oneself, for nobody, and to who is no administrator', async () => {
    const { id } = await userNamed('admin');
    expect((await maas.admin(`/users/${id}`, { method: 'DELETE' })).status).toBe(409);
    expect((await maas.admin(`/users/${NOWHERE}`, { method: 'DELETE' })).status).toBe(404);
    const token = await maas.login('free');
    expect((await maas.call(`/maas-api/v1/admin/users/${id}`, { method: 'DELETE', token })).status).toBe(403);
  });
});

describe('the audit log', () => {
  const entries = async (query: string) => (await maas.admin<Page<AuditEntry>>(`/audit?${query}`)).body.data;

  it('is filtered by time, by the actor’s name, and by what was done to what', async () => {
    const now = new Date(maas.clock.now()).toISOString();
    const before = new Date(maas.clock.now() - DAY).toISOString();
    expect((await entries(`from=${before}`)).every(({ at }) => at >= before)).toBe(true);
    expect((await entries(`from=${before}`)).length).toBeGreaterThan(1);
    expect((await entries(`to=${before}`)).every(({ at }) => at < before)).toBe(true);
    expect(await entries(`from=${now}&to=${now}`)).toEqual([]);
    expect((await entries('actor=ADM')).every(({ actorName }) => actorName === 'admin')).toBe(true);
    expect((await entries('search=tier.up')).map(({ action }) => action)).toContain('tier.update');
    expect((await entries('search=qwen')).every(({ targetId }) => targetId === 'qwen3')).toBe(true);
    expect(await entries(`search=${encodeURIComponent('%')}`)).toEqual([]);
  });

  it('gives a single entry by its id', async () => {
    const [entry] = await entries('limit=1');
    expect((await maas.admin(`/audit/${entry?.id}`)).body).toEqual(entry);
    expect((await maas.admin(`/audit/${NOWHERE}`)).status).toBe(404);
    expect((await maas.admin('/audit/junk')).status).toBe(404);
    const token = await maas.login('free');
    expect((await maas.call(`/maas-api/v1/admin/audit/${entry?.id}`, { token })).status).toBe(403);
  });

  const download = async (path: string, accept: string) => {
    const authorization = `Bearer ${await maas.login('admin')}`;
    return fetch(`${maas.url}/maas-api/v1/admin${path}`, { headers: { authorization, accept } });
  };

  it('can be taken away whole, as lines of JSON or as CSV, beyond the largest page', async () => {
    const { client } = maas.nest.get(DatabaseService);
    const at = new Date(maas.clock.now());
    await client.auditEntry.createMany({
      data: Array.from({ length: 2500 }, (_, index) => ({
        id: `0198c0de-0000-7000-8000-${String(index).padStart(12, '0')}`,
        at,
        actorName: index === 7 ? '=cmd()' : 'bulk',
        action: 'bulk.test',
        targetType: 'bulk',
        targetId: `number, "${index}"`,
        after: { index },
      })),
    });
    const lines = await download('/audit?search=bulk&limit=1', 'application/x-ndjson');
    expect(lines.headers.get('content-type')).toContain('application/x-ndjson');
    expect(lines.headers.get('content-disposition')).toMatch(/^attachment; filename="audit_[\w-]+\.ndjson"$/);
    const read = (await lines.text()).trimEnd().split('\n').map((line) => JSON.parse(line) as AuditEntry); // prettier-ignore
    expect(read).toHaveLength(2500);
    expect(new Set(read.map(({ id }) => id)).size).toBe(2500);
    expect(read[0]).toEqual((await maas.admin(`/audit/${read[0]?.id}`)).body);
    const csv = await (await download('/audit?search=bulk', 'text/csv')).text();
    const rows = csv.trimEnd().split('\r\n');
    expect(rows).toHaveLength(2501);
    expect(rows[0]).toBe('id,at,actorId,actorName,action,targetType,targetId,before,after,address,requestId');
    expect(csv).toContain(`,'=cmd(),`);
    expect(csv).toContain('"number, ""7"""');
  });

  it('says who took it away, and with what filter', async () => {
    const from = new Date(maas.clock.now() - DAY).toISOString();
    await maas.admin(`/audit?from=${from}`, { headers: { accept: 'text/csv' } });
    const [entry] = await entries('action=audit.export');
    expect(entry).toMatchObject({ actorName: 'admin', targetId: 'text/csv', after: { filter: { from } } });
  });
});

describe('the health of the platform', () => {
  it('says how every part is, to administrators alone', async () => {
    let { status, body } = await maas.admin<SystemHealth>('/health');
    // A busy machine may have made its last answer a slow one.
    await eventually(async () => {
      ({ status, body } = await maas.admin<SystemHealth>('/health'));
      return body.parts.database.status === 'ok';
    }, 'the database is well');
    expect([status, body]).toMatchObject([
      200,
      {
        object: 'health',
        process: { id: process.pid },
        parts: {
          database: { status: 'ok' },
          changeFeed: { status: 'ok', behind: 0, lagSeconds: 0 },
          usage: { status: 'ok', backlogRows: 0, accepting: true },
          limiter: { kind: 'memory' },
          backends: { status: 'ok', up: 2, down: 0, modelsDown: [] },
        },
      },
    ]);
    expect(body.version).toMatch(/^\d+\.\d+\.\d+/);
    const token = await maas.login('free');
    expect((await maas.call('/maas-api/v1/admin/health', { token })).status).toBe(403);
  });

  it('names the models that nobody answers for', async () => {
    await maas.addModel('orphan', 'http://127.0.0.1:9', { backends: [] });
    const { body } = await maas.admin<SystemHealth>('/health');
    expect(body).toMatchObject({ status: 'degraded', parts: { backends: { modelsDown: ['orphan'] } } });
  });
});
