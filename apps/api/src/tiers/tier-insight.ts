import type { TierExplanation, TierPreview } from '@maas/contracts/tier-insight';
import { assign, type Assignee, overrideOf, type TierRules } from './assignment.js';
import type { Limits } from './limits.js';

const NAMES_SHOWN = 20;

/** Somebody who is known, as far as their tier goes. */
export interface KnownPerson extends Assignee {
  readonly username: string;
}

/** Which tier a person has among these. @param tiers in order of precedence @param now Unix milliseconds */
function tierOf(tiers: readonly TierRules[], person: Assignee, now: number) {
  return overrideOf(tiers, person, now) ?? assign(tiers, person.groups);
}

/**
 * Which tier somebody has, and why.
 * @param tiers in order of precedence
 * @param now Unix milliseconds
 */
export function explain(
  tiers: readonly TierRules[],
  person: Assignee,
  now: number,
): Omit<TierExplanation, 'object' | 'user'> {
  const assigned = tierOf(tiers, person, now);
  const { tierOverride, tierOverrideExpiresAt } = person;
  const matches = tiers.flatMap(({ name, displayName, level, groups }) => {
    const held = person.groups.filter((group) => groups.has(group));
    return held.length > 0 ? [{ name, displayName, level, groups: held }] : [];
  });
  const explanation = {
    groups: [...person.groups],
    tier: assigned?.assignment ?? null,
    override:
      tierOverride === null
        ? null
        : {
            tier: tierOverride,
            expiresAt: tierOverrideExpiresAt === null ? null : new Date(tierOverrideExpiresAt).toISOString(),
            expired: tierOverrideExpiresAt !== null && tierOverrideExpiresAt <= now,
          },
    matches,
  };
  return { ...explanation, reason: reasonOf(explanation) };
}

function reasonOf({ tier, override, matches }: Pick<TierExplanation, 'tier' | 'override' | 'matches'>): string {
  const expired = override?.expired ? ` The override to ${override.tier} has expired.` : '';
  if (!tier) return `No tier: none holds one of the groups.${expired}`;
  if (tier.reason === 'override') {
    const until = override?.expiresAt ? ` until ${override.expiresAt}` : '';
    return `${tier.name}, because an administrator set it${until}, whatever the groups.`;
  }
  const others = matches.slice(1).map(({ name, level }) => `${name} (level ${level})`);
  const over = others.length > 0 ? `; of level ${matches[0]?.level}, so it comes before ${others.join(', ')}` : '';
  return `${tier.name}, because it holds the group ${tier.group}${over}.${expired}`;
}

/** The tiers as they are and as they would be, each in order of precedence. */
export interface ThoughtOfChange {
  /** Of the tier that changes; null: several do. */
  readonly name: string | null;
  readonly before: readonly TierRules[];
  readonly after: readonly TierRules[];
}

/** What a change of a tier would do to people. @param now Unix milliseconds */
export function preview(
  { name, before, after }: ThoughtOfChange,
  people: readonly KnownPerson[],
  now: number,
): Omit<TierPreview, 'object' | 'version'> {
  const moves = new Map<string, { from: string | null; to: string | null; usernames: string[] }>();
  const staying: string[] = [];
  let moved = 0;
  let overridden = 0;
  for (const person of people) {
    if (name !== null && person.tierOverride === name) overridden += 1;
    const from = tierOf(before, person, now)?.tier.name ?? null;
    const to = tierOf(after, person, now)?.tier.name ?? null;
    if (from === to) {
      if (from === name) staying.push(person.username);
      continue;
    }
    moved += 1;
    const key = JSON.stringify([from, to]);
    const move = moves.get(key) ?? { from, to, usernames: [] };
    move.usernames.push(person.username);
    moves.set(key, move);
  }
  return {
    tier: name,
    users: people.length,
    moved,
    moves: [...moves.values()]
      .map(({ from, to, usernames }) => ({ from, to, ...counted(usernames) }))
      .sort((a, b) => b.users - a.users),
    limits: limitsChange({ name, before, after }, staying),
    overridden,
  };
}

function limitsChange({ name, before, after }: ThoughtOfChange, staying: string[]): TierPreview['limits'] {
  const [old, next] = [before, after].map((tiers) => tiers.find((tier) => tier.name === name));
  if (!old || !next) return null;
  const limits = { before: limitsOf(old), after: limitsOf(next) };
  if (JSON.stringify(limits.before) === JSON.stringify(limits.after)) return null;
  return { ...limits, ...counted(staying) };
}

function limitsOf(tier: Limits & Pick<TierRules, 'maxTokensPerRequest'>) {
  const { requestsPerMinute, tokensPerMinute, maxTokensPerRequest, maxConcurrentRequests } = tier;
  return { requestsPerMinute, tokensPerMinute, maxTokensPerRequest, maxConcurrentRequests };
}

function counted(usernames: string[]): { users: number; usernames: string[] } {
  return { users: usernames.length, usernames: usernames.toSorted().slice(0, NAMES_SHOWN) };
}
