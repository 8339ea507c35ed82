import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Me, User } from '@maas/contracts/auth';
import type { Tier, TierLookupResult } from '@maas/contracts/tiers';
import type { CreatedToken } from '@maas/contracts/tokens';
import { type Answer, chat, errorOf, type Harness, PASSWORD, startHarness } from './harness.js';

let maas: Harness;

beforeAll(async () => {
  maas = await startHarness();
});
afterAll(() => maas.stop());

const LIMIT = 'x-ratelimit-limit-requests';
const createTier = (body: object) => maas.admin<Tier>('/tiers', { method: 'POST', body });
const changeTier = (name: string, body: object) => maas.admin<Tier>(`/tiers/${name}`, { method: 'PATCH', body });
const getTier = (name: string) => maas.admin<Tier>(`/tiers/${name}`);
const removeTier = (name: string) => maas.admin(`/tiers/${name}`, { method: 'DELETE' });
const use = (token: string, fields: object = {}) =>
  maas.call('/v1/chat/completions', { token, body: chat('Hello', { simulator: { tokens: 1 }, ...fields }) });

interface Member {
  id: string;
  identity: string;
  access: string;
}

async function member(username: string, groups: string[] = []): Promise<Member> {
  const body = { username, password: PASSWORD, groups };
  const created = await maas.admin<User>('/users', { method: 'POST', body });
  if (created.status !== 201) throw new Error(created.text);
  const identity = await maas.login(username);
  const minted = await maas.call<CreatedToken>('/maas-api/v1/tokens', { method: 'POST', token: identity });
  return { id: created.body.id, identity, access: minted.body.token };
}

async function changeUser({ id }: Member, body: object): Promise<User> {
  const answer = await maas.admin<User>(`/users/${id}`, { method: 'PATCH', body });
  if (answer.status !== 200) throw new Error(answer.text);
  return answer.body;
}

const me = async ({ identity }: Member) => (await maas.call<Me>('/maas-api/v1/me', { token: identity })).body;

describe('looking up the tier of groups', () => {
  let token: string;
  const lookup = (body: object | string, as: string | undefined = token) =>
    maas.call<TierLookupResult>('/maas-api/v1/tiers/lookup', {
      method: 'POST',
      body,
      ...(as === '' ? {} : { token: as }),
    });

  beforeAll(async () => {
    token = await maas.login('free');
    await createTier({ name: 'zeta', displayName: 'Zeta', level: 15, groups: ['research', 'zeta-only'] });
    await createTier({ name: 'alpha', displayName: 'Alpha', level: 15, groups: ['research'] });
  });
  afterAll(async () => {
    await removeTier('zeta');
    await removeTier('alpha');
  });

  it.each([
    [['system:authenticated'], 'free', 'Free'],
    [['system:authenticated', 'premium-users'], 'premium', 'Premium'],
    [['enterprise-users', 'premium-users', 'system:authenticated'], 'enterprise', 'Enterprise'],
    [['unknown', 'premium-users'], 'premium', 'Premium'],
    [['premium-users', 'premium-users'], 'premium', 'Premium'],
    [['research', 'premium-users'], 'alpha', 'Alpha'],
    [['research', 'zeta-only'], 'alpha', 'Alpha'],
    [['zeta-only'], 'zeta', 'Zeta'],
  ])('%j is %s', async (groups, tier, displayName) => {
    const answer = await lookup({ groups });
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({ tier, displayName });
  });

  it.each([
    {},
    { groups: [] },
    { groups: null },
    { groups: 'premium-users' },
    { groups: [7] },
    { groups: [null] },
    { groups: {} },
    [],
  ])('refuses %j with a 400 that names the field', async (body) => {
    const answer = await lookup(body);
    expect(answer.status).toBe(400);
    expect(errorOf(answer)).toMatchObject({ type: 'invalid_request_error', code: 'invalid_request' });
    if (!Array.isArray(body)) expect(errorOf(answer).param).toMatch(/^groups/);
  });

  it.each([[['nobody']], [['']], [['PREMIUM-USERS']], [[' premium-users']], [['__proto__', 'constructor']]])(
    'answers 404 for %j, which no tier holds',
    async (groups) => {
      const answer = await lookup({ groups });
      expect(answer.status).toBe(404);
      expect(errorOf(answer)).toMatchObject({ type: 'invalid_request_error', code: 'not_found' });
    },
  );

  it('needs an identity token', async () => {
    expect((await lookup({ groups: ['x'] }, '')).status).toBe(401);
    expect((await lookup('{', '')).status).toBe(401);
    expect((await lookup({ groups: ['x'] }, await maas.accessToken('free'))).status).toBe(403);
  });
});

