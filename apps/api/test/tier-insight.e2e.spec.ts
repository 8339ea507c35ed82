import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AuditEntry, User } from '@maas/contracts/auth';
import type { TierExplanation, TierOrder, TierPreview } from '@maas/contracts/tier-insight';
import type { OwnLimits, Tier } from '@maas/contracts/tiers';
import { type Answer, errorOf, type Harness, PASSWORD, startHarness } from './harness.js';

interface Page<Row> {
  data: Row[];
}

const DAY = 86_400_000;
let maas: Harness;

beforeAll(async () => {
  maas = await startHarness();
  for (let number = 1; number <= 25; number += 1) {
    const username = `chess-${String(number).padStart(2, '0')}`;
    await maas.admin('/users', { body: { username, password: PASSWORD, groups: ['premium-users'] } });
  }
});
afterAll(() => maas.stop());

const explain = (body: object) => maas.admin<TierExplanation>('/tiers/explain', { body });
const preview = (tier: string, body: object) => maas.admin<TierPreview>(`/tiers/${tier}/preview`, { body });
const order = (tiers: object[]) => maas.admin<TierOrder>('/tiers/order', { method: 'PUT', body: { tiers } });
const patch = (path: string, body: object) => maas.admin<{ version: number }>(path, { method: 'PATCH', body });
const tierNamed = async (name: string) => (await maas.admin<Tier>(`/tiers/${name}`)).body;
async function userNamed(username: string): Promise<User> {
  const { body } = await maas.admin<Page<User>>(`/users?search=${username}`);
  const user = body.data.find((one) => one.username === username);
  if (!user) throw new Error(`${username} is not listed`);
  return user;
}

describe('who gets which tier', () => {
  it('is explained for a user, with every tier that matched, the one that wins first', async () => {
    const { status, body } = await explain({ username: 'premium' });
    expect([status, body]).toMatchObject([
      200,
      {
        user: { username: 'premium' },
        tier: { name: 'premium', reason: 'group', group: 'premium-users' },
        override: null,
        matches: [
          { name: 'premium', level: 10, groups: ['premium-users'] },
          { name: 'free', level: 0, groups: ['system:authenticated'] },
        ],
      },
    ]);
    expect(body.reason).toContain('premium-users');
    const byId = await explain({ userId: (await userNamed('premium')).id });
    expect(byId.body).toEqual(body);
  });

  it('is explained for groups that nobody has yet', async () => {
    const { body } = await explain({ groups: ['enterprise-users', 'premium-users'] });
    expect(body).toMatchObject({ user: null, tier: { name: 'enterprise' } });
    expect(body.matches.map(({ name }) => name)).toEqual(['enterprise', 'premium']);
    expect((await explain({ groups: [] })).body).toMatchObject({ tier: null, matches: [] });
  });

  it('follows an override while it lasts, and says when it has expired', async () => {
    const { id } = await userNamed('chess-25');
    const tierOverrideExpiresAt = new Date(maas.clock.now() + DAY).toISOString();
    await patch(`/users/${id}`, { tierOverride: 'enterprise', tierOverrideExpiresAt });
    expect((await explain({ userId: id })).body).toMatchObject({
      tier: { name: 'enterprise', reason: 'override', group: null },
      override: { tier: 'enterprise', expired: false },
    });
    maas.clock.turn(2 * DAY);
    const { body } = await explain({ userId: id });
    expect(body).toMatchObject({ tier: { name: 'premium' }, override: { tier: 'enterprise', expired: true } });
    expect(body.reason).toContain('expired');
    await patch(`/users/${id}`, { tierOverride: null });
  });

  it.each([{}, { username: 'a', groups: [] }, { user: 'premium' }, { userId: 'x' }, { groups: 'x' }])(
    'is not guessed from %j: 400',
    async (body) => expect((await explain(body)).status).toBe(400),
  );

  it('is 404 for who is not known, and closed to users', async () => {
    expect((await explain({ username: 'nobody' })).status).toBe(404);
    const token = await maas.login('free');
    expect((await maas.call('/maas-api/v1/admin/tiers/explain', { token, body: { username: 'free' } })).status).toBe(
      403,
    );
  });
});

describe('a preview', () => {
  it('counts who would move and where, and names the first twenty', async () => {
    const { status, body } = await preview('premium', { delete: true });
    expect(status).toBe(200);
    expect(body).toMatchObject({ tier: 'premium', users: 29, moved: 26, limits: null, overridden: 0 });
    expect(body.moves).toMatchObject([{ from: 'premium', to: 'free', users: 26 }]);
    expect(body.moves[0]?.usernames).toHaveLength(20);
    expect(body.moves[0]?.usernames.slice(0, 2)).toEqual(['chess-01', 'chess-02']);
  });

  it('names whose limits would change, and nobody where they stay', async () => {
    const { body } = await preview('premium', { requestsPerMinute: 7 });
    expect(body).toMatchObject({
      moved: 0,
      limits: { before: { requestsPerMinute: 20 }, after: { requestsPerMinute: 7 }, users: 26 },
    });
    expect((await preview('premium', { description: 'Other words.' })).body).toMatchObject({ moved: 0, limits: null });
  });

  it('follows levels and groups, and who would be left without a tier', async () => {
    const higher = await preview('free', { level: 99 });
    expect(higher.body.moves.map(({ from, to, users }) => [from, to, users])).toEqual([
      ['premium', 'free', 26],
      ['enterprise', 'free', 2],
    ]);
    const closed = await preview('free', { groups: [] });
    expect(closed.body.moves).toMatchObject([{ from: 'free', to: null, users: 1, usernames: ['free'] }]);
  });

  it('changes nothing', async () => {
    expect(await tierNamed('premium')).toMatchObject({ version: 1, requestsPerMinute: 20 });
    const { body } = await maas.admin<Page<AuditEntry>>('/audit?action=tier.update');
    expect(body.data).toEqual([]);
  });

  it.each([{ levl: 1 }, { delete: false }, { level: 'high' }])('refuses %j', async (body) => {
    expect((await preview('premium', body)).status).toBe(400);
    expect((await preview('nothing', {})).status).toBe(404);
  });
});

