import { markedId } from './mark.mjs';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Outages of backends: two that people felt, and some that others covered. */
export function makeTroubles(random, { models, from, now }) {
  const atWork = (daysAgo, hour) => {
    let at = Math.floor((now - daysAgo * DAY) / DAY) * DAY + hour * HOUR;
    while (new Date(at).getUTCDay() % 6 === 0) at -= DAY;
    return at;
  };
  const troubles = [
    {
      model: models[2],
      backends: models[2].backends,
      from: atWork(9, 13.2),
      minutes: 55,
      share: 0.7,
      reason: 'connect',
    },
    {
      model: models[4],
      backends: models[4].backends,
      from: now - 20 * DAY,
      minutes: 25,
      share: 0.9,
      reason: 'status 500',
    },
  ];
  for (let at = from + DAY; at < now - DAY; at += random.between(2, 6) * DAY) {
    const model = random.pick(models);
    const reason = random.pick(['timeout', 'connect', 'reset', 'status 503']);
    troubles.push({
      model,
      backends: [random.pick(model.backends)],
      from: at,
      minutes: random.between(0.2, 6),
      share: 0.25,
      reason,
    });
  }
  return troubles.map(({ model, minutes, ...trouble }) => ({
    ...trouble,
    modelId: model.id,
    to: trouble.from + minutes * MINUTE,
  }));
}

/** The transitions that a process would have seen. */
export function makeTransitions(troubles) {
  return troubles.flatMap(({ modelId, backends, from, to, reason }) =>
    backends.flatMap(({ id }) => [
      { id: markedId(from), modelId, backendId: id, ready: false, reason, at: from },
      { id: markedId(to), modelId, backendId: id, ready: true, reason: null, at: to },
    ]),
  );
}

/** Some are suspended, and some have another tier for a while. */
export function setApart(random, { people, tiers, now }) {
  const apart = [...people].sort(() => random.next() - 0.5);
  const [highest] = tiers.slice(-1);
  for (const person of apart.slice(0, 3)) person.suspendedAt = now - random.between(1, 20) * DAY;
  for (const [index, person] of apart.slice(3, 7).entries()) {
    person.tierOverride = highest.name;
    person.tierOverrideExpiresAt = [now + 14 * DAY, null, now + 3 * DAY, now - 2 * DAY][index];
  }
  return apart.slice(0, 7);
}

/** What administrators and people did, as the audit log has it. */
export function makeAudit(random, { admin, people, apart, tokens, models, from, now }) {
  const byId = new Map(people.map((person) => [person.id, person]));
  const entries = [];
  const add = (at, actor, action, targetType, targetId, before, after) => {
    if (at < now) entries.push({ at, actor, action, targetType, targetId, before, after });
  };
  for (const token of tokens.filter(({ issuedAt }) => issuedAt >= from)) {
    const owner = byId.get(token.userId);
    if (!owner) continue;
    const after = { jti: token.jti, name: token.name, expiresAt: new Date(token.expiresAt).toISOString() };
    add(token.issuedAt, owner, 'token.create', 'token', token.jti, null, after);
    const by = random.chance(0.3) ? admin : owner;
    if (token.revokedAt) add(token.revokedAt, by, 'token.revoke', 'token', token.jti, null, { revoked: [token.jti] });
  }
  for (const { id, username, suspendedAt, tierOverride, createdAt } of apart) {
    const at = suspendedAt ?? Math.max(createdAt, now - random.between(3, 25) * DAY);
    const change = suspendedAt
      ? [{ suspendedAt: null }, { suspendedAt: new Date(suspendedAt).toISOString() }]
      : [{ tierOverride: null }, { tierOverride }];
    add(at, admin, 'user.update', 'user', id, { username, ...change[0] }, { username, ...change[1] });
  }
  for (const { id, name, tiers: open } of models) {
    const at = from + random.between(0, 4) * DAY;
    add(at, admin, 'model.create', 'model', id, null, { id, name, tiers: open });
    const words = [{ description: 'To be described.' }, { description: 'Described.' }];
    if (random.chance(0.6)) add(at + 2 * DAY, admin, 'model.update', 'model', id, words[0], words[1]);
  }
  return entries.map((entry) => ({ id: markedId(entry.at), ...entry })).sort((a, b) => a.at - b.at);
}