describe('the tier of a token', () => {
  it('follows the groups of its owner, from one request to the next', async () => {
    const mover = await member('mover');
    expect((await use(mover.access)).headers.get(LIMIT)).toBe('5');
    await changeUser(mover, { groups: ['premium-users'] });
    expect((await use(mover.access)).headers.get(LIMIT)).toBe('20');
    expect((await me(mover)).tier).toMatchObject({ name: 'premium', reason: 'group', group: 'premium-users' });
    await changeUser(mover, { groups: [] });
    expect((await use(mover.access)).headers.get(LIMIT)).toBe('5');
  });

  it('decides which models it may use and see', async () => {
    const reader = await member('reader');
    const models = async () => {
      const { body } = await maas.call<{ data: { id: string }[] }>('/v1/models', { token: reader.access });
      return body.data.map(({ id }) => id);
    };
    expect(await models()).toEqual(['simulator']);
    const refused = await use(reader.access, { model: 'qwen3' });
    expect(refused.status).toBe(403);
    expect(errorOf(refused)).toMatchObject({ type: 'permission_error', code: 'access_denied' });
    expect(errorOf(refused).message).toMatch(/^Insufficient permissions for this model/);
    await changeUser(reader, { groups: ['premium-users'] });
    expect(await models()).toEqual(['simulator', 'qwen3']);
    expect((await use(reader.access, { model: 'qwen3' })).status).toBe(200);
  });

  it('is the override while that lasts, to the millisecond, and then that of the groups again', async () => {
    const guest = await member('guest', ['premium-users']);
    const until = maas.clock.now() + 3_600_000;
    const changed = await changeUser(guest, {
      tierOverride: 'enterprise',
      tierOverrideExpiresAt: new Date(until).toISOString(),
    });
    expect(changed).toMatchObject({
      tier: { name: 'enterprise', reason: 'override', group: null },
      tierOverride: 'enterprise',
      tierOverrideExpiresAt: new Date(until).toISOString(),
    });
    expect((await use(guest.access)).headers.get(LIMIT)).toBe('50');
    maas.clock.turn(3_600_000 - 1);
    expect((await use(guest.access)).headers.get(LIMIT)).toBe('50');
    maas.clock.turn(1);
    expect((await use(guest.access)).headers.get(LIMIT)).toBe('20');
    expect((await me(guest)).tier).toMatchObject({ name: 'premium', reason: 'group' });
  });

  it('can be overridden downwards, without an end, until the override is taken back', async () => {
    const demoted = await member('demoted', ['enterprise-users']);
    await changeUser(demoted, { tierOverride: 'free' });
    expect((await use(demoted.access)).headers.get(LIMIT)).toBe('5');
    maas.clock.turn(2 * 3_600_000);
    expect((await use(demoted.access)).headers.get(LIMIT)).toBe('5');
    expect(await changeUser(demoted, { tierOverride: null })).toMatchObject({
      tierOverride: null,
      tierOverrideExpiresAt: null,
    });
    expect((await use(demoted.access)).headers.get(LIMIT)).toBe('50');
  });

  it('takes a new override though an earlier one has ended', async () => {
    const returning = await member('returning');
    const ended = new Date(maas.clock.now() - 1000).toISOString();
    await changeUser(returning, { tierOverride: 'premium', tierOverrideExpiresAt: ended });
    expect((await use(returning.access)).headers.get(LIMIT)).toBe('5');
    const again = await changeUser(returning, { tierOverride: 'premium' });
    expect(again.tierOverrideExpiresAt).toBeNull();
    expect((await use(returning.access)).headers.get(LIMIT)).toBe('20');
  });

  it.each(['nowhere', 'Free', '', 7])('cannot be overridden by %j', async (tierOverride) => {
    const { id } = await member(`unmoved-${String(tierOverride).toLowerCase()}0`);
    const answer = await maas.admin(`/users/${id}`, { method: 'PATCH', body: { tierOverride } });
    expect(answer.status).toBe(400);
    expect(errorOf(answer).param).toBe('tierOverride');
  });
});

