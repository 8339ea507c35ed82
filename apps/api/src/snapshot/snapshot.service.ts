import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type BeforeApplicationShutdown, Inject, Injectable, Logger } from '@nestjs/common';
import { replaceSecretFile } from '../auth/key-files.js';
import { UserDirectory } from '../auth/user-directory.service.js';
import { CONFIG, type Config } from '../config.js';
import { ChangeFeedService } from '../database/change-feed.service.js';
import { DatabaseService } from '../database/database.service.js';
import { Clock } from '../http/clock.js';
import { CredentialVault } from '../models/credential-vault.js';
import { ModelDirectory } from '../models/model-directory.service.js';
import { TierDirectory } from '../tiers/tier-directory.service.js';
import { AccountDirectory } from '../tokens/account-directory.service.js';
import { Revocations } from '../tokens/revocations.service.js';
import { databaseOf, decodeSnapshot, encodeSnapshot, type Snapshot, type SnapshotKeys } from './snapshot-file.js';

const LOOK_MILLISECONDS = 250;
/** The first change after a while is written at once, of many that follow each other no more than this. */
const WRITE_MILLISECONDS = 5000;
/** Also without a change it is said now and then that all is as it was. */
const CONFIRM_MILLISECONDS = 300_000;
const PURPOSE = 'maas snapshot v1';

/** Who keeps something in memory that has to be known for inference. */
interface Keeper {
  keep(): readonly unknown[];
  restore(rows: readonly unknown[]): void;
}

/**
 * Keeps what this process knows of the database in a file, from which a process that starts while the database is away serves
 * inference. It holds no password and no credential that is not sealed.
 */
@Injectable()
export class SnapshotService implements BeforeApplicationShutdown {
  private readonly logger = new Logger('Snapshot');
  private readonly path: string;
  private readonly database: string;
  private readonly keepers: ReadonlyMap<string, Keeper>;
  private readonly keys: SnapshotKeys;
  private readonly confirmAfter: number;
  private written: Pick<Snapshot, 'applied' | 'trueAt'> | undefined;
  private triedAt = -Infinity;
  private writing: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private failing = false;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(DatabaseService) database: DatabaseService,
    @Inject(ChangeFeedService) private readonly feed: ChangeFeedService,
    @Inject(CredentialVault) vault: CredentialVault,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(UserDirectory) users: UserDirectory,
    @Inject(TierDirectory) tiers: TierDirectory,
    @Inject(ModelDirectory) models: ModelDirectory,
    @Inject(Revocations) revocations: Revocations,
    @Inject(AccountDirectory) accounts: AccountDirectory,
  ) {
    this.path = join(config.MAAS_DATA_DIR, 'snapshot');
    this.database = databaseOf(database.url);
    this.keys = { keyId: vault.keyId, keyOf: (id) => vault.derive(PURPOSE, id) };
    this.confirmAfter = Math.min(CONFIRM_MILLISECONDS, config.SNAPSHOT_MAX_AGE / 10);
    // Models are ordered by tiers that come with them: none needs another one to be there first.
    this.keepers = new Map<string, Keeper>(Object.entries({ users, tiers, models, revocations, accounts }));
  }

  /** Unix milliseconds at which what is in the file was true to the database; undefined: there is none of this process. */
  get trueAt(): number | undefined {
    return this.written?.trueAt;
  }

  /** From now on the file follows what is known. */
  start(): void {
    this.timer = setInterval(() => this.look(), LOOK_MILLISECONDS);
    this.timer.unref();
    this.look();
  }

  /**
   * Fills the memory from the file, and lets the process serve from it.
   * @returns whether there is one that can be used; the log says why not
   */
  async restore(): Promise<boolean> {
    try {
      const snapshot = decodeSnapshot(await readFile(this.path, 'utf8'), this.keys, {
        database: this.database,
        now: this.clock.now(),
        maxAge: this.config.SNAPSHOT_MAX_AGE,
      });
      for (const [name, keeper] of this.keepers) keeper.restore(snapshot.rows.get(name) ?? []);
      this.written = snapshot;
      this.feed.startFrom(snapshot);
      const since = new Date(snapshot.trueAt).toISOString();
      this.logger.warn(`Inference is served by what was known at ${since}, until the database can be reached`);
      return true;
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      const why = code === 'ENOENT' ? 'it does not exist' : message;
      this.logger.error(`Nothing can be served until the database can be reached: ${this.path} is not used, ${why}`);
      return false;
    }
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.writing;
    if (this.timer && this.feed.applied !== this.written?.applied) await this.write();
  }

  private look(): void {
    if (this.writing || performance.now() - this.triedAt < WRITE_MILLISECONDS) return;
    const { applied, trueAt } = this.feed;
    const isNew = applied !== this.written?.applied || trueAt - this.written.trueAt > this.confirmAfter;
    if (trueAt === 0 || !isNew) return;
    this.writing = this.write().finally(() => (this.writing = undefined));
  }

  private async write(): Promise<void> {
    this.triedAt = performance.now();
    const { applied, trueAt } = this.feed;
    // Taken in one go, so that it is of one instant; a change that is being applied comes with the next one.
    const rows = new Map([...this.keepers].map(([name, keeper]) => [name, keeper.keep()]));
    try {
      const text: string[] = [];
      for await (const piece of encodeSnapshot({ database: this.database, trueAt, applied, rows }, this.keys)) {
        text.push(piece);
      }
      await replaceSecretFile(this.path, text.join(''));
      this.written = { applied, trueAt };
      this.failing = false;
    } catch (error) {
      if (!this.failing) this.logger.error(`It cannot be written, and the one before stays: ${String(error)}`);
      this.failing = true;
    }
  }
}
