import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { placeOf } from '../auth/account-names.js';
import { KubernetesFailure } from '../kubernetes/kubernetes-failure.js';
import { CONFIG, type Config } from '../config.js';
import { DatabaseService } from '../database/database.service.js';
import { reasonOf } from '../database/unreachable.js';
import { ClusterAccounts } from './cluster-accounts.service.js';

const SWEEP_MILLISECONDS = 30_000;

/**
 * Deletes the ServiceAccounts in the cluster whose tokens are revoked, or whose owners are deleted: at once, and again and
 * again where the API server could not be reached. The next token of theirs makes another account, with another uid.
 */
@Injectable()
export class AccountSweeper implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger('ServiceAccounts');
  private timer: NodeJS.Timeout | undefined;
  private sweeping: Promise<void> | undefined;
  private again = false;
  private failing = false;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(DatabaseService) private readonly database: DatabaseService,
    @Inject(ClusterAccounts) private readonly cluster: ClusterAccounts,
  ) {}

  onApplicationBootstrap(): void {
    // Gateways may delete nothing in the cluster.
    if (this.config.TOKEN_ISSUER !== 'serviceaccount' || this.config.MAAS_ROLE === 'gateway') return;
    this.timer = setInterval(() => this.wake(), SWEEP_MILLISECONDS);
    this.timer.unref();
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    this.timer = undefined;
    await this.sweeping;
  }

  /** Sweeps soon; whoever asks does not wait for it. */
  wake(): void {
    if (!this.timer) return;
    this.again = true;
    this.sweeping ??= this.sweepAll().finally(() => {
      this.sweeping = undefined;
      // It may have been asked for between the last look and this.
      if (this.again) this.wake();
    });
  }

  private async sweepAll(): Promise<void> {
    while (this.again) {
      this.again = false;
      try {
        await this.sweep();
        this.failing = false;
      } catch (error) {
        const why = error instanceof KubernetesFailure ? error.message : reasonOf(error);
        if (!this.failing)
          this.logger.warn(`Accounts are deleted later, their tokens are refused here already: ${why}`);
        this.failing = true;
      }
    }
  }

  private async sweep(): Promise<void> {
    const { client } = this.database;
    const rows = await client.tokenAccount.findMany({
      where: { OR: [{ revokedAt: { not: null } }, { userId: null }] },
      select: { subject: true, userId: true, uid: true, revokedAt: true },
    });
    let failure: unknown;
    for (const { subject, userId, uid, revokedAt } of rows) {
      try {
        if (uid !== null) await this.cluster.remove(placeOf(subject), uid);
      } catch (error) {
        // What is refused in one namespace may be granted in the next.
        if ((error as Partial<KubernetesFailure>).code === undefined) throw error;
        failure ??= error;
        continue;
      }
      // Not if another process has made it anew meanwhile.
      const where = { subject, userId, uid, revokedAt };
      if (userId === null) await client.tokenAccount.deleteMany({ where });
      else await client.tokenAccount.updateMany({ where, data: { uid: null, revokedAt: null } });
    }
    if (failure !== undefined) throw failure as KubernetesFailure;
  }
}
