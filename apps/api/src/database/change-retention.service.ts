import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { CONFIG, type Config } from '../config.js';
import { Clock } from '../http/clock.js';
import { logFailedWork } from './database-error.js';
import { DatabaseService } from './database.service.js';

const PRUNE_MILLISECONDS = 3_600_000;
const KEEP_MILLISECONDS = 2 * 86_400_000;
/** Which no process is behind by, as long as it reads: no clock that is wrong takes a change from whoever has yet to read it. */
const KEPT_ALWAYS = 1000;

/** Forgets the changes that every process has read: those of more than two days ago, once an hour. */
@Injectable()
export class ChangeRetention implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(ChangeRetention.name);
  private timer: NodeJS.Timeout | undefined;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(DatabaseService) private readonly database: DatabaseService,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  onApplicationBootstrap(): void {
    // A gateway only reads them; the control plane looks after their table.
    if (this.config.MAAS_ROLE === 'gateway') return;
    void this.prune();
    this.timer = setInterval(() => void this.prune(), PRUNE_MILLISECONDS);
    this.timer.unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  /** Never rejects: what cannot be forgotten now is within the hour. */
  async prune(): Promise<void> {
    const before = new Date(this.clock.now() - KEEP_MILLISECONDS);
    try {
      await this.database.client.$executeRaw`
        DELETE FROM config_change
        WHERE at < ${before} AND seq <= (SELECT max(seq) FROM config_change) - ${KEPT_ALWAYS}::bigint`;
    } catch (error) {
      logFailedWork(this.logger, 'Old changes could not be forgotten, tried again in an hour', error);
    }
  }
}
