import { markedId } from './mark.mjs';

const DAY = 86_400_000;
const given = 'Ada Alan Amara Anders Beatriz Chen Clara Dalia Daniel Edsger Elena Farid Frances Grace Hana Hedy Ines Ivan Jamal Joan John Kenji Lars Leila Lin Linus Maja Margaret Marta Mehmet Mina Niklaus Noor Olga Omar Paula Petra Priya Radia Rafael Rosa Samira Sofia Stefan Tomas Uma Vera Viktor Wei Yara Yuki Zoe'.split(' '); // prettier-ignore
const family = 'Abara Almeida Bauer Becker Costa Demir Dubois Eriksen Fischer Garcia Haddad Hansen Ito Jansen Kaya Keller Khan Kovacs Lindgren Lopez Marino Mbeki Moreau Nakamura Nowak Okafor Olsen Park Patel Petrov Ramos Rossi Sato Schmidt Silva Singh Tanaka Tran Vogel Weber'.split(' '); // prettier-ignore
const teams = ['search', 'support-bot', 'data-platform', 'mobile', 'research', 'docs', 'risk', 'billing'];
const uses = ['laptop', 'notebook', 'ci pipeline', 'chatbot staging', 'chatbot production', 'batch summaries', 'IDE plugin', 'nightly evaluation', 'demo', 'load test']; // prettier-ignore

/**
 * The people of a company: most in the lowest tier, the keenest in the highest.
 * @param tiers the lowest first, each with the group that leads to it, null where everybody has it
 */
export function makePeople(random, { count, now, tiers, everyone }) {
  const names = new Set();
  return Array.from({ length: count }, (_, index) => {
    const username = newName(random, names);
    const rank = random.weighted(tiers.map((_tier, place) => [place, 60 / 2.4 ** place]));
    const createdAt = now - random.between(35, 240) * DAY;
    const provider = random.weighted([['oidc', 7], ['kubernetes', 2], ['local', 1]]); // prettier-ignore
    const groups = [everyone, `team-${random.pick(teams)}`, ...(tiers[rank].group ? [tiers[rank].group] : [])];
    return {
      id: markedId(createdAt),
      provider,
      subject: `demo:${username}`,
      username,
      email: provider === 'kubernetes' ? null : `${username}@example.com`,
      groups: groups.sort((a, b) => (a < b ? -1 : 1)),
      tier: tiers[rank],
      createdAt,
      // A few of them do most of the work.
      perHour: (index % 11 === 0 ? 18 : random.skewed(2.2, 0.8)) * (1 + rank * 0.8),
      startsAt: random.whole(6, 10),
      atWeekends: random.chance(0.15),
      hasLeft: random.chance(0.08),
    };
  });
}

function newName(random, taken) {
  for (;;) {
    const name = `${random.pick(given)}.${random.pick(family)}`.toLowerCase();
    if (taken.has(name)) continue;
    taken.add(name);
    return name;
  }
}

/** The tokens of a person over the range: one after the other for each of their uses, so that there always is one. */
export function makeTokens(random, person, { from, now }) {
  const wanted = [...uses].sort(() => random.next() - 0.5).slice(0, random.whole(1, person.perHour > 6 ? 4 : 2));
  const tokens = [];
  for (const name of wanted) {
    const lifetime = random.pick([7, 14, 30, 30]) * DAY;
    for (let issuedAt = from - random.between(0, 0.8) * lifetime; issuedAt < now; issuedAt += lifetime * 0.97) {
      const at = Math.floor(issuedAt / 1000) * 1000;
      const ended = random.chance(0.06) ? at + random.between(0.2, 0.9) * lifetime : undefined;
      tokens.push({
        jti: markedId(at),
        userId: person.id,
        name,
        description: random.chance(0.3) ? `For ${person.username.split('.')[0]}’s ${name}.` : null,
        issuedAt: at,
        expiresAt: at + lifetime,
        revokedAt: ended !== undefined && ended < now ? ended : undefined,
        lastUsedAt: undefined,
      });
    }
  }
  return tokens;
}
