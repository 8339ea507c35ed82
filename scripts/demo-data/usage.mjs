import { markedId } from './mark.mjs';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** By the hours of a working day, from its begin. */
const dayShape = [0.5, 0.9, 1, 0.95, 0.5, 0.8, 1, 0.9, 0.7, 0.4, 0.15, 0.1, 0.05];

/**
 * What people asked of models, hour by hour, and what a limit refused.
 * @param troubles hours in which a model’s backends failed: `[{ modelId, from, to, share }]`
 */
export function makeUsage(random, { people, tokensOf, models, from, now, troubles }) {
  const events = [];
  const refusals = [];
  for (let hour = Math.floor(from / HOUR) * HOUR; hour < now; hour += HOUR) {
    for (const person of people) {
      const expected = person.perHour * shapeOf(person, hour, from, now);
      const wanted = random.count(expected);
      if (wanted === 0) continue;
      const tokens = tokensOf(person, hour).filter((token) => worksIn(token, hour));
      if (tokens.length === 0) continue;
      addHour({ random, person, models, troubles, now, events, refusals }, hour, wanted, tokens);
    }
  }
  return { events, refusals };
}

function worksIn({ issuedAt, expiresAt, revokedAt }, hour) {
  return issuedAt <= hour && Math.min(expiresAt, revokedAt ?? Infinity) >= hour + HOUR;
}

/** How much somebody does in an hour, of what they do in a busy one. */
function shapeOf({ startsAt, atWeekends, hasLeft }, hour, from, now) {
  const date = new Date(hour);
  const isWeekend = date.getUTCDay() % 6 === 0;
  const begun = (date.getUTCHours() - startsAt + 24) % 24;
  const ofDay = dayShape[begun] ?? 0.01;
  const age = (hour - from) / (now - from);
  if (hasLeft && age > 0.5) return 0;
  // The platform grows by a third over the month.
  return ofDay * (isWeekend ? (atWeekends ? 0.35 : 0.03) : 1) * (0.75 + age / 4);
}

function addHour(story, hour, wanted, tokens) {
  const { random, person, models, now, events, refusals } = story;
  const open = models.filter((model) => model.tiers.includes(person.tier.name));
  for (let index = 0; index < wanted; index += 1) {
    const at = Math.floor(hour + random.next() * HOUR);
    if (at >= now) continue;
    const token = random.pick(tokens);
    const model = random.weighted(open.map((one, place) => [one, one.share * (1 + ((person.startsAt + place) % 3))]));
    events.push(eventOf(story, at, token, model));
    token.lastUsedAt = Math.max(token.lastUsedAt ?? 0, at);
  }
  // Who does much in little time meets the limit of the lower tiers.
  const excess = wanted - (person.tier.rank + 1) * 12;
  const refused = excess > 0 || random.chance(0.03) ? random.count(Math.max(1, excess) * random.between(0.2, 0.9)) : 0;
  if (refused === 0 || open.length === 0) return;
  const { jti } = random.pick(tokens);
  refusals.push({ hour, userId: person.id, jti, tier: person.tier.name, modelId: random.pick(open).id, refused });
}

function eventOf({ random, person, troubles }, at, token, model) {
  const status = statusOf(random, troubles, model, at);
  const isAnswered = status === 200 || status === 499;
  const scale = 0.15 + person.tier.rank * 0.6;
  const promptTokens = isAnswered ? Math.max(3, Math.round(random.skewed(700 * scale))) : 0;
  const completionTokens = isAnswered && !model.isEmbedding ? Math.max(1, Math.round(random.skewed(420 * scale))) : 0;
  const streamed = !model.isEmbedding && random.chance(0.7);
  const firstByte = isAnswered ? Math.round(random.skewed(model.firstByte, 0.4)) : null;
  const rush = 1 + 0.4 * Math.max(0, Math.sin(((at % DAY) / DAY - 0.3) * Math.PI * 2));
  return {
    id: markedId(at),
    user_id: person.id,
    token_jti: token.jti,
    tier: person.tier.name,
    model_id: model.id,
    backend_id: random.pick(model.backends).id,
    endpoint: model.isEmbedding ? 'embeddings' : random.weighted([['chat/completions', 9], ['responses', 2], ['completions', 1]]), // prettier-ignore
    status,
    streamed,
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    count_source: status === 499 ? 'counted' : random.weighted([['upstream', 95], ['counted', 4], ['estimated', 1]]), // prettier-ignore
    first_byte_ms:
      firstByte === null ? null : streamed ? firstByte : Math.round(firstByte + completionTokens * model.pace),
    duration_ms: isAnswered
      ? Math.round((firstByte + completionTokens * model.pace) * rush)
      : Math.round(random.between(2, status === 504 ? 120_000 : 400)),
    created_at: new Date(at).toISOString(),
  };
}

function statusOf(random, troubles, model, at) {
  const trouble = troubles.find(({ modelId, from, to }) => modelId === model.id && at >= from && at < to);
  if (trouble && random.chance(trouble.share)) return random.weighted([[502, 3], [503, 6], [504, 1]]); // prettier-ignore
  return random.weighted([[200, 9780], [400, 90], [499, 85], [502, 20], [503, 15], [504, 10]]); // prettier-ignore
}