describe('a preview of several tiers', () => {
  const previewAll = (body: object) => maas.admin<TierPreview>('/tiers/preview', { body });

  it('of another order counts who would move, and changes nothing', async () => {
    const { status, body } = await previewAll({ order: ['free', 'enterprise', 'premium'] });
    expect([status, body.tier, body.version]).toEqual([200, null, null]);
    expect(body.moves).toContainEqual(expect.objectContaining({ from: 'premium', to: 'free' }));
    expect(body.moved).toBe(body.moves.reduce((sum, { users }) => sum + users, 0));
    expect((await explain({ username: 'premium' })).body.tier?.name).toBe('premium');
  });

  it('of a new tier counts who would get it', async () => {
    const { body } = await previewAll({
      create: { name: 'chess', displayName: 'Chess', level: 50, groups: ['premium-users'] },
    });
    expect(body.moves).toEqual([expect.objectContaining({ from: 'premium', to: 'chess', users: 26 })]);
    expect((await maas.admin('/tiers/chess')).status).toBe(404);
  });

  it('is refused where it is of both or of neither, of a name that is taken, or of tiers that are not all', async () => {
    const create = { name: 'free', displayName: 'Free' };
    expect((await previewAll({})).status).toBe(400);
    expect((await previewAll({ create, order: ['free'] })).status).toBe(400);
    expect((await previewAll({ create })).status).toBe(409);
    expect((await previewAll({ order: ['free', 'premium'] })).status).toBe(409);
    expect((await previewAll({ order: ['free', 'premium', 'nobody'] })).status).toBe(409);
  });
});

describe('the order of the tiers', () => {
  const names = ({ body }: Answer<TierOrder>) => body.data.map(({ name, level }) => [name, level]);

  it('is changed at once, with an entry in the audit log for each tier that moved', async () => {
    const answer = await order([{ name: 'premium' }, { name: 'enterprise' }, { name: 'free' }]);
    expect([answer.status, names(answer)]).toEqual([200, [['premium', 20], ['enterprise', 10], ['free', 0]]]); // prettier-ignore
    expect((await explain({ groups: ['enterprise-users', 'premium-users'] })).body.tier?.name).toBe('premium');
    const { body } = await maas.admin<Page<AuditEntry>>('/audit?action=tier.reorder');
    expect(body.data.map(({ targetId }) => targetId).sort()).toEqual(['enterprise', 'premium']);
    expect(await tierNamed('free')).toMatchObject({ version: 1 });
    await order([{ name: 'enterprise' }, { name: 'premium' }, { name: 'free' }]);
  });

  it('is refused when a tier is left out, unknown or named twice', async () => {
    const left = await order([{ name: 'premium' }, { name: 'free' }]);
    expect([left.status, errorOf(left).message]).toEqual([409, expect.stringContaining('enterprise')]);
    const unknown = await order(['premium', 'enterprise', 'free', 'gone'].map((name) => ({ name })));
    expect([unknown.status, errorOf(unknown).message]).toEqual([409, expect.stringContaining('gone')]);
    expect((await order([{ name: 'free' }, { name: 'free' }])).status).toBe(400);
  });

  it('is refused when somebody changed a tier meanwhile, and says who and what', async () => {
    const read = await Promise.all(['free', 'premium', 'enterprise'].map(tierNamed));
    await patch('/tiers/premium', { requestsPerMinute: 21, description: 'For teams.' });
    const answer = await order(read.map(({ name, version }) => ({ name, version })));
    expect(answer.status).toBe(409);
    expect(errorOf(answer).message).toMatch(
      /premium.*admin: (description, requestsPerMinute|requestsPerMinute, description)/,
    );
    expect(await tierNamed('free')).toMatchObject({ level: 0 });
  });
});

describe('a change in ignorance of another', () => {
  it('of a tier names who changed what', async () => {
    const { version } = await tierNamed('free');
    await patch('/tiers/free', { displayName: 'Gratis' });
    const answer = await patch('/tiers/free', { level: 1, version });
    expect([answer.status, errorOf(answer).param]).toEqual([409, 'version']);
    expect(errorOf(answer).message).toContain('admin: displayName');
  });

  it('of a model names who changed what', async () => {
    await patch('/models/qwen3', { contextWindow: 5 });
    const answer = await patch('/models/qwen3', { name: 'Q', version: 1 });
    expect([answer.status, errorOf(answer).param]).toEqual([409, 'version']);
    expect(errorOf(answer).message).toContain('admin: contextWindow');
  });
});

describe('one’s own limits', () => {
  it('are those of the tier, with what is left', async () => {
    const token = await maas.login('enterprise');
    const { body } = await maas.call<OwnLimits>('/maas-api/v1/me/limits', { token });
    expect(body).toMatchObject({
      tier: 'enterprise',
      requestsPerMinute: 50,
      tokensPerMinute: 100_000,
      maxTokensPerRequest: null,
      maxConcurrentRequests: null,
      requests: { limit: 50, remaining: 50 },
    });
  });
});
