import type { INestApplication } from '@nestjs/common';
import pg from 'pg';
import { SetupService } from '../auth/setup.service.js';
import { verifyPassword } from '../auth/passwords.js';
import { UsersService } from '../auth/users.service.js';
import type { Config } from '../config.js';
import { DatabaseService } from '../database/database.service.js';
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
const INSTALL_LOCK = 0x6d616174;

/**
 * Puts the first tiers and models into a fresh database, and accounts where that is asked for. Of two processes that start
 * at once on one database, one does it.
 * @param demo whether to make the demo accounts, rather than to offer a set-up link
 */
export async function install(nest: INestApplication, config: Config, demo: boolean): Promise<Installed> {
  const { url, client } = nest.get(DatabaseService);
  return withLock(url, async () => {
    if ((await client.auditEntry.count()) === 0) {
      for (const tier of firstTiers) await nest.get(TiersService).create(actor, tier);
    }
    if (config.SIMULATOR_URL !== undefined) await serveBySimulator(nest, config.SIMULATOR_URL);
    if (!demo) return { demoPassword: undefined, setupSecret: await nest.get(SetupService).offer() };
    return { demoPassword: await haveDemoAccounts(nest, config.MAAS_DEMO_PASSWORD), setupSecret: undefined };
  });
}

/** The simulator may listen elsewhere at each start, so its backends follow it. */
async function serveBySimulator(nest: INestApplication, simulatorUrl: string): Promise<void> {
  const { client } = nest.get(DatabaseService);
  const models = nest.get(ModelsService);
  const known = await client.auditEntry.count({ where: { action: 'model.create' } });
  if (known === 0) for (const model of firstModels(simulatorUrl)) await models.create(actor, model, { bundled: true });
  else await models.moveBundled(simulatorUrl);
}

/** @returns the password, if it is new or given */
async function haveDemoAccounts(nest: INestApplication, given: string | undefined): Promise<string | undefined> {
  const users = nest.get(UsersService);
  const { client } = nest.get(DatabaseService);
  if ((await client.user.count()) === 0) {
    const password = given ?? randomPassword();
    for (const account of demoAccounts(password)) await users.create(actor, account);
    return password;
  }
  if (given === undefined) return undefined;
  for (const { username } of demoAccounts(given)) {
    const user = await users.findLocal(username);
    if (user && !(await verifyPassword(user.passwordHash, given)))
      await users.update(actor, user.id, { password: given });
  }
  return given;
}

async function withLock<Result>(url: string, work: () => Promise<Result>): Promise<Result> {
  const holder = new pg.Client({ connectionString: url, application_name: 'maas-install' });
  await holder.connect();
  try {
    await holder.query('SELECT pg_advisory_lock($1)', [INSTALL_LOCK]);
    return await work();
  } finally {
    await holder.end();
  }
}