describe('somebody who belongs to no tier', () => {
  let lonely: Member;

  beforeAll(async () => {
    lonely = await member('lonely', ['chess-club']);
    await changeTier('free', { groups: [] });
  });
  afterAll(() => changeTier('free', { groups: ['system:authenticated'] }));

  it.each([
    ['POST', '/v1/chat/completions', chat('Hello')],
    ['POST', '/simulator/v1/chat/completions', chat('Hello')],
    ['GET', '/v1/models', undefined],
    ['GET', '/v1/models/simulator', undefined],
  ])('is refused %s %s with a 403 that names the groups seen', async (method, path, body) => {
    const answer = await maas.call(path, { method, token: lonely.access, ...(body ? { body } : {}) });
    expect(answer.status).toBe(403);
    expect(errorOf(answer)).toMatchObject({ type: 'permission_error', code: 'access_denied' });
    expect(errorOf(answer).message).toContain('chess-club, system:authenticated');
    expect(answer.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('is told by /me that there is no tier, and why not by the administration either', async () => {
    expect(await me(lonely)).toMatchObject({
      tier: null,
      limits: null,
      groups: ['chess-club', 'system:authenticated'],
    });
    expect((await maas.admin<User>(`/users/${lonely.id}`)).body.tier).toBeNull();
  });

  it('is let in as soon as a tier holds one of their groups', async () => {
    await createTier({ name: 'chess', displayName: 'Chess', groups: ['chess-club'] });
    const listed = await maas.call('/v1/models', { token: lonely.access });
    expect(listed.status).toBe(200);
    await removeTier('chess');
    expect((await maas.call('/v1/models', { token: lonely.access })).status).toBe(403);
  });
});

describe('the administration of tiers', () => {
  const whole = {
    name: 'research',
    displayName: 'Research',
    description: 'For the laboratory.',
    level: 7,
    groups: ['lab', 'guests'],
    requestsPerMinute: 3,
    tokensPerMinute: 1000,
    maxTokensPerRequest: 50,
    maxConcurrentRequests: 2,
    limitsWhenUnavailable: 'strict',
    usageWhenUnwritable: 'refuse',
    features: ['vision'],
  };

  it('creates, reads, changes and deletes a tier', async () => {
    const created = await createTier(whole);
    const at = new Date(maas.clock.now()).toISOString();
    expect(created.status).toBe(201);
    expect(created.body).toEqual({
      object: 'tier',
      ...whole,
      configMap: null,
      version: 1,
      createdAt: at,
      updatedAt: at,
    });
    expect((await getTier('research')).body).toEqual(created.body);
    maas.clock.turn(1000);
    const changed = await changeTier('research', { requestsPerMinute: null, groups: ['lab'], version: 1 });
    expect(changed.status).toBe(200);
    expect(changed.body).toEqual({
      ...created.body,
      requestsPerMinute: null,
      groups: ['lab'],
      version: 2,
      updatedAt: new Date(maas.clock.now()).toISOString(),
    });
    const removed = await removeTier('research');
    expect([removed.status, removed.text]).toEqual([204, '']);
    expect((await getTier('research')).status).toBe(404);
    expect((await removeTier('research')).status).toBe(404);
    expect((await changeTier('research', {})).status).toBe(404);
  });

  it('gives what is not named the widest limits and the lowest rank', async () => {
    const { body } = await createTier({ name: 'bare', displayName: 'Bare' });
    expect(body).toMatchObject({
      description: '',
      level: 0,
      groups: [],
      requestsPerMinute: null,
      tokensPerMinute: null,
      maxTokensPerRequest: null,
      maxConcurrentRequests: null,
      limitsWhenUnavailable: null,
      usageWhenUnwritable: null,
      features: [],
    });
    await removeTier('bare');
  });

  it('keeps what becomes of its limits while they cannot be counted, and takes no other word for it', async () => {
    await createTier({ name: 'careful', displayName: 'Careful', limitsWhenUnavailable: 'strict' });
    expect((await getTier('careful')).body.limitsWhenUnavailable).toBe('strict');
    expect((await changeTier('careful', { displayName: 'C' })).body.limitsWhenUnavailable).toBe('strict');
    expect((await changeTier('careful', { limitsWhenUnavailable: 'open' })).body.limitsWhenUnavailable).toBe('open');
    expect((await changeTier('careful', { limitsWhenUnavailable: null })).body.limitsWhenUnavailable).toBeNull();
    const answer = await changeTier('careful', { limitsWhenUnavailable: 'closed' });
    expect([answer.status, errorOf(answer).param]).toEqual([400, 'limitsWhenUnavailable']);
    const { body } = await maas.admin<{ data: { after: Tier | null }[] }>('/audit?action=tier.update&limit=2');
    expect(body.data.map(({ after }) => after?.limitsWhenUnavailable)).toEqual([null, 'open']);
    await removeTier('careful');
  });

  it('refuses a name that is taken with 409, and changes nothing', async () => {
    const before = await getTier('free');
    const answer = await createTier({ name: 'free', displayName: 'Other' });
    expect(answer.status).toBe(409);
    expect(errorOf(answer)).toMatchObject({ type: 'invalid_request_error', code: 'conflict', param: 'name' });
    expect((await getTier('free')).body).toEqual(before.body);
  });

  it('refuses a change that was made in ignorance of another with 409', async () => {
    const { version } = (await getTier('premium')).body;
    expect((await changeTier('premium', { description: 'One.', version })).status).toBe(200);
    const late = await changeTier('premium', { description: 'Two.', version });
    expect(late.status).toBe(409);
    expect(errorOf(late)).toMatchObject({ code: 'conflict', param: 'version' });
    expect((await getTier('premium')).body).toMatchObject({ description: 'One.', version: version + 1 });
  });

  it('lets one of many changes through that were made at once by the same version', async () => {
    const { version } = (await getTier('premium')).body;
    const changes = Array.from({ length: 8 }, (_, turn) => changeTier('premium', { description: `${turn}`, version }));
    const statuses = (await Promise.all(changes)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(statuses.filter((status) => status === 409)).toHaveLength(7);
    expect((await getTier('premium')).body.version).toBe(version + 1);
  });

  it('does not delete a tier that somebody has by an override', async () => {
    await createTier({ name: 'leased', displayName: 'Leased', groups: ['lessees'] });
    const lessee = await member('lessee');
    await changeUser(lessee, { tierOverride: 'leased' });
    const refused = await removeTier('leased');
    expect(refused.status).toBe(409);
    expect(errorOf(refused)).toMatchObject({ type: 'invalid_request_error', code: 'conflict' });
    expect((await me(lessee)).tier?.name).toBe('leased');
    await changeUser(lessee, { tierOverride: null });
    expect((await removeTier('leased')).status).toBe(204);
  });

  it('takes a deleted tier from those who had it by a group, and from the models that named it', async () => {
    await createTier({ name: 'passing', displayName: 'Passing', level: 30, groups: ['passers'] });
    await maas.admin('/models/simulator', {
      method: 'PATCH',
      body: { tiers: ['free', 'premium', 'enterprise', 'passing'] },
    });
    const passer = await member('passer', ['passers']);
    expect((await use(passer.access)).status).toBe(200);
    await removeTier('passing');
    const answer = await use(passer.access);
    expect([answer.status, answer.headers.get(LIMIT)]).toEqual([200, '5']);
    const model = await maas.admin<{ tiers: string[] }>('/models/simulator');
    expect(model.body.tiers).toEqual(['enterprise', 'free', 'premium']);
  });

  it.each([
    [{ displayName: 'X' }, 'name'],
    [{ name: 'x' }, 'displayName'],
    [{ name: 'X', displayName: 'X' }, 'name'],
    [{ name: '-x', displayName: 'X' }, 'name'],
    [{ name: 'x'.repeat(64), displayName: 'X' }, 'name'],
    [{ name: 'a b', displayName: 'X' }, 'name'],
    [{ name: '..', displayName: 'X' }, 'name'],
    [{ name: 'x', displayName: '' }, 'displayName'],
    [{ name: 'x', displayName: 'two\nlines' }, 'displayName'],
    [{ name: 'x', displayName: 'X', features: ['\u001b[31mred'] }, 'features.0'],
    [{ name: 'x', displayName: 'X', level: 1.5 }, 'level'],
    [{ name: 'x', displayName: 'X', level: '1' }, 'level'],
    [{ name: 'x', displayName: 'X', level: 1e9 }, 'level'],
    [{ name: 'x', displayName: 'X', requestsPerMinute: 0 }, 'requestsPerMinute'],
    [{ name: 'x', displayName: 'X', requestsPerMinute: -1 }, 'requestsPerMinute'],
    [{ name: 'x', displayName: 'X', tokensPerMinute: 1e10 }, 'tokensPerMinute'],
    [{ name: 'x', displayName: 'X', tokensPerMinute: '100' }, 'tokensPerMinute'],
    [{ name: 'x', displayName: 'X', maxTokensPerRequest: 0.5 }, 'maxTokensPerRequest'],
    [{ name: 'x', displayName: 'X', maxConcurrentRequests: true }, 'maxConcurrentRequests'],
    [{ name: 'x', displayName: 'X', groups: 'lab' }, 'groups'],
    [{ name: 'x', displayName: 'X', groups: [''] }, 'groups.0'],
    [{ name: 'x', displayName: 'X', groups: ['g'.repeat(254)] }, 'groups.0'],
  ])('refuses a field that cannot be meant (%#) with a 400 that names it', async (body, param) => {
    const answer = await createTier(body);
    expect(answer.status).toBe(400);
    expect(errorOf(answer)).toMatchObject({ type: 'invalid_request_error', code: 'invalid_request', param });
  });

  it.each([{ displayName: 'a\u0000' }, { groups: ['\ud800'] }])(
    'refuses text that cannot be kept: %j',
    async (fields) => {
      const answer = await createTier({ name: 'nul', displayName: 'X', ...fields });
      expect(answer.status).toBe(400);
      expect((await getTier('nul')).status).toBe(404);
    },
  );

  it.each(['%00', '%ff', 'free%2F', '..%2Fusers', 'x'.repeat(600)])(
    'answers in our shape for a name that is none (%#)',
    async (name) => {
      const answer = await getTier(name);
      expect([400, 404, 414]).toContain(answer.status);
      expect(errorOf(answer).type).toBe('invalid_request_error');
      expect(answer.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    },
  );

  it('is open to administrators only', async () => {
    const free = await maas.login('free');
    const access = await maas.accessToken('admin');
    for (const [path, method] of [
      ['/tiers', 'GET'],
      ['/tiers', 'POST'],
      ['/tiers/free', 'GET'],
      ['/tiers/free', 'PATCH'],
      ['/tiers/free', 'DELETE'],
    ] as const) {
      const call = (token?: string) =>
        maas.call(`/maas-api/v1/admin${path}`, { method, ...(token === undefined ? {} : { token }) });
      expect([(await call()).status, (await call(free)).status, (await call(access)).status]).toEqual([401, 403, 403]);
    }
  });
});

describe('a limit', () => {
  const limitHeaders = ({ headers }: Answer) =>
    [...headers.keys()].filter((name) => name.startsWith('x-ratelimit-')).sort();

  it('that is null is unlimited: no header tells a number, and /me says null', async () => {
    await createTier({ name: 'open', displayName: 'Open', level: 40, groups: ['open'] });
    await maas.admin('/models/simulator', {
      method: 'PATCH',
      body: { tiers: ['free', 'premium', 'enterprise', 'open'] },
    });
    const visitor = await member('visitor', ['open']);
    for (let turn = 0; turn < 60; turn += 1) {
      const answer = await use(visitor.access);
      expect([answer.status, limitHeaders(answer)]).toEqual([200, []]);
    }
    const unlimited = { limit: null, remaining: null };
    expect((await me(visitor)).limits).toMatchObject({ requests: unlimited, tokens: unlimited });
    await changeTier('open', { tokensPerMinute: 100_000 });
    expect(limitHeaders(await use(visitor.access))).toEqual([
      'x-ratelimit-limit-tokens',
      'x-ratelimit-remaining-tokens',
      'x-ratelimit-reset-tokens',
    ]);
  });

  it('that is changed acts on the next request, in both directions', async () => {
    await createTier({ name: 'tight', displayName: 'Tight', level: 41, groups: ['tight'], requestsPerMinute: 2 });
    await maas.admin('/models/simulator', {
      method: 'PATCH',
      body: { tiers: ['free', 'premium', 'enterprise', 'open', 'tight'] },
    });
    const { access } = await member('tightened', ['tight']);
    const status = async (fields?: object) => (await use(access, fields)).status;
    expect([await status(), await status(), await status()]).toEqual([200, 200, 429]);
    await changeTier('tight', { requestsPerMinute: 4 });
    expect([await status(), await status(), await status()]).toEqual([200, 200, 429]);
    await changeTier('tight', { requestsPerMinute: 1 });
    const refused = await use(access);
    expect(refused.status).toBe(429);
    expect(errorOf(refused).message).toMatch(/^Rate limit exceeded: .* 1 request per minute; try again in \d+ s$/);
    expect(refused.headers.get('x-ratelimit-remaining-requests')).toBe('0');
    await changeTier('tight', { requestsPerMinute: null, tokensPerMinute: 1 });
    expect(errorOf(await use(access)).message).toMatch(/^Rate limit exceeded: .* 1 token per minute/);
    await changeTier('tight', { tokensPerMinute: null, maxTokensPerRequest: 10 });
    const tooMany = await use(access, { max_tokens: 11 });
    expect(tooMany.status).toBe(400);
    expect(errorOf(tooMany).message).toContain('10');
    expect(await status({ max_tokens: 10 })).toBe(200);
  });

  it('is counted by person: another tier does not begin anew', async () => {
    const hopper = await member('hopper');
    for (let turn = 0; turn < 5; turn += 1) expect((await use(hopper.access)).status).toBe(200);
    expect((await use(hopper.access)).status).toBe(429);
    await changeUser(hopper, { tierOverride: 'premium' });
    const answer = await use(hopper.access);
    expect([answer.status, answer.headers.get('x-ratelimit-remaining-requests')]).toEqual([200, '14']);
    await changeUser(hopper, { tierOverride: null });
    expect((await use(hopper.access)).status).toBe(429);
  });
});
