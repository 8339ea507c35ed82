import type { INestApplication } from '@nestjs/common';
import pg from 'pg';
import { SetupService } from '../auth/setup.service.js';
import { verifyPassword } from '../auth/passwords.js';
import { UsersService } from '../auth/users.service.js';
import type { Config } from '../config.js';
import { ChangeFeedService } from '../database/change-feed.service.js';
import { DatabaseService } from '../database/database.service.js';
import { CLUSTER_ACTOR } from '../kubernetes/cluster-watcher.service.js';
import { ModelsService } from '../models/models.service.js';
import { TiersService } from '../tiers/tiers.service.js';
import { demoAccounts, randomPassword } from './demo-accounts.js';
import { firstModels } from './first-models.js';
import { firstTiers } from './first-tiers.js';

/** What whoever started the process has to know. */
export interface Installed {
  /** The password of the demo accounts, when it was made just now or given. */
  readonly demoPassword: string | undefined;
  /** The secret of the one-time set-up link, while there is no administrator. */
  readonly setupSecret: string | undefined;
}

const actor = { username: 'installation' };
/** What the cluster had when it was looked at first is no person's change either. */
const nobody = [actor.username, CLUSTER_ACTOR.username];
const INSTALL_LOCK = 0x6d616174;

/**
 * Puts the first tiers and models into a fresh database, and accounts where that is asked for; finishes what a start that
 * was cut off left undone. Of two processes that start at once on one database, one does it.
 * @param demo whether to make the demo accounts, rather than to offer a set-up link
 */
export async function install(nest: INestApplication, config: Config, demo: boolean): Promise<Installed> {
  const { client } = nest.get(DatabaseService);
  return withLock(nest.get(DatabaseService), async () => {
    // As long as nobody has changed anything, what is missing was never there.
    const fresh =
      (await client.auditEntry.count({ where: { NOT: { actorId: null, actorName: { in: nobody } } } })) === 0;
    if (fresh) await nest.get(TiersService).createFirst(actor, firstTiers);
    if (config.SIMULATOR_URL !== undefined) await serveBySimulator(nest, config.SIMULATOR_URL, fresh);
    const demoPassword = demo ? await haveDemoAccounts(nest, config.MAAS_DEMO_PASSWORD, fresh) : undefined;
    const setupSecret = demo ? undefined : await nest.get(SetupService).offer();
    // What another process installed meanwhile must be known here before the first request comes.
    await nest.get(ChangeFeedService).catchUp();
    return { demoPassword, setupSecret };
  });
}

/** The simulator may listen elsewhere at each start, so its backends follow it. */
async function serveBySimulator(nest: INestApplication, simulatorUrl: string, fresh: boolean): Promise<void> {
  const { client } = nest.get(DatabaseService);
  const models = nest.get(ModelsService);
  await models.moveBundled(actor, simulatorUrl);
  const served = fresh ? 0 : await client.auditEntry.count({ where: { action: 'model.create' } });
  if (served > 0) return;
  const known = await client.model.findMany({ select: { id: true } });
  // Where a ConfigMap says which tiers there are, it may be others than those of a fresh installation.
  const tiers = await client.tier.findMany({ select: { name: true } });
  for (const model of firstModels(simulatorUrl)) {
    if (known.some(({ id }) => id === model.id)) continue;
    const open = model.tiers.filter((tier) => tiers.some(({ name }) => name === tier));
    await models.create(actor, { ...model, tiers: open }, { bundled: true });
  }
}

/** @returns the password, if it is new or given */
async function haveDemoAccounts(
  nest: INestApplication,
  given: string | undefined,
  fresh: boolean,
): Promise<string | undefined> {
  const users = nest.get(UsersService);
  const known = await nest.get(DatabaseService).client.user.count();
  const accounts = demoAccounts(given ?? randomPassword());
  const unfinished = known === 0 || (fresh && known < accounts.length);
  if (given === undefined && !unfinished) return undefined;
  for (const account of accounts) {
    const { username, password } = account;
    const user = await users.findLocal(username);
    if (!user && unfinished) await users.create(actor, account);
    if (user && !(await verifyPassword(user.passwordHash, password))) await users.update(actor, user.id, { password });
  }
  return accounts[0]?.password;
}

async function withLock<Result>({ url, openSocket }: DatabaseService, work: () => Promise<Result>): Promise<Result> {
  const holder = new pg.Client({ connectionString: url, application_name: 'maas-install', stream: openSocket });
  // A connection that breaks is told by the next statement; without a listener it would end the process.
  holder.on('error', () => undefined);
  try {
    await holder.connect();
    await holder.query('SELECT pg_advisory_lock($1)', [INSTALL_LOCK]);
    return await work();
  } finally {
    await holder.end();
  }
}
