import { type INestApplication, Logger } from '@nestjs/common';
import type { Config } from '../config.js';
import { ChangeFeedService } from '../database/change-feed.service.js';
import { isDatabaseUnavailable } from '../database/database-error.js';
import { probeDatabase } from '../database/database-monitor.js';
import { DatabaseService } from '../database/database.service.js';
import { isUnreachable, reasonOf } from '../database/unreachable.js';
import { KeyAgreement } from '../key-agreement.service.js';
import { SnapshotService } from '../snapshot/snapshot.service.js';
import { Limiter } from '../tiers/limiter.service.js';
import { install, type Installed } from './install.js';
import { migrateApart, MigrationFailed } from './migrate-apart.js';
import type { Role } from './worker-words.js';

const RETRY_MILLISECONDS = 500;
const NOTHING_NEW: Installed = { demoPassword: undefined, setupSecret: undefined };

/**
 * Brings a process and its database together: migrations, all that is known into memory, the first installation. A database
 * that is not there yet is waited for, while inference is served from the last snapshot; one that refuses us is not. Of
 * several workers one installs.
 */
export class Startup {
  private readonly logger = new Logger('Startup');
  /** Why the database is not there; undefined: it is. */
  private away: unknown;

  constructor(
    private readonly config: Config,
    private readonly url: string,
    private readonly role: Role,
  ) {}

  /** @throws MigrationFailed when waiting would not help */
  async migrate(): Promise<void> {
    try {
      await this.probe();
      if (!this.role.isMigrated) await migrateApart(this.url);
    } catch (error) {
      if (!this.canWait(error)) throw error;
      this.away = error;
    }
  }

  /**
   * @param whenInstalled is told when it comes to that later
   * @returns undefined: the database is away, and what can go on goes on
   */
  async begin(nest: INestApplication, whenInstalled: (installed: Installed) => void): Promise<Installed | undefined> {
    try {
      await nest.get(Limiter).start();
      if (this.away === undefined) return await this.complete(nest);
    } catch (error) {
      if (!this.canWait(error)) throw error;
      this.away = error;
    }
    const database = nest.get(DatabaseService);
    // As the monitor says it, so that it is said once.
    database.withhold((this.away instanceof MigrationFailed && this.away.cause) || this.away, () =>
      migrateApart(this.url),
    );
    if (!(await nest.get(SnapshotService).restore())) nest.get(ChangeFeedService).run();
    const complete = () => void this.completeLater(nest, whenInstalled);
    database.whenItReturns(once(complete));
    return undefined;
  }

  /** The embedded database is started by us: that it is not there is no outage. */
  private canWait(error: unknown): boolean {
    if (this.config.DATABASE_URL === undefined) return false;
    return error instanceof MigrationFailed ? error.unreachable : isDatabaseUnavailable(error);
  }

  private async probe(): Promise<void> {
    if (this.config.DATABASE_URL === undefined) return;
    try {
      await probeDatabase(this.url);
    } catch (error) {
      const problem = `The database cannot be used: ${reasonOf(error)}. Check DATABASE_URL.`;
      throw new MigrationFailed(problem, isUnreachable(error), error);
    }
  }

  private async complete(nest: INestApplication): Promise<Installed> {
    await nest.get(ChangeFeedService).start();
    await nest.get(KeyAgreement).start();
    const demo = this.config.DATABASE_URL === undefined;
    const installs = this.role.leads && this.config.MAAS_ROLE !== 'gateway';
    const installed = installs ? await install(nest, this.config, demo) : NOTHING_NEW;
    if (!demo) nest.get(SnapshotService).start();
    return installed;
  }

  /** It may go away again before this is through. */
  private async completeLater(nest: INestApplication, whenInstalled: (installed: Installed) => void): Promise<void> {
    try {
      whenInstalled(await this.complete(nest));
    } catch (error) {
      this.logger.error(`The start is not complete, and is tried again: ${reasonOf(error)}`);
      setTimeout(() => void this.completeLater(nest, whenInstalled), RETRY_MILLISECONDS).unref();
    }
  }
}

function once(work: () => void): () => void {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    work();
  };
}
