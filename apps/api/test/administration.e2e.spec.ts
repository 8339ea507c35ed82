import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AuditEntry, User } from '@maas/contracts/auth';
import type { Model } from '@maas/contracts/models';
import type { AdminToken, CreatedToken, RevokeAllResult } from '@maas/contracts/tokens';
import type { Tier } from '@maas/contracts/tiers';
import { DatabaseService } from '../src/database/database.service.js';
import { chat, errorOf, type Harness, PASSWORD, startHarness } from './harness.js';

interface Page<Row> {
  object: 'list';
  data: Row[];
  has_more: boolean;
  next_cursor: string | null;
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
const createUser = (body: object) => maas.admin<User>('/users', { method: 'POST', body });
const changeUser = (id: string, body: object) => maas.admin<User>(`/users/${id}`, { method: 'PATCH', body });
const use = (token: string) =>
  maas.call('/v1/chat/completions', { token, body: chat('Hello', { simulator: { tokens: 1 } }) });

async function userNamed(username: string): Promise<User> {
  const { body } = await maas.admin<Page<User>>(`/users?search=${username}`);
  const user = body.data.find((one) => one.username === username);
  if (!user) throw new Error(`${username} is not listed`);
  return user;
}

/** A new user, or the reason why not. */
const notTheirs = {
  id: NOWHERE,
  provider: 'kubernetes',
  subject: 'root',
  passwordHash: 'x',
  suspendedAt: null,
  identityNotBefore: 0,
};

async function newUser(username: string, fields: object = {}): Promise<User> {
  const { status, body, text } = await createUser({ username, password: PASSWORD, ...fields });
  if (status !== 201) throw new Error(text);
  return body;
}

async function mint(identity: string, body: object = {}): Promise<CreatedToken> {
  return (await maas.call<CreatedToken>('/maas-api/v1/tokens', { method: 'POST', token: identity, body })).body;
}

/** Every page of a list, each with at most `limit` rows; `between` is done after each. */
async function pagesOf<Row>(path: string, limit: number, between: () => Promise<unknown> = async () => {}) {
  const pages: Row[][] = [];
  let cursor: string | null = null;
  do {
    const query: string = `${path.includes('?') ? '&' : '?'}limit=${limit}${cursor === null ? '' : `&after=${cursor}`}`;
    const { status, body } = await maas.admin<Page<Row>>(`${path}${query}`);
    expect([status, body.object]).toEqual([200, 'list']);
    expect(body.has_more).toBe(body.next_cursor !== null);
    pages.push(body.data);
    cursor = body.next_cursor;
    await between();
  } while (cursor !== null);
  for (const page of pages.slice(0, -1)) expect(page).toHaveLength(limit);
  return pages;
}

describe('users', () => {
  it('are created as local accounts that can sign in', async () => {
    const body = {
      username: 'ana.b-c_d@example.com',
      password: PASSWORD,
      email: 'ana@example.com',
      groups: ['premium-users'],
    };
    const created = await createUser(body);
    const at = new Date(maas.clock.now()).toISOString();
    expect(created.status).toBe(201);
    expect(created.body).toEqual({
      object: 'user',
      id: expect.any(String),
      username: body.username,
      email: body.email,
      provider: 'local',
      role: 'user',
      groups: ['premium-users', 'system:authenticated'],
      tier: { name: 'premium', displayName: 'Premium', reason: 'group', group: 'premium-users' },
      tierOverride: null,
      tierOverrideExpiresAt: null,
      suspendedAt: null,
      createdAt: at,
      lastSeenAt: at,
    });
    expect((await maas.admin<User>(`/users/${created.body.id}`)).body).toEqual(created.body);
    await maas.login(body.username);
    const again = await createUser({ ...body, username: body.username });
    expect(again.status).toBe(409);
    expect(errorOf(again)).toMatchObject({ type: 'invalid_request_error', code: 'conflict', param: 'username' });
  });

  it('are created once, of however many who try at once', async () => {
    const statuses = await Promise.all(
      Array.from({ length: 6 }, async () => (await createUser({ username: 'contested', password: PASSWORD })).status),
    );
    expect(statuses.sort((a, b) => a - b)).toEqual([201, 409, 409, 409, 409, 409]);
  });

  it.each([
    [{ username: 'x' }, 'password'],
    [{ username: 'x', password: 'eleven-char' }, 'password'],
    [{ username: 'x', password: 'p'.repeat(257) }, 'password'],
    [{ password: PASSWORD }, 'username'],
    [{ username: '', password: PASSWORD }, 'username'],
    [{ username: 'a b', password: PASSWORD }, 'username'],
    [{ username: '-a', password: PASSWORD }, 'username'],
    [{ username: 'ä', password: PASSWORD }, 'username'],
    [{ username: 'u'.repeat(65), password: PASSWORD }, 'username'],
    [{ username: 'x', password: PASSWORD, role: 'root' }, 'role'],
    [{ username: 'x', password: PASSWORD, email: 'nobody' }, 'email'],
    [{ username: 'x', password: PASSWORD, groups: [''] }, 'groups.0'],
    [{ username: 'x', password: PASSWORD, groups: 'all' }, 'groups'],
  ])(
    'are refused by what cannot be meant (%#): 400 that names the field and never repeats a password',
    async (body, param) => {
      const answer = await createUser(body);
      expect(answer.status).toBe(400);
      expect(errorOf(answer)).toMatchObject({ code: 'invalid_request', param });
      expect(answer.text).not.toContain(PASSWORD);
    },
  );

  it.each(Object.entries(notTheirs))(
    'refuse the field %s, which is not theirs to give, and name it',
    async (field, value) => {
      const user = await newUser(`forger-${field}`);
      const body = { username: `forged-${field}`, password: PASSWORD, [field]: value };
      const made = await maas.admin('/users', { method: 'POST', body });
      const changed = await changeUser(user.id, { [field]: value });
      for (const answer of [made, changed]) {
        expect(answer.status).toBe(400);
        expect(errorOf(answer)).toMatchObject({ code: 'invalid_request', param: field });
        expect(errorOf(answer).message).toContain(field);
      }
      expect((await maas.admin(`/users/${user.id}`)).body).toEqual(user);
    },
  );

  it('are found by any part of their name, whatever its case, and by nothing else', async () => {
    await newUser('Find.Me-1');
    await newUser('find_me-2');
    await newUser('findXme-3', { groups: ['find'] });
    const found = async (search: string) => {
      const { body } = await maas.admin<Page<User>>(`/users?search=${encodeURIComponent(search)}`);
      return body.data.map(({ username }) => username);
    };
    expect(await found('FIND')).toEqual(['Find.Me-1', 'find_me-2', 'findXme-3']);
    expect(await found('me-2')).toEqual(['find_me-2']);
    // The wildcards of SQL are letters like any other.
    expect(await found('find_me')).toEqual(['find_me-2']);
    expect(await found('find%')).toEqual([]);
    expect(await found('%')).toEqual([]);
    expect(await found('\\')).toEqual([]);
    expect(await found("' OR 1=1 --")).toEqual([]);
    const unstorable = await maas.admin('/users?search=%00');
    expect(unstorable.status).toBe(400);
  });

  it('that are suspended are refused at once with each of their tokens, and let in again when that ends', async () => {
    const { id } = await newUser('suspendee');
    const identity = await maas.login('suspendee');
    const { token } = await mint(identity);
    expect((await use(token)).status).toBe(200);
    const suspended = await changeUser(id, { suspended: true });
    const at = new Date(maas.clock.now()).toISOString();
    expect(suspended.body.suspendedAt).toBe(at);
    const refused = await use(token);
    expect(refused.status).toBe(403);
    expect(errorOf(refused)).toMatchObject({ type: 'permission_error', code: 'access_denied' });
    expect((await maas.call('/v1/models', { token })).status).toBe(403);
    expect((await maas.call('/maas-api/v1/me', { token: identity })).status).toBe(401);
    // When it began stays.
    maas.clock.turn(1000);
    expect((await changeUser(id, { suspended: true })).body.suspendedAt).toBe(at);
    expect((await changeUser(id, { suspended: false })).body.suspendedAt).toBeNull();
    expect((await use(token)).status).toBe(200);
  });

  it.each(['junk', NOWHERE, '%00', "'", 'x'.repeat(300)])('that do not exist are 404 (%#)', async (id) => {
    for (const answer of [
      await maas.admin(`/users/${id}`),
      await changeUser(id, { suspended: true }),
      await maas.admin(`/users/${id}/tokens`, { method: 'DELETE' }),
    ]) {
      expect(answer.status).toBe(404);
      expect(errorOf(answer)).toMatchObject({ type: 'invalid_request_error', code: 'not_found' });
    }
  });
});

describe('the last administrator', () => {
  const isAdmin = async ({ id }: User) => {
    const { body } = await maas.admin<User>(`/users/${id}`);
    return body.role === 'admin' && body.suspendedAt === null;
  };

  it.each([{ role: 'user' }, { suspended: true }, { role: 'user', suspended: true }])(
    'can be neither demoted nor suspended: %j is 409',
    async (change) => {
      const answer = await changeUser(administrator.id, change);
      expect(answer.status).toBe(409);
      expect(errorOf(answer)).toMatchObject({ type: 'invalid_request_error', code: 'conflict' });
      expect(await isAdmin(administrator)).toBe(true);
    },
  );

  it('is still the last when the others are suspended', async () => {
    const other = await newUser('second-admin', { role: 'admin' });
    await changeUser(other.id, { suspended: true });
    expect((await changeUser(administrator.id, { role: 'user' })).status).toBe(409);
    // Who is suspended may lose the role.
    expect((await changeUser(other.id, { role: 'user' })).status).toBe(200);
  });

  it('is left of two who demote each other at once', async () => {
    const other = await newUser('rival', { role: 'admin' });
    const rival = await maas.login('rival');
    const [one, two] = await Promise.all([
      changeUser(other.id, { role: 'user' }),
      maas.call(`/maas-api/v1/admin/users/${administrator.id}`, {
        method: 'PATCH',
        token: rival,
        body: { suspended: true },
      }),
    ]);
    expect([one.status, two.status].filter((status) => status === 200)).toHaveLength(1);
    const admins = await client().user.count({ where: { role: 'admin', suspendedAt: null } });
    expect(admins).toBe(1);
    if (two.status === 200) {
      const back = await maas.call(`/maas-api/v1/admin/users/${administrator.id}`, {
        method: 'PATCH',
        token: rival,
        body: { suspended: false },
      });
      expect(back.status).toBe(200);
      await changeUser(other.id, { role: 'user' });
    }
  });
});

describe('a list', () => {
  const lists = ['/users', '/tiers', '/models', '/tokens', '/audit'];

  it.each(lists)('of %s takes a limit of 1 to 100 and nothing else', async (path) => {
    for (const limit of ['1', '100']) expect((await maas.admin(`${path}?limit=${limit}`)).status).toBe(200);
    for (const limit of ['0', '101', '-1', '1.5', 'x', '', '1&limit=2', '1e9', 'NaN']) {
      const answer = await maas.admin(`${path}?limit=${limit}`);
      expect([limit, answer.status]).toEqual([limit, 400]);
      expect(errorOf(answer)).toMatchObject({ code: 'invalid_request', param: 'limit' });
    }
  });

  it.each(lists)('of %s takes no cursor but its own', async (path) => {
    const junk = Buffer.from('\u0000; DROP TABLE tier').toString('base64url');
    for (const after of ['', '!', 'x', '%00', junk, 'A'.repeat(513), 'a&after=b']) {
      const answer = await maas.admin(`${path}?after=${after}`);
      expect([after.slice(0, 20), answer.status]).toEqual([after.slice(0, 20), 400]);
      expect(errorOf(answer)).toMatchObject({ code: 'invalid_request', param: 'after' });
    }
  });

  it('of users gives each once, the oldest first, also those who come meanwhile', async () => {
    const before = (await pagesOf<User>('/users', 100)).flat();
    let late = 0;
    const pages = await pagesOf<User>('/users', 4, async () => {
      if ((late += 1) <= 2) await newUser(`late-${late}`);
    });
    expect(pages.length).toBeGreaterThan(3);
    const names = pages.flat().map(({ username }) => username);
    expect(names).toEqual([...before.map(({ username }) => username), 'late-1', 'late-2']);
  });

  it('of users is searched page by page', async () => {
    for (let number = 0; number < 7; number += 1) await newUser(`paged-${number}`);
    const pages = await pagesOf<User>('/users?search=PAGED', 3);
    expect(pages.map((page) => page.map(({ username }) => username))).toEqual([
      ['paged-0', 'paged-1', 'paged-2'],
      ['paged-3', 'paged-4', 'paged-5'],
      ['paged-6'],
    ]);
  });

  it.each(['username', 'lastSeenAt', 'createdAt'] as const)(
    'of users is sorted by %s both ways, page by page, and gives each once',
    async (sort) => {
      const of = async (order: string, limit: number) =>
        (await pagesOf<User>(`/users?sort=${sort}&order=${order}`, limit)).flat();
      const all = await of('asc', 100);
      expect(all.length).toBeGreaterThan(6);
      expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
      // The database has its own order of texts; that of instants is everybody's.
      if (sort !== 'username') expect(all.map((user) => user[sort])).toEqual(all.map((user) => user[sort]).sort());
      expect(all.map(({ id }) => id)).toEqual((await of('asc', 3)).map(({ id }) => id));
      expect(all.map(({ id }) => id).reverse()).toEqual((await of('desc', 3)).map(({ id }) => id));
    },
  );

  it('of users does not go on by a cursor of another order', async () => {
    const first = await maas.admin<{ next_cursor: string }>('/users?limit=1&sort=username');
    const after = `after=${first.body.next_cursor}`;
    expect((await maas.admin(`/users?limit=1&sort=username&${after}`)).status).toBe(200);
    expect((await maas.admin(`/users?limit=1&sort=lastSeenAt&${after}`)).status).toBe(400);
  });

  it('of tiers gives each once, in one order, whatever is deleted meanwhile', async () => {
    const names = ['a', 'a-1', 'a1', 'b', 'b-a', 'ba', 'z'];
    for (const name of names) {
      await maas.admin('/tiers', { method: 'POST', body: { name, displayName: name, level: -1 } });
    }
    const all = (await pagesOf<Tier>('/tiers', 100)).flat().map(({ name }) => name);
    expect([...all].sort()).toEqual([...names, 'enterprise', 'free', 'premium'].sort());
    expect((await pagesOf<Tier>('/tiers', 2)).flat().map(({ name }) => name)).toEqual(all);
    expect((await pagesOf<Tier>('/tiers', 10)).map(({ length }) => length)).toEqual([10]);
    let deleted = 0;
    const seen = await pagesOf<Tier>('/tiers', 3, async () => {
      // Those that were shown already, the last of the page among them.
      if ((deleted += 1) === 1)
        for (const name of all.slice(0, 3)) await maas.admin(`/tiers/${name}`, { method: 'DELETE' });
    });
    expect(seen.flat().map(({ name }) => name)).toEqual(all);
    for (const name of names) await maas.admin(`/tiers/${name}`, { method: 'DELETE' });
  });

  it('of models gives each once, in one order, whatever its id', async () => {
    const ids = ['A', 'B', 'a', 'a-b', 'a.b', 'a/b', 'a:b', 'a_b', 'ab', 'org/A', 'org/a'];
    for (const id of ids) await maas.admin('/models', { method: 'POST', body: { id, name: id } });
    const all = (await pagesOf<Model>('/models', 100)).flat().map(({ id }) => id);
    expect([...all].sort()).toEqual([...ids, 'qwen3', 'simulator'].sort());
    for (const limit of [1, 2, 5]) {
      expect((await pagesOf<Model>('/models', limit)).flat().map(({ id }) => id)).toEqual(all);
    }
    for (const id of ids) await maas.admin(`/models/${encodeURIComponent(id)}`, { method: 'DELETE' });
  });

  it('of the audit log gives each entry once, the newest first, while others are written', async () => {
    const before = (await pagesOf<AuditEntry>('/audit', 100)).flat().map(({ id }) => id);
    expect(before.length).toBeGreaterThan(20);
    const seen = await pagesOf<AuditEntry>('/audit', 9, () => changeUser(administrator.id, { groups: [] }));
    expect(seen.length).toBeGreaterThan(2);
    expect(seen.flat().map(({ id }) => id)).toEqual(before);
    await changeUser(administrator.id, { groups: ['enterprise-users'] });
  });
});

describe('everybody’s tokens', () => {
  const search = (query: string) => pagesOf<AdminToken>(`/tokens${query}`, 3);
  const revoke = (jti: string) => maas.admin(`/tokens/${jti}`, { method: 'DELETE' });
  const revokeAll = (id: string, query = '') =>
    maas.admin<RevokeAllResult>(`/users/${id}/tokens${query}`, { method: 'DELETE' });
  let owner: User;
  let other: User;
  let tokens: CreatedToken[];

  beforeAll(async () => {
    owner = await newUser('owner');
    other = await newUser('other');
    const [mine, theirs] = [await maas.login('owner'), await maas.login('other')];
    tokens = [];
    for (let number = 0; number < 7; number += 1) tokens.unshift(await mint(mine, { name: `t${number}` }));
    await mint(theirs);
    await mint(theirs, { expiration: 600 });
  });

  it('are listed page by page, the newest first, with their owners and without their secrets', async () => {
    const pages = await search(`?user=${owner.id}`);
    expect(pages.map(({ length }) => length)).toEqual([3, 3, 1]);
    expect(pages.flat().map(({ jti }) => jti)).toEqual(tokens.map(({ jti }) => jti));
    expect(pages[0]?.[0]).toEqual({
      object: 'token',
      jti: tokens[0]?.jti,
      name: 't6',
      description: null,
      createdAt: new Date((tokens[0]?.issuedAt ?? 0) * 1000).toISOString(),
      expiresAt: new Date((tokens[0]?.expiresAt ?? 0) * 1000).toISOString(),
      lastUsedAt: null,
      revokedAt: null,
      status: 'active',
      userId: owner.id,
      username: 'owner',
    });
    const everybodys = (await search('')).flat();
    expect(new Set(everybodys.map(({ jti }) => jti)).size).toBe(everybodys.length);
    expect(everybodys.length).toBe(await client().issuedToken.count());
    expect((await search(`?user=${NOWHERE}`)).flat()).toEqual([]);
  });

  it.each(['user=junk', 'status=unknown', 'status=', 'user='])(
    'are not filtered by what cannot be meant: ?%s',
    async (query) => {
      const answer = await maas.admin(`/tokens?${query}`);
      expect(answer.status).toBe(400);
      expect(errorOf(answer).param).toBe(query.split('=')[0]);
    },
  );

  it('are revoked one by one, at once, again without harm, and 404 where there is none', async () => {
    const [token] = tokens;
    expect((await use(token?.token ?? '')).status).toBe(200);
    expect((await revoke(token?.jti ?? '')).status).toBe(204);
    expect((await use(token?.token ?? '')).status).toBe(401);
    expect((await revoke(token?.jti ?? '')).status).toBe(204);
    for (const jti of [NOWHERE, 'junk', '%00']) expect((await revoke(jti)).status).toBe(404);
  });

  it('are counted before all of a user’s are revoked, and nothing is revoked by counting', async () => {
    for (const query of ['?dryRun=true', '?dryRun=1']) {
      const counted = await revokeAll(owner.id, query);
      expect([counted.status, counted.body]).toEqual([200, { revoked: 6, dryRun: true }]);
    }
    expect((await use(tokens[1]?.token ?? '')).status).toBe(200);
    for (const query of ['?dryRun=maybe', '?dryRun=']) expect((await revokeAll(owner.id, query)).status).toBe(400);
    expect((await use(tokens[1]?.token ?? '')).status).toBe(200);
    expect((await revokeAll(owner.id)).body).toEqual({ revoked: 6, dryRun: false });
    for (const { token } of tokens) expect((await use(token)).status).toBe(401);
    expect((await revokeAll(owner.id)).body).toEqual({ revoked: 0, dryRun: false });
    expect((await revokeAll(NOWHERE, '?dryRun=true')).status).toBe(404);
  });

  it('are filtered by their status', async () => {
    maas.clock.turn(600_000);
    const count = async (query: string) => (await search(query)).flat().length;
    expect(await count(`?user=${owner.id}&status=revoked`)).toBe(7);
    expect(await count(`?user=${owner.id}&status=active`)).toBe(0);
    expect(await count(`?user=${other.id}&status=active`)).toBe(1);
    expect(await count(`?user=${other.id}&status=expired`)).toBe(1);
    const sum = (await count('?status=active')) + (await count('?status=revoked')) + (await count('?status=expired'));
    expect(sum).toBe(await client().issuedToken.count());
  });
});
