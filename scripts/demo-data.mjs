// `npm run demo-data [-- --remove | --force | --seed=7 | --users=60 | --days=30]`: fills the database with a month of a company
// that uses the platform, or takes all of it away again. Made anew at every run: what an earlier one made is removed first.
import './use-env-file.mjs';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { migrate } from '../libs/database/dist/migrate.js';
import { MARKED } from './demo-data/mark.mjs';
import { makeModels } from './demo-data/models.mjs';
import { openDatabase } from './demo-data/open-database.mjs';
import { makePeople, makeTokens } from './demo-data/people.mjs';
import { seeded } from './demo-data/random.mjs';
import { makeAudit, makeTransitions, makeTroubles, setApart } from './demo-data/story.mjs';
import { makeUsage } from './demo-data/usage.mjs';
import * as demo from './demo-data/write-demo.mjs';

const DAY = 86_400_000;
const EVERYONE = 'system:authenticated';
/** The accounts that an installation with the embedded database begins with: they get usage of their own. */
const accounts = ['free', 'premium', 'enterprise', 'admin'];

const { values } = parseArgs({
  options: {
    remove: { type: 'boolean', default: false },
    force: { type: 'boolean', default: false },
    seed: { type: 'string', default: '7' },
    users: { type: 'string', default: '60' },
    days: { type: 'string', default: '30' },
  },
});

const began = Date.now();
const database = await openDatabase(process.env).catch(give);
const client = new pg.Client({ connectionString: database.url, application_name: 'maas-demo-data' });
try {
  await migrate(database.url);
  await client.connect();
  if (values.remove) await removeAll();
  else await fill();
} catch (error) {
  process.exitCode = 1;
  console.error(error instanceof Error && error.name === 'Error' ? error.message : error);
} finally {
  await client.end().catch(() => {});
  await database.close();
}

function give(error) {
  console.error(error.message);
  process.exit(1);
}

async function removeAll() {
  const removed = await demo.inOneChange(client, () => demo.removeDemo(client));
  const parts = Object.entries(removed).filter(([, count]) => count > 0).map(([table, count]) => `${count} of ${table}`); // prettier-ignore
  console.log(parts.length > 0 ? `Removed ${parts.join(', ')}.` : 'There was no demo data.');
}

async function fill() {
  await refuseRealPeople();
  const found = await read();
  const made = make(found);
  await demo.inOneChange(client, async () => {
    await demo.removeDemo(client);
    await demo.writeModels(client, made.models);
    await demo.writePeople(client, made.people);
    await demo.writeTokens(client, made.tokens, found.admin.username);
    await demo.writeUsage(client, made.usage);
    await demo.writeStory(client, made);
  });
  await client.query('ANALYZE usage_event, usage_hourly, issued_token, app_user, audit_entry');
  const { people, models, tokens, usage, audit, transitions } = made;
  console.log(
    `Made ${people.length} users, ${models.length} models, ${tokens.length} tokens, ${usage.events.length} requests, ` +
      `${audit.length} audit entries and ${transitions.length} health transitions in ${((Date.now() - began) / 1000).toFixed(1)} s.\n` +
      'Take it all away with: npm run demo-data -- --remove',
  );
  if (!found.url) console.log('No simulator is known (SIMULATOR_URL), so the models are disabled.');
}

/** Somebody who is neither of the demo data nor one of the accounts that an installation begins with. */
async function refuseRealPeople() {
  const { rows } = await client.query(
    `SELECT username FROM app_user WHERE id::text NOT LIKE $1 AND NOT (provider = 'local' AND subject = ANY($2)) LIMIT 3`,
    [MARKED, accounts],
  );
  if (rows.length === 0 || values.force) return;
  throw new Error(
    `Real people use this database (${rows.map(({ username }) => username).join(', ')} …): invented usage would mix with theirs. ` +
      'If that is what you want, add --force.',
  );
}

/** What there is already: the tiers, the accounts, and where the simulator listens. */
async function read() {
  const { rows: tiers } = await client.query('SELECT name, level, groups FROM tier ORDER BY level, name DESC');
  if (tiers.length === 0) throw new Error('The database has no tiers yet: start the platform once with `npm start`.');
  const { rows: users } = await client.query(
    `SELECT id, username, groups FROM app_user WHERE provider = 'local' AND subject = ANY($1) ORDER BY id`,
    [accounts],
  );
  const { rows: backends } = await client.query(
    'SELECT url FROM backend WHERE bundled AND id::text NOT LIKE $1 LIMIT 1',
    [MARKED],
  );
  const ranked = tiers.map(({ name, groups }, rank) => ({
    name,
    rank,
    groups,
    group: groups.includes(EVERYONE) ? null : (groups[0] ?? null),
  }));
  return {
    tiers: ranked.filter(({ groups }) => groups.length > 0),
    users,
    url: process.env.SIMULATOR_URL ?? backends[0]?.url,
    admin: users.find(({ username }) => username === 'admin') ?? { id: null, username: 'installation' },
  };
}

function make({ tiers, users, url, admin }) {
  const random = seeded(Number(values.seed));
  const now = Date.now();
  const from = now - Number(values.days) * DAY;
  const models = makeModels({ now, tiers, url });
  const people = makePeople(random, { count: Number(values.users), now, tiers, everyone: EVERYONE });
  const apart = setApart(random, { people, tiers, now });
  const own = users.map((user) => ({
    ...user,
    tier: tiers.findLast(({ groups }) => groups.some((group) => user.groups.includes(group))) ?? tiers[0],
    perHour: user.username === 'admin' ? 3 : 6,
    startsAt: 8,
    atWeekends: true,
    hasLeft: false,
  }));
  const everybody = [...people, ...own];
  const tokens = everybody.flatMap((person) => makeTokens(random, person, { from, now }));
  const byOwner = Map.groupBy(tokens, ({ userId }) => userId);
  const troubles = makeTroubles(random, { models, from, now });
  const activeUntil = (person) => person.suspendedAt ?? Infinity;
  const usage = makeUsage(random, {
    people: everybody,
    tokensOf: (person, hour) => (hour < activeUntil(person) ? (byOwner.get(person.id) ?? []) : []),
    models,
    from,
    now,
    troubles,
  });
  for (const person of people) {
    const uses = (byOwner.get(person.id) ?? []).map(({ lastUsedAt }) => lastUsedAt ?? 0);
    person.lastSeenAt = Math.max(person.createdAt, ...uses);
  }
  const audit = makeAudit(random, { admin, people: everybody, apart, tokens, models, from, now });
  return { models, people, tokens, usage, audit, transitions: makeTransitions(troubles) };
}
